"""Grades one submission: what a worker does, wherever it runs. Bytes go in; what comes out is in the gradebook."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from grader.checks import Expectations
from grader.errors import ClaimLostError, SubmissionError
from grader.gradebook import Gradebook, Placed, Turn
from grader.reference import marked_cells, observe_reference, plans, run_files
from grader.sandbox import Observed, Run, Sandbox, TaskPlan
from grader.submissions import Content
from grader.unit import Unit
from grader.verdict import JudgedTask, State, Verdict, decide

Say = Callable[[str], None]


@dataclass(frozen=True)
class JudgedUnit:
    """A unit with all that is needed to judge a submission to it."""

    unit: Unit
    seed: str
    tasks: Mapping[str, JudgedTask]
    all_cells: bool

    @cached_property
    def plans(self) -> dict[str, TaskPlan]:
        """What is observed of each task; the same for every submission."""
        return plans(self.unit, self.seed)


def kept_expectations(
    unit: Unit, gradebook: Gradebook, sandbox: Sandbox, say: Say = lambda text: None
) -> Expectations:  # fmt: skip
    """What is observed of a unit's reference for a gradebook's seed: as it is kept there, or else observed and kept.

    `say` gets a line before anything runs. Raises SourceError where the reference does not run to its end.
    """
    kept = gradebook.expectations(unit.name, unit.digest)
    if kept is not None:
        return kept
    say(f"Observing the reference of {unit.name}, once for this source and gradebook …")
    gradebook.keep_expectations(unit.name, unit.digest, observe_reference(unit, gradebook.seed, sandbox))
    # Another command may have been faster: everybody is judged by the same ones.
    return gradebook.expectations(unit.name, unit.digest) or {}


def grade_one(
    content: Content, run: int, judged: JudgedUnit, gradebook: Gradebook, sandbox: Sandbox,
    limits: Mapping[str, float], *, again: bool = False,
) -> Turn:  # fmt: skip
    """Claim a run and grade a submission into it, where it is neither finished nor another command's.

    A task that was not reached could not be graded. Raises ServerStoppedError where the fork server died each time.
    """
    turn = gradebook.begin(run, sandbox.walled, again=again)
    if turn is Turn.OURS:
        try:
            _grade(content, run, judged, gradebook, sandbox, limits)
        except ClaimLostError:  # whoever took this command for dead grades it
            return Turn.TAKEN
    return turn


def give_up(run: int, judged: JudgedUnit, gradebook: Gradebook) -> None:
    """Say of each task of a run that the fork server died with it."""
    gradebook.give_up(run, _missing(judged, {}, 0, "The fork server stopped each time this notebook ran."))


def _grade(
    content: Content, run: int, judged: JudgedUnit, gradebook: Gradebook, sandbox: Sandbox, limits: Mapping[str, float]
) -> None:
    try:
        cells = content.cells()
    except SubmissionError as error:
        message = str(error)
        rest = _missing(judged, {}, 0, message[0].upper() + message[1:])
        gradebook.finish(run, {"cells": []}, "", 0.0, rest)
        return
    positions = {name: number for number, name in enumerate(judged.tasks)}

    def judge(observed: Observed) -> None:
        task = judged.tasks[observed.task]
        verdict = decide(task, observed.observations, observed.stopped_cell)
        if task.file in content.refused and verdict.state == State.NOT_ATTEMPTED:
            verdict = replace(verdict, message=f"`{task.file}` was not taken: {content.refused[task.file]}")
        gradebook.write(run, positions[observed.task], observed.cell, verdict)

    unit = judged.unit
    bounds = replace(unit.limits, **limits)  # type: ignore[arg-type]
    together = sum(map(len, content.files.values()))
    bounds = replace(bounds, file_bytes=max(bounds.file_bytes, 2 * together))  # what was handed in must find room
    cells = marked_cells(unit, cells, all_cells=judged.all_cells)
    ran = sandbox.run(cells, judged.plans, run_files(unit, content.files), bounds, judge)
    rest = _missing(judged, ran.observed, len(cells), _stopped_message(ran))
    gradebook.finish(run, _executed(cells, ran), ran.stopped, ran.seconds, rest)


def _missing(judged: JudgedUnit, seen: Mapping[str, Any], cell: int, why: str) -> list[Placed]:
    """The verdicts of the tasks that were not seen, below a cell."""
    return [
        (number, cell, Verdict(name, State.UNGRADED, 0.0, task.points, why))
        for number, (name, task) in enumerate(judged.tasks.items())
        if name not in seen
    ]


def _stopped_message(run: Run) -> str:
    where = f" in cell {run.current_cell + 1}" if run.current_cell is not None else ""
    return f"The notebook {run.stopped or 'ended'}{where}, before this task was reached."


def _executed(cells: list[dict[str, Any]], run: Run) -> dict[str, Any]:
    """The notebook as it ran."""
    shown = [
        {"cell_type": cell["cell_type"], "source": cell["source"], "outputs": _outputs(number, cell, run)}
        for number, cell in enumerate(cells)
    ]
    return {"cells": shown, "stopped_cell": run.current_cell if run.stopped else None}


def _outputs(number: int, cell: dict[str, Any], run: Run) -> list[dict[str, Any]]:
    told = [{"output_type": "stream", "name": "stdout", "text": cell["skip"]}] if cell["skip"] else []
    return told + (run.cells[number].outputs if number in run.cells else [])
