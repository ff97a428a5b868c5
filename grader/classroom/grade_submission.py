"""Grades one submission: what a worker does, wherever it runs. Bytes go in; what comes out is in the gradebook."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from grader.authoring.reference import observe_draws
from grader.collecting.collect import Content
from grader.core.errors import ClaimLostError, CrowdedError, SubmissionError
from grader.core.messages import Message, Messages, message, messages_to_json, render
from grader.gradebook.gradebook import Gradebook, Placed, Turn
from grader.judging.causes import Causes
from grader.judging.expectation import Expectations, JudgedTask
from grader.judging.run_record import RunJob
from grader.judging.verdict import UNKNOWN, Known, State, Verdict, decide
from grader.notebooks.mentions import HandedOut
from grader.notebooks.verdict_places import asking_cells, place_of
from grader.sandbox import Observed, Run, Sandbox, TaskPlan
from grader.units.inputs import seeds
from grader.units.run_plan import marked_cells, plans, run_files
from grader.units.unit import Unit

Say = Callable[[str], None]


@dataclass(frozen=True)
class JudgedUnit:
    """A unit with all that is needed to judge a submission to it by one draw of its inputs."""

    unit: Unit
    seed: str
    tasks: Mapping[str, JudgedTask]
    all_cells: bool

    @cached_property
    def plans(self) -> dict[str, TaskPlan]:
        """What is observed of each task; the same for every submission."""
        return plans(self.unit, self.seed)

    @cached_property
    def handed_out(self) -> HandedOut:
        """The notebook that learners open."""
        return HandedOut(self.unit.starter_cells)


class JudgedDraws:
    """A unit as it is judged by each draw of a gradebook. What a draw needs is made when it is first asked for."""

    def __init__(self, unit: Unit, secret: str, draws: Sequence[Expectations], *, all_cells: bool = False) -> None:
        self.unit = unit
        self._seeds, self._draws, self._all_cells = seeds(secret), draws, all_cells
        self._made: dict[int, JudgedUnit] = {}
        self._lock = threading.Lock()

    def __getitem__(self, draw: int) -> JudgedUnit:
        with self._lock:
            if draw not in self._made:
                seed, expectations = self._seeds[draw], self._draws[draw]
                tasks = self.unit.judged_tasks(seed, expectations)
                self._made[draw] = JudgedUnit(self.unit, seed, tasks, self._all_cells)
            return self._made[draw]


def kept_expectations(
    unit: Unit, gradebook: Gradebook, sandbox: Sandbox, say: Say = lambda text: None
) -> list[Expectations]:  # fmt: skip
    """What is observed of a unit's reference for each draw of a gradebook: as it is kept there, or observed and kept.

    `say` gets a line before anything runs. Raises SourceError where the reference does not run to its end.
    """
    kept = gradebook.expectations(unit.name, unit.digest)
    if kept is not None:
        return kept
    say(f"Observing the reference of {unit.name}, once for this source and gradebook …")
    gradebook.keep_expectations(unit.name, unit.digest, observe_draws(unit, seeds(gradebook.seed), sandbox))
    # Another command may have been faster: everybody is judged by the same ones.
    return gradebook.expectations(unit.name, unit.digest) or []


def grade_one(
    content: Content, run: int, judged: JudgedUnit, gradebook: Gradebook, sandbox: Sandbox,
    limits: Mapping[str, float], *, again: bool = False, alone: bool = False,
) -> Turn:  # fmt: skip
    """Claim a run and grade a submission into it, unless it is finished or another command's.

    A task that was not reached could not be graded. Raises ServerStoppedError if the fork server died each time,
    CrowdedError if others may be why the notebook met a limit, unless it ran `alone`.
    """
    turn = gradebook.begin(run, sandbox.walled, again=again)
    if turn is Turn.OURS:
        try:
            _grade(content, run, judged, gradebook, sandbox, limits, alone=alone)
        except ClaimLostError:  # whoever took this command for dead grades it
            return Turn.TAKEN
    return turn


def give_up(run: int, judged: JudgedUnit, gradebook: Gradebook) -> None:
    """Say of each task of a run that the sandbox could not run it, through no fault of the notebook's."""
    with suppress(ClaimLostError):
        gradebook.give_up(run, _missing(judged, {}, {}, (message("task.no_sandbox"),)))


