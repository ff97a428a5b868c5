"""Runs a unit's reference and keeps what it observes: nobody writes an expected value."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from grader.authoring.reference_errors import check_observed
from grader.core.errors import SourceError
from grader.core.messages import render
from grader.judging.expectation import Expectation, Expectations
from grader.judging.observe import Failure, Observation
from grader.judging.run_record import RunJob
from grader.sandbox import Limits, Run, Sandbox
from grader.units.run_plan import as_far_as, marked_cells, observed_name, reference_plans, run_files
from grader.units.task import Task
from grader.units.unit import Unit

REFERENCE_LIMITS = Limits(seconds=1800)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


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


def observe_reference(unit: Unit, seed: str, sandbox: Sandbox, limits: Limits = REFERENCE_LIMITS
                      ) -> Expectations:  # fmt: skip
    """Run the reference notebook and observe it, its starter, its misconceptions and its alternatives.

    Raises SourceError where the reference does not run to its end without an error.
    """
    return observe_draws(unit, [seed], sandbox, limits)[0]


def observe_draws(
    unit: Unit, seeds: Sequence[str], sandbox: Sandbox, limits: Limits = REFERENCE_LIMITS,
    only: Collection[str] | None = None,
) -> list[Expectations]:  # fmt: skip
    """What `observe_reference` observes for each seed, of one run of the reference notebook.

    With `only`, it observes those tasks alone, and the notebook runs as far as they need.
    """
    tasks = [task for task in unit.tasks.values() if only is None or task.name in only]
    plans = {name: plan for name, plan in reference_plans(unit, seeds).items() if only is None or name in only}
    cells = marked_cells(unit, unit.reference_cells)
    cells = cells if only is None else as_far_as(cells, plans)
    files = run_files(unit, reference_files(unit))
    run = sandbox.run_submission(RunJob(cells, plans, files, limits))
    fail_on_errors(unit, unit.reference_cells, run, "the reference")
    found: list[Expectations] = [
        {task.name: _expectation(unit, task, run, draw) for task in tasks} for draw in range(len(seeds))
    ]
    for seed, expectations in zip(seeds, found, strict=True):
        for task in tasks:
            if any(probe.facts for probe in task.probes.values()):
                unit.judged(task, seed, expectations[task.name])  # refuses facts that do not get through the reference
    return found


def fail_on_errors(unit: Unit, cells: list[dict[str, Any]], run: Run, what: str) -> None:
    """Raise SourceError where a run stopped early, or a cell raised."""
    if run.stopped:
        raise SourceError(f"{unit.path}: {what} stopped in cell {(run.current_cell or 0) + 1}. {render(run.stopped)}")
    for number, cell in sorted(run.cells.items()):
        for output in cell.outputs:
            if output.get("output_type") == "error":
                first = cells[number]["source"].strip().split("\n")[0][:60]
                error = _ANSI.sub("", f"{output.get('ename')}: {output.get('evalue')}")[:300]
                raise SourceError(f"{unit.path}: {what} fails in cell {number + 1} ({first!r}): {error}")


def _expectation(unit: Unit, task: Task, run: Run, draw: int) -> Expectation:
    name = task.name

    def its(seen: Mapping[str, Observation]) -> dict[str, Observation]:
        return {
            probe.name: seen[observed_name(probe.name, draw if probe.is_drawn else 0)] for probe in task.probes.values()
        }

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
