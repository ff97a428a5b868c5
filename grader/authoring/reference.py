"""Runs a unit's reference and keeps what it observes: nobody writes an expected value."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from grader.authoring.reference_errors import check_observed
from grader.core.errors import SourceError
from grader.judging.observe import Failure, Observation, PlannedProbe
from grader.judging.verdict import Expectation
from grader.learner.checks import Expectations, recorded_text
from grader.notebooks.training_cells import without_training
from grader.sandbox import Limits, Run, Sandbox, TaskPlan
from grader.units.task import Task
from grader.units.unit import Unit

ASIDE = "(The lab's own experiment, unchanged: not run while grading.)"
TRAINING = "(Training: not run while grading. What it made is handed in beside the notebook.)"
REFERENCE_LIMITS = Limits(seconds=1800)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


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
        yield replace(probe, name=_key(probe.name, number), function=probe.name)


def _key(probe: str, draw: int) -> str:
    """What a probe is observed under in a run that observes several draws."""
    return f"{draw}/{probe}" if draw else probe


def run_files(unit: Unit, handed_in: Mapping[str, bytes] = MappingProxyType({})) -> dict[str, bytes]:
    """The files that a submission finds in its work folder: what was handed in with it, and its tasks' names."""
    return {**handed_in, f".checks/{unit.name}.json": recorded_text(unit).encode()}


def reference_files(unit: Unit) -> dict[str, bytes]:
    """The files that the reference hands in, as `grader build` kept them. Raises SourceError where one is missing."""
    found = {}
    for name in unit.files:
        try:
            found[name] = unit.reference_file(name).read_bytes()
        except OSError as error:
            path = unit.reference_file(name)
            raise SourceError(
                f"{path} cannot be read ({error.strerror}): `grader build {unit.name}` makes it"
            ) from error
    return found


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


def observe_reference(unit: Unit, seed: str, sandbox: Sandbox, limits: Limits = REFERENCE_LIMITS
                      ) -> Expectations:  # fmt: skip
    """Run the reference notebook and observe it, its starter, its misconceptions and its alternatives.

    Raises SourceError where the reference does not run to its end without an error.
    """
    return observe_draws(unit, [seed], sandbox, limits)[0]


def observe_draws(
    unit: Unit, seeds: Sequence[str], sandbox: Sandbox, limits: Limits = REFERENCE_LIMITS
) -> list[Expectations]:
    """What `observe_reference` observes for each seed, of one run of the reference notebook."""
    run = sandbox.run(
        marked_cells(unit, unit.reference_cells), reference_plans(unit, seeds),
        run_files(unit, reference_files(unit)), limits,
    )  # fmt: skip
    fail_on_errors(unit, unit.reference_cells, run, "the reference")
    found: list[Expectations] = [
        {name: _expectation(unit, task, run, draw) for name, task in unit.tasks.items()} for draw in range(len(seeds))
    ]
    for seed, expectations in zip(seeds, found, strict=True):
        for task in unit.tasks.values():
            if any(probe.facts for probe in task.probes.values()):
                unit.judged(task, seed, expectations[task.name])  # refuses facts that do not get through the reference
    return found


def fail_on_errors(unit: Unit, cells: list[dict[str, Any]], run: Run, what: str) -> None:
    """Raise SourceError where a run stopped early, or a cell raised."""
    if run.stopped:
        raise SourceError(f"{unit.path}: {what} {run.stopped} in cell {(run.current_cell or 0) + 1}")
    for number, cell in sorted(run.cells.items()):
        for output in cell.outputs:
            if output.get("output_type") == "error":
                first = cells[number]["source"].strip().split("\n")[0][:60]
                error = _ANSI.sub("", f"{output.get('ename')}: {output.get('evalue')}")[:300]
                raise SourceError(f"{unit.path}: {what} fails in cell {number + 1} ({first!r}): {error}")


def _variants(unit: Unit, task: str) -> dict[str, str]:
    found = unit.variants(unit.tasks[task])
    return {f"{kind}/{name}": code for kind, codes in found.items() for name, code in codes.items()}


def _expectation(unit: Unit, task: Task, run: Run, draw: int) -> Expectation:
    name = task.name

    def its(seen: Mapping[str, Observation]) -> dict[str, Observation]:
        return {probe.name: seen[_key(probe.name, draw if probe.is_drawn else 0)] for probe in task.probes.values()}

    def of(kind: str) -> dict[str, Mapping[str, Observation]]:
        return {
            variant.split("/", 1)[1]: its(seen)
            for (observed, variant), seen in run.variants.items()
            if observed == name and variant.startswith(f"{kind}/")
        }

    reference = its(run.observed[name].observations)
    check_observed(unit, name, reference)
    no_file = Observation(failure=Failure("no file", task.file))
    starter = dict.fromkeys(reference, no_file) if task.file else of("starter")["starter"]
    return Expectation(reference, starter, of("misconceptions"), of("alternatives"))
