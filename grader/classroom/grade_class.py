"""Grades a class: each submission once, on every core, every verdict written as soon as its run is over.

Several commands may be at it on one gradebook: they share what there is to do, and take over what one leaves that died.
"""

import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from grader.classroom.grade_submission import JudgedDraws, Say, give_up, grade_one, kept_expectations
from grader.collecting.collect import Content, HandedIn
from grader.collecting.problems import Kind, Problem, reason, told
from grader.core.errors import (
    FullDiskError,
    GradebookError,
    GraderError,
    NoServerError,
    SandboxError,
    SourceError,
    SubmissionError,
)
from grader.core.limits import memory_warning
from grader.core.messages import render
from grader.core.text import one_line
from grader.gradebook.gradebook import Gradebook, Turn
from grader.gradebook.scores import ScoreRow
from grader.gradebook.work_claims import BEAT_SECONDS
from grader.judging.expectation import Expectations
from grader.judging.verdict import State
from grader.learner.card import points_text
from grader.sandbox import Sandbox
from grader.sandbox.inside.python_stack import with_room
from grader.units.course import Course
from grader.units.unit import Unit

POLL_SECONDS = 0.5


@dataclass
class Tally:
    """What one call of `grade` did: how many submissions were graded, and a sentence for each that was not.

    `left` are sentences about files that are no submissions; they are no problems.

    >>> tally = grader.grade(["submissions"], course="course", gradebook="class.db")
    >>> tally.graded + tally.kept, tally.left
    (1, [])
    """

    graded: int = 0
    kept: int = 0  # the same bytes were graded before
    elsewhere: int = 0  # another command graded them meanwhile
    problems: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    taken: set[Path] = field(default_factory=set)  # files beside notebooks that were read with them, or refused


@dataclass
class Waiting:
    """What is to be graded in one run: the same bytes from several learners are one."""

    digest: str
    draw: int
    submissions: list[HandedIn] = field(default_factory=list)

    def read(self, unit: Unit) -> Content:
        """The bytes. Raises SubmissionError where no file has them any more."""
        for submission in self.submissions:
            try:
                content = submission.read(unit.files)
            except Exception as error:  # whatever it is, it costs nobody else anything
                raise SubmissionError(f"{submission}: {reason(error)}") from error
            if content.digest == self.digest:
                return content
        raise SubmissionError(f"{self.submissions[0]}: it changed meanwhile; give the same command again.")


OnDone = Callable[[Tally], None]


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
    sandbox: Sandbox | None = None,
    secret: Sequence[Path] = (),
    say: Say = lambda text: None,
    on_done: OnDone = lambda tally: None,
) -> Tally:
    """Grade submissions. `limits` go before each unit's own, by the names of the fields of `Limits`.

    `say` gets a line about what takes long, `on_done` the tally after each submission. A `sandbox` that was begun
    before, with these `jobs` and walls, is used and ended. No submission sees the course, the gradebook or what is in
    `secret`, such as the folder of the class, wherever they are: UsageError if that cannot be.
    """
    tally = Tally()
    units = _load_units(handed_in, course, tally)
    runs: dict[int, Waiting] = {}
    before = gradebook.graded()
    for submission in handed_in:
        if submission.unit in units:
            with told(submission, submission.learner, tally.problems):
                _note(submission, units[submission.unit], gradebook, before, again, tally, runs)
    if tally.kept:
        on_done(tally)
    if not runs:
        return tally
    needed = [units[name] for name in {waiting.submissions[0].unit: None for waiting in runs.values()}]
    each = int(limits.get("memory", max(unit.limits.memory for unit in needed)))
    if warning := memory_warning(min(jobs, len(runs)), each):
        say(warning)
    say(f"Starting the sandbox for {', '.join(unit.name for unit in needed)} …")
    # They end in turn: the sandbox with what still runs in it, then the threads, then the claims.
    with (
        gradebook.at_work(),
        ThreadPoolExecutor(jobs) as pool,
        sandbox or Sandbox(None, walled=walled, jobs=jobs) as sandbox,
    ):
        sandbox.conceal([course.root, *gradebook.folders, *secret])
        sandbox.preload(course.modules(needed))
        judged = _judged_units(needed, gradebook, sandbox, pool, tally, say, all_cells)
        ready = {run: waiting for run, waiting in runs.items() if waiting.submissions[0].unit in judged}

        def work(run: int, alone: bool) -> Turn:
            unit = judged[ready[run].submissions[0].unit][ready[run].draw]
            content = ready[run].read(unit.unit)
            return grade_one(content, run, unit, gradebook, sandbox, limits, again=again, alone=alone)

        def abandon(run: int, error: Exception) -> str:
            first = ready[run].submissions[0]
            give_up(run, judged[first.unit][ready[run].draw], gradebook)
            why = str(error) if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"
            return f"{first.path}: it could not be graded ({why}). The same command tries it again."

        _Crew(ready, gradebook, tally, work, abandon, on_done).grade_all(pool, jobs, say)
    return tally


