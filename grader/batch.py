"""Grades a class: each submission once, on every core, every verdict written as soon as it is known."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from grader.checks import Expectations
from grader.course import Course
from grader.errors import GraderError, SourceError, SubmissionError
from grader.gradebook import Gradebook
from grader.notebook import read_submission
from grader.reference import marked_cells, observe_reference, plans, run_files
from grader.sandbox import Observed, Run, Sandbox
from grader.submissions import HandedIn, digest
from grader.unit import Unit
from grader.verdict import JudgedTask, State, Verdict, decide

LEFT_OUT = "(The lab's own experiment, unchanged: not run while grading.)"


@dataclass
class Tally:
    """What one call of `grade` did."""

    graded: int = 0
    kept: int = 0  # the same bytes were graded before
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class JudgedUnit:
    """A unit with all that is needed to judge a submission to it."""

    unit: Unit
    seed: str
    tasks: Mapping[str, JudgedTask]
    all_cells: bool


OnDone = Callable[[Tally], None]
Say = Callable[[str], None]


def grade(
    handed_in: Sequence[HandedIn],
    course: Course,
    gradebook: Gradebook,
    limits: Mapping[str, float] = MappingProxyType({}),
    *,
    jobs: int = 1,
    walled: bool = True,
    again: bool = False,
    all_cells: bool = False,
    say: Say = lambda text: None,
    on_done: OnDone = lambda tally: None,
) -> Tally:
    """Grade submissions. `limits` go before each unit's own, by the names of the fields of `Limits`.

    `say` gets a line about what takes long, `on_done` the tally after each submission.
    """
    tally = Tally()
    units = _load_units(handed_in, course, tally)
    waiting = []
    for submission in handed_in:
        if submission.unit in units:
            queued = _queued(submission, units[submission.unit], gradebook, again, tally)
            waiting += [queued] if queued else []
    if tally.kept:
        on_done(tally)
    if not waiting:
        return tally
    needed = [units[name] for name in {submission.unit: None for submission, _, _ in waiting}]
    say(f"Starting the sandbox for {', '.join(unit.name for unit in needed)} …")
    with Sandbox(course.modules(needed), walled=walled, jobs=jobs) as sandbox:
        judged = _judged_units(needed, gradebook, sandbox, tally, say, all_cells)
        ready = [item for item in waiting if item[0].unit in judged]
        _grade_all(ready, judged, gradebook, sandbox, limits, jobs, tally, on_done)
    return tally


def grade_one(
    submission: HandedIn, data: bytes, run: int, judged: JudgedUnit, gradebook: Gradebook, sandbox: Sandbox,
    limits: Mapping[str, float],
) -> None:  # fmt: skip
    """Grade one submission into its run. A task that was not reached could not be graded."""
    gradebook.begin(run, sandbox.walled)
    positions = {name: number for number, name in enumerate(judged.tasks)}
    try:
        cells = read_submission(data)
    except SubmissionError as error:
        message = str(error)
        for name, task in judged.tasks.items():
            gradebook.write(run, positions[name], 0, _ungraded(task, message[0].upper() + message[1:]))
        gradebook.finish(run, {"cells": []}, "", 0.0)
        return

    def judge(observed: Observed) -> None:
        verdict = decide(judged.tasks[observed.task], observed.observations, observed.stopped_cell)
        gradebook.write(run, positions[observed.task], observed.cell, verdict)

    unit = judged.unit
    bounds = replace(unit.limits, **limits)  # type: ignore[arg-type]
    cells = marked_cells(unit, cells, all_cells=judged.all_cells)
    ran = sandbox.run(cells, plans(unit, judged.seed), run_files(unit), bounds, judge)
    for name, task in judged.tasks.items():
        if name not in ran.observed:
            gradebook.write(run, positions[name], len(cells), _ungraded(task, _stopped_message(ran)))
    gradebook.finish(run, _executed(cells, ran), ran.stopped, ran.seconds)


def _load_units(handed_in: Sequence[HandedIn], course: Course, tally: Tally) -> dict[str, Unit]:
    units = {}
    for name in sorted({submission.unit for submission in handed_in}):
        try:
            units[name] = course.unit(name)
        except GraderError as error:
            tally.problems.append(f"{error} (no submission to {name!r} was graded)")
    return units


def _queued(
    submission: HandedIn, unit: Unit, gradebook: Gradebook, again: bool, tally: Tally
) -> tuple[HandedIn, bytes, int] | None:
    """The submission with its bytes and its run, or None where there is nothing to do."""
    try:
        data = submission.read()
    except OSError as error:
        tally.problems.append(f"{submission.path}: it cannot be read ({error.strerror}).")
        return None
    run, finished = gradebook.hand_in(submission.learner, submission.unit, unit.digest, digest(data))
    if finished and not again:
        tally.kept += 1
        return None
    return submission, data, run


def _judged_units(
    units: Sequence[Unit], gradebook: Gradebook, sandbox: Sandbox, tally: Tally, say: Say, all_cells: bool
) -> dict[str, JudgedUnit]:
    judged = {}
    for unit in units:
        try:
            expectations = _expectations(unit, gradebook, sandbox, say)
        except SourceError as error:
            tally.problems.append(f"{error} (no submission to {unit.name!r} was graded)")
            continue
        tasks = {task.name: unit.judged(task, gradebook.seed, expectations[task.name]) for task in unit.tasks.values()}
        judged[unit.name] = JudgedUnit(unit, gradebook.seed, tasks, all_cells)
    return judged


def _expectations(unit: Unit, gradebook: Gradebook, sandbox: Sandbox, say: Say) -> Expectations:
    kept = gradebook.expectations(unit.name, unit.digest)
    if kept is not None:
        return kept
    say(f"Observing the reference of {unit.name}, once for this source and gradebook …")
    seen = observe_reference(unit, gradebook.seed, sandbox)
    gradebook.keep_expectations(unit.name, unit.digest, seen)
    return seen


def _grade_all(
    waiting: Sequence[tuple[HandedIn, bytes, int]], judged: Mapping[str, JudgedUnit], gradebook: Gradebook,
    sandbox: Sandbox, limits: Mapping[str, float], jobs: int, tally: Tally, on_done: OnDone,
) -> None:  # fmt: skip
    # The same bytes from two learners are one run.
    runs = {run: (submission, data) for submission, data, run in waiting}
    learners = Counter(run for _, _, run in waiting)
    stop = threading.Event()

    def work(run: int) -> None:
        submission, data = runs[run]
        if not stop.is_set():
            grade_one(submission, data, run, judged[submission.unit], gradebook, sandbox, limits)

    with ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(work, run): run for run in runs}
        try:
            for future in as_completed(futures):
                future.result()
                tally.graded += learners[futures[future]]
                on_done(tally)
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise


def _ungraded(task: JudgedTask, message: str) -> Verdict:
    return Verdict(task.name, State.UNGRADED, 0.0, task.points, message)


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
    if cell["skip"]:
        return [{"output_type": "stream", "name": "stdout", "text": LEFT_OUT}]
    return run.cells[number].outputs if number in run.cells else []
