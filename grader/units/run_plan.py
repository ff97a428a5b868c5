"""What is asked of a run: a notebook's cells as they are run, the probes of its tasks, and the files beside it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from grader.judging.observe import PlannedProbe
from grader.judging.run_record import TaskPlan
from grader.notebooks.cells import checked_tasks
from grader.notebooks.training_cells import without_training
from grader.units.public_checks import recorded_text
from grader.units.task import Task
from grader.units.unit import Unit

ASIDE = "(The lab's own experiment, unchanged: not run while grading.)"
TRAINING = "(Training: not run while grading. What it made is handed in beside the notebook.)"


def plans(unit: Unit, seed: str) -> dict[str, TaskPlan]:
    """What is observed of each task of a submission."""
    return {task.name: TaskPlan(unit.plan(task, seed), task.seconds, file=task.file) for task in unit.tasks.values()}


def reference_plans(unit: Unit, seeds: Sequence[str]) -> dict[str, TaskPlan]:
    """What is observed of the reference: each probe, and each that draws its inputs once more for every further seed.

    Beside the reference's answer the starter, misconceptions and alternatives are observed.
    """
    found = {}
    for task in unit.tasks.values():
        probes = unit.plan(task, seeds[0])
        for number, seed in enumerate(seeds[1:], 1):
            probes += _drawn_again(unit, task, seed, number)
        found[task.name] = TaskPlan(probes, task.seconds * len(seeds), _variants(unit, task.name), task.file)
    return found


def _drawn_again(unit: Unit, task: Task, seed: str, number: int) -> Iterator[PlannedProbe]:
    for probe in unit.plan(task, seed, [probe for probe in task.probes.values() if probe.is_drawn]):
        yield replace(probe, name=observed_name(probe.name, number), function=probe.name)


def observed_name(probe: str, draw: int) -> str:
    """What a probe is observed under in a run that observes several draws."""
    return f"{draw}/{probe}" if draw else probe


def run_files(unit: Unit, handed_in: Mapping[str, bytes] = MappingProxyType({})) -> dict[str, bytes]:
    """The files that a submission finds in its work folder: what was handed in with it, and its tasks' names."""
    return {**handed_in, f".checks/{unit.name}.json": recorded_text(unit).encode()}


def marked_cells(unit: Unit, cells: list[dict[str, Any]], *, all_cells: bool = False) -> list[dict[str, Any]]:
    """The cells, each with `skip`: why it is not run, or "". Of a cell that trains, what remains is in `instead`.

    An aside that was left as it was is not run; nor what trains, where the unit asks for the file that training makes.
    """
    if all_cells:
        return [{**cell, "skip": ""} for cell in cells]
    sources = [cell["source"] if cell["cell_type"] == "code" else "" for cell in cells]
    trains = without_training([s if s not in unit.asides else "" for s in sources]) if unit.files else {}
    return [
        {**cell, "skip": TRAINING, "instead": trains[number]}
        if number in trains
        else {**cell, "skip": ASIDE if cell["source"] in unit.asides else ""}
        for number, cell in enumerate(cells)
    ]


def as_far_as(cells: list[dict[str, Any]], tasks: Collection[str]) -> list[dict[str, Any]]:
    """The cells up to the last that asks for a verdict on one of these tasks; all, if none does."""
    asking = [
        number
        for number, cell in enumerate(cells)
        if cell["cell_type"] == "code" and any(task in tasks for task in checked_tasks(cell["source"]))
    ]
    return cells[: asking[-1] + 1] if asking else cells


def _variants(unit: Unit, task: str) -> dict[str, str]:
    found = unit.variants(unit.tasks[task])
    return {f"{kind}/{name}": code for kind, codes in found.items() for name, code in codes.items()}