def ungraded(gradebook: Gradebook, handed_in: Collection[HandedIn]) -> list[str]:
    """A problem for each submission of which nothing could be graded, and one for those of which a part could not."""
    keys = {(submission.learner, submission.unit) for submission in handed_in}
    if not gradebook.ungraded(keys):
        return []
    mine: dict[tuple[str, str], list[ScoreRow]] = {}
    for row in gradebook.score_rows():
        if (row.learner, row.unit) in keys:
            mine.setdefault((row.learner, row.unit), []).append(row)
    bad = {key: [row for row in rows if row.verdict == State.UNGRADED] for key, rows in mine.items()}
    whole = {key: rows[0] for key, rows in bad.items() if len(rows) == len(mine[key])}
    parts = sum(map(bool, bad.values())) - len(whole)
    some = "1 submission has" if parts == 1 else f"{parts:,} submissions have"
    return [
        *(
            Problem(f"learner '{who}': {unit} could not be graded. {render(row.messages)}", who)
            for (who, unit), row in whole.items()
        ),
        *([f"{some} tasks that could not be graded: the feedback says why."] if parts else []),
    ]


def _load_units(handed_in: Sequence[HandedIn], course: Course, tally: Tally) -> dict[str, Unit]:
    units = {}
    for name in sorted({submission.unit for submission in handed_in}):
        try:
            units[name] = course.unit(name)
        except GraderError as error:
            tally.problems.append(f"{error} (no submission to {name!r} was graded)")
    return units


def _note(
    submission: HandedIn, unit: Unit, gradebook: Gradebook, before: Mapping[tuple[str, str], str], again: bool,
    tally: Tally, runs: dict[int, Waiting],
) -> None:  # fmt: skip
    """Note a submission in the gradebook, and among the runs where there is something to do."""
    content = submission.read(unit.files)
    tally.taken |= {submission.beside(name) for name in [*content.files, *content.refused]}
    tally.problems += [
        Problem(f"{one_line(str(submission.beside(name)))}: it was not taken: {why}", submission.learner, Kind.CHOICE)
        for name, why in content.refused.items()
    ]
    if before.get((submission.learner, submission.unit), content.digest) != content.digest:
        _check_later(submission, content, gradebook)
    noted = gradebook.hand_in(submission.learner, submission.unit, unit.digest, content.digest)
    if noted.finished and not again:
        tally.kept += 1
    else:
        runs.setdefault(noted.run, Waiting(content.digest, noted.draw)).submissions.append(submission)


def _check_later(submission: HandedIn, content: Content, gradebook: Gradebook) -> None:
    """Raise SubmissionError where what came later is no notebook, and the earlier one is graded: its grade stays."""
    try:
        content.cells()
    except SubmissionError as error:
        verdicts = [verdict for _, verdict in gradebook.outcome(submission.learner, submission.unit).verdicts]
        if all(verdict.state == State.UNGRADED for verdict in verdicts):
            return
        points, most = sum(v.points for v in verdicts), sum(v.max_points for v in verdicts)
        raise SubmissionError(
            f"learner '{submission.learner}' had {points_text(points)} of {points_text(most)} points for "
            f"{submission.unit!r} before. That grade stays, since of this file nothing can be graded: {error}"
        ) from error