def _grade(
    content: Content, run: int, judged: JudgedUnit, gradebook: Gradebook, sandbox: Sandbox,
    limits: Mapping[str, float], *, alone: bool,
) -> None:  # fmt: skip
    try:
        cells = content.cells()
    except SubmissionError as error:
        gradebook.finish(run, {"cells": []}, (), 0.0, _missing(judged, {}, {}, (_why_refused(error),)))
        return
    unit = judged.unit
    bounds = replace(unit.limits, **limits)  # type: ignore[arg-type]
    together = sum(map(len, content.files.values()))
    bounds = replace(bounds, file_bytes=max(bounds.file_bytes, 2 * together))  # what was handed in must find room
    cells = marked_cells(unit, cells, all_cells=judged.all_cells)
    causes = Causes(cells, judged.handed_out, judged.tasks)
    files = run_files(unit, content.files)
    asking = asking_cells(cells)
    several = [task for task, where in asking.items() if len(where) > 1]
    ran = sandbox.run_submission(RunJob(cells, judged.plans, files, bounds, causes.as_handed_out(several)))
    if ran.was_crowded and not alone:
        met = render(ran.stopped) if ran.stopped else "It met a limit of time."
        raise CrowdedError(f"others had the machine meanwhile. {met}")
    bench = _Bench(judged, asking, len(cells), causes, content.refused)
    for placed in bench.judged(ran):
        gradebook.write(run, *placed)
    causes.ran = ran.cells
    missing = _missing(judged, ran.observed, bench.places, _not_reached(ran))
    rest = [(number, cell, _with_file(verdict, judged, ran)) for number, cell, verdict in missing]
    rest += bench.with_causes(ran)
    executed = {**_executed(cells, ran), "causes": [messages_to_json(said) for said in causes.notes(bench.lost)]}
    gradebook.finish(run, executed, (ran.stopped,) if ran.stopped else (), ran.seconds, rest)


def _why_refused(error: SubmissionError) -> Message:
    """Why a submission is refused, in a code of its own if it has one."""
    problem = str(error)
    own = error.said if isinstance(error.said, Message) else None
    return own or message("task.no_notebook", problem=problem[:1].upper() + problem[1:])


class _Bench:
    """Judges what was observed of one run when it is over, and, with what the whole run tells, once more.

    Whoever is still running could measure how long it takes to judge, which depends on what is right: with a hundred
    guesses, each observed in turn, the answer to a question would be found out within one hand-in.
    """

    def __init__(
        self, judged: JudgedUnit, asking: Mapping[str, Sequence[int]], end: int, causes: Causes,
        refused: Mapping[str, str],
    ) -> None:  # fmt: skip
        self._tasks, self._causes, self._refused = judged.tasks, causes, refused
        self._positions = {name: number for number, name in enumerate(judged.tasks)}
        self._asking, self._end = asking, end
        self.places = {name: self._place(name, self._end) for name in judged.tasks}
        self._seen: dict[str, tuple[Observed, Verdict]] = {}
        self.lost: dict[Messages, None] = {}  # what was said of names, in order

    def judged(self, ran: Run) -> Iterator[Placed]:
        """The verdicts of all that was observed.

        An untouched copy of the starter, further below, takes nothing away from an answer that was judged.
        """
        for name, observed in ran.observed.items():
            verdict = self._decided(observed, UNKNOWN)
            if name in ran.earlier and verdict.state == State.NOT_ATTEMPTED:
                before = self._decided(ran.earlier[name], UNKNOWN)
                if before.state != State.NOT_ATTEMPTED:
                    observed, verdict = ran.earlier[name], before
            self._seen[name] = observed, verdict
            yield self._positions[name], self._place(name, observed.cell), verdict

    def with_causes(self, ran: Run) -> Iterator[Placed]:
        """The verdicts of which the whole run tells more."""
        for name in ran.observed:
            observed, verdict = self._seen[name]
            if self._tasks[name].file:
                continue
            known = self._causes.known(name, observed.cell, observed.observations, verdict.state)
            if known != UNKNOWN:
                self.lost |= dict.fromkeys(known.lost.values())
                yield self._positions[name], self._place(name, observed.cell), self._decided(observed, known)

    def _place(self, task: str, cell: int) -> int:
        """The cell that a verdict is shown below: the notebook's own text says it, not the process that ran it."""
        return place_of(self._asking.get(task, ()), cell, self._end)

    def _decided(self, observed: Observed, known: Known) -> Verdict:
        task = self._tasks[observed.task]
        verdict = decide(task, observed.observations, observed.stopped_cell, known)
        if task.file in self._refused and verdict.state == State.NOT_ATTEMPTED:
            not_taken = message("file.not_taken", file=task.file, why=self._refused[task.file])
            return replace(verdict, messages=(not_taken,))
        return verdict


def _missing(judged: JudgedUnit, seen: Mapping[str, Any], places: Mapping[str, int], why: Messages) -> list[Placed]:
    """The verdicts of the tasks that were not seen, each below its cell."""
    return [
        (number, places.get(name, 0), Verdict(name, State.UNGRADED, 0.0, task.points, why))
        for number, (name, task) in enumerate(judged.tasks.items())
        if name not in seen
    ]


def _with_file(verdict: Verdict, judged: JudgedUnit, run: Run) -> Verdict:
    """The verdict of a task that was not reached, with the reason if its file was opened, and why that ended."""
    file = judged.tasks[verdict.task].file
    why = run.files_stopped.get(file)
    return replace(verdict, messages=(message("task.file_stopped", file=file), why)) if why else verdict


def _not_reached(run: Run) -> Messages:
    """Why a task was not reached."""
    cell = run.current_cell
    if run.stopped is None:
        return (message("task.ended") if cell is None else message("task.ended_in_cell", cell=cell + 1),)
    return message("task.stopped") if cell is None else message("task.stopped_in_cell", cell=cell + 1), run.stopped


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