def _judged_units(
    units: Sequence[Unit], gradebook: Gradebook, sandbox: Sandbox, pool: ThreadPoolExecutor, tally: Tally, say: Say,
    all_cells: bool,
) -> dict[str, JudgedDraws]:  # fmt: skip
    """The units whose references could be observed, by draw: several at once, first those that may take longest."""
    units = sorted(units, key=lambda unit: -unit.limits.seconds)

    def observed(unit: Unit) -> list[Expectations] | SourceError:
        try:
            return kept_expectations(unit, gradebook, sandbox, say)
        except SourceError as error:
            return error

    judged = {}
    for unit, found in zip(units, pool.map(observed, units), strict=True):
        if isinstance(found, SourceError):
            tally.problems.append(f"{found} (no submission to {unit.name!r} was graded)")
            continue
        judged[unit.name] = JudgedDraws(unit, gradebook.seed, found, all_cells=all_cells)
    return judged


class _Crew:
    """Grades runs until each is finished, here or by another command."""

    def __init__(
        self, runs: Mapping[int, Waiting], gradebook: Gradebook, tally: Tally, work: Callable[[int, bool], Turn],
        abandon: Callable[[int, Exception], str], on_done: OnDone,
    ) -> None:  # fmt: skip
        self._runs, self._gradebook, self._tally = runs, gradebook, tally
        self._work, self._abandon, self._on_done = work, abandon, on_done
        self._free = deque(runs)
        self._taken: set[int] = set()  # another command is at them
        # They could not run, or met a limit, and others may be the reason: each is tried alone in the end.
        self._suspects: deque[int] = deque()
        self._alone: int | None = None
        self._flying: dict[Future[Turn], int] = {}

    def grade_all(self, pool: ThreadPoolExecutor, jobs: int, say: Say) -> None:
        """Keep `jobs` runs under way; wait for those that others are at, and take them over where those die."""
        beaten = asked = flushed = time.monotonic()
        waited = False
        while self._free or self._flying or self._suspects or self._taken:
            self._send_out(pool, jobs)
            if not self._flying and not waited:
                waited = True
                say("Waiting for what another command is grading …")
            if self._flying:
                for future in wait(self._flying, POLL_SECONDS, FIRST_COMPLETED).done:
                    self._take_back(self._flying.pop(future), future)
            else:
                time.sleep(POLL_SECONDS)
            now = time.monotonic()
            if now - flushed >= POLL_SECONDS:
                self._gradebook.flush()
                flushed = now
            if now - beaten > BEAT_SECONDS:
                self._gradebook.beat()
                beaten = now
            if self._taken and not self._free and now - asked >= POLL_SECONDS:
                left = self._gradebook.taken(self._taken)
                self._free.extend(sorted(self._taken - left))
                self._taken, asked = left, now

    def _send_out(self, pool: ThreadPoolExecutor, jobs: int) -> None:
        while self._free and len(self._flying) < jobs and self._alone is None:
            run = self._free.popleft()
            self._flying[pool.submit(with_room, self._work, run, False)] = run
        if self._suspects and not self._flying:
            self._alone = self._suspects.popleft()
            self._flying[pool.submit(with_room, self._work, self._alone, True)] = self._alone

    def _take_back(self, run: int, future: Future[Turn]) -> None:
        alone, self._alone = run == self._alone, None
        try:
            turn = future.result()
        except (GradebookError, FullDiskError):  # nothing more can be written
            raise
        except SubmissionError as error:
            self._tally.problems.append(str(error))
            return
        except Exception as error:  # whatever one submission brings about costs no other its grade
            if alone and isinstance(error, NoServerError):  # nothing else runs: it is the machine
                raise
            if alone or not isinstance(error, SandboxError):
                self._tally.problems.append(self._abandon(run, error))
            else:
                self._suspects.append(run)
            return
        if turn is Turn.TAKEN:
            self._taken.add(run)
            return
        learners = len(self._runs[run].submissions)
        if turn is Turn.OURS:
            self._tally.graded += learners
        else:
            self._tally.elsewhere += learners
        self._on_done(self._tally)
