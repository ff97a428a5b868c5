"""The gradebook: what was handed in, what was observed of the reference, and every verdict. SQLAlchemy; any database.

It is also the queue's memory: a run that is finished here is never done again for the same bytes, and one that a
command is at is claimed, so that commands at work on one gradebook share what there is to do.
"""

import json
import secrets
import threading
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from grader.checks import Expectations, expectation_from_json, expectation_to_json
from grader.claims import Claimant
from grader.database import failure, make_tables, open_engine, put, put_new
from grader.errors import ClaimLostError, FullDiskError, GradebookError
from grader.report.scores import ScoreRow
from grader.tables import Expected, GradedRun, Setting, Submission, TaskVerdict
from grader.verdict import State, Verdict

Placed = tuple[int, int, Verdict]  # a verdict after the task's position in the unit and the cell that it stands below


class Turn(Enum):
    """What a command may do with a run."""

    OURS = "it is claimed: grade it"
    TAKEN = "another command is at it"
    DONE = "it is finished"


@dataclass(frozen=True)
class Outcome:
    """One graded submission as it stands in the gradebook. Verdicts stand after a cell, in the unit's order."""

    learner: str
    unit: str
    run: int
    verdicts: list[tuple[int, Verdict]]
    executed: dict[str, Any]
    stopped: str
    walled: bool


class Gradebook:
    """A gradebook at a SQLAlchemy URL. Safe to use from threads."""

    def __init__(self, url: str) -> None:
        self._lock = threading.RLock()
        self._claimant = Claimant()
        try:
            self._engine = open_engine(url)
            make_tables(self._engine)
            self.seed = self._seed()
        except (SQLAlchemyError, ImportError, OSError, ValueError) as error:
            raise failure(url, error, "opened") from error

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def expectations(self, unit: str, source: str) -> Expectations | None:
        """What was observed of a unit's reference for this gradebook's seed, or None where it was not yet."""
        with self._session() as session:
            row = session.get(Expected, (unit, source))
            form = None if row is None else json.loads(zlib.decompress(row.content))
        return None if form is None else {name: expectation_from_json(task) for name, task in form.items()}

    def keep_expectations(self, unit: str, source: str, expectations: Expectations) -> bool:
        """Keep what was observed of a unit's reference. False where another command was faster: its own are kept."""
        form = {name: expectation_to_json(expectation) for name, expectation in expectations.items()}
        content = zlib.compress(json.dumps(form).encode())
        with self._session() as session:
            return put_new(session, Expected(unit=unit, source=source, content=content))

    def hand_in(self, learner: str, unit: str, source: str, notebook: str) -> tuple[int, bool]:
        """Note a submission. Returns its run, and whether that is finished: the same bytes are never graded twice."""
        with self._session() as session:
            run = _find_run(session, unit, source, notebook)
            put(session, Submission(learner=learner, unit=unit, run=run.id))
            return run.id, run.finished

    def begin(self, run: int, walled: bool, *, again: bool = False) -> Turn:
        """Claim a run and begin it, anew: what an interrupted one left is taken away."""
        with self._session() as session:
            row = _locked(session, run)
            if row.finished and not again:
                return Turn.DONE
            if not self._claimant.claim(session, run):
                return Turn.TAKEN
            session.execute(delete(TaskVerdict).where(TaskVerdict.run == run))
            row.finished, row.walled, row.stopped, row.executed = False, walled, "", None
            return Turn.OURS

    def write(self, run: int, position: int, cell: int, verdict: Verdict) -> None:
        """Write one verdict of a claimed run. A later one for the same task replaces it."""
        with self._session() as session:
            self._hold(session, run)
            _write(session, run, [(position, cell, verdict)])

    def finish(
        self, run: int, executed: dict[str, Any], stopped: str, seconds: float, rest: Sequence[Placed] = ()
    ) -> None:
        """A claimed run has come to its end: write the verdicts that are missing and keep the notebook as it ran."""
        with self._session() as session:
            self._hold(session, run)
            _write(session, run, rest)
            content = zlib.compress(json.dumps(executed).encode("utf-8", "surrogatepass"))
            ended = {"finished": True, "executed": content, "stopped": stopped, "seconds": seconds}
            session.connection().execute(update(GradedRun).where(GradedRun.id == run).values(ended))
            self._claimant.release(session, run)

    def give_up(self, run: int, verdicts: Sequence[Placed]) -> None:
        """A claimed run could not come to its end: show why. It is not finished, and the next command tries again."""
        with self._session() as session:
            self._hold(session, run)
            _write(session, run, verdicts)
            self._claimant.release(session, run)

    def taken(self, runs: Collection[int]) -> set[int]:
        """Which of these runs another living command is at. The claims of dead ones are taken away."""
        with self._session() as session:
            return self._claimant.taken(session, runs)

    def beat(self) -> None:
        """Say that this command lives: where nobody else can see that, its claims would run out."""
        with self._session() as session:
            self._claimant.beat(session)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Give all claims back in the end."""
        try:
            yield
        finally:
            # Where the database is out of reach, the claims end with this process all the same.
            with suppress(GradebookError, FullDiskError), self._session() as session:
                self._claimant.leave(session)

    def score_rows(self) -> list[ScoreRow]:
        """A row for each learner, unit and task, in that order."""
        statement = select(Submission.learner, Submission.unit, TaskVerdict).join(
            TaskVerdict, TaskVerdict.run == Submission.run
        )
        with self._session() as session:
            found = [(learner, unit, row) for learner, unit, row in session.execute(statement)]
        # Each database sorts letters in its own way.
        return [
            ScoreRow(
                learner, unit, row.task, row.points, row.max_points, State(row.state), row.message, row.misconception
            )
            for learner, unit, row in sorted(found, key=lambda item: (item[0], item[1], item[2].position))
        ]

    def submissions(self) -> list[tuple[str, str, int]]:
        """Learner, unit and run of every submission that is graded."""
        statement = (
            select(Submission.learner, Submission.unit, Submission.run)
            .join(GradedRun, GradedRun.id == Submission.run)
            .where(GradedRun.finished)
        )
        with self._session() as session:
            return sorted((learner, unit, run) for learner, unit, run in session.execute(statement))

    def outcome(self, learner: str, unit: str) -> Outcome:
        """One graded submission with all that its feedback shows."""
        with self._session() as session:
            run = session.get_one(GradedRun, session.get_one(Submission, (learner, unit)).run)
            rows = session.scalars(select(TaskVerdict).where(TaskVerdict.run == run.id).order_by(TaskVerdict.position))
            verdicts = [_verdict(row) for row in rows]
            executed = json.loads(zlib.decompress(run.executed)) if run.executed else {"cells": []}
            return Outcome(learner, unit, run.id, verdicts, executed, run.stopped, run.walled)

    def ungraded(self, of: set[tuple[str, str]]) -> bool:
        """Whether any of these submissions (learner, unit) has a task that could not be graded."""
        return any(row.verdict == State.UNGRADED and (row.learner, row.unit) in of for row in self.score_rows())

    def all_walled(self) -> bool:
        """Whether every graded submission ran behind all walls."""
        with self._session() as session:
            statement = select(GradedRun.id).join(Submission, Submission.run == GradedRun.id)
            return session.scalar(statement.where(GradedRun.finished, ~GradedRun.walled).limit(1)) is None

    def _seed(self) -> str:
        with self._session() as session:
            if session.get(Setting, "seed") is None:
                put_new(session, Setting(name="seed", value=secrets.token_hex(16)))
            return session.get_one(Setting, "seed").value

    def _hold(self, session: Session, run: int) -> None:
        """Lock a run that this command has claimed. Raises ClaimLostError where it has lost the claim."""
        if not self._claimant.holds(session, run):
            raise ClaimLostError(f"another command has taken over run {run}")

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with self._lock:
            try:
                with Session(self._engine, expire_on_commit=False) as session, session.begin():
                    yield session
            except SQLAlchemyError as error:
                url = self._engine.url.render_as_string()
                raise failure(url, error, "used") from error


def _locked(session: Session, run: int) -> GradedRun:
    """A run's row. Until the transaction ends nobody else gets it."""
    return session.get_one(GradedRun, run, with_for_update={"key_share": True})


def _find_run(session: Session, unit: str, source: str, notebook: str) -> GradedRun:
    statement = select(GradedRun).where(
        GradedRun.unit == unit, GradedRun.source == source, GradedRun.notebook == notebook
    )
    run = session.scalar(statement)
    if run is None:
        put_new(session, GradedRun(unit=unit, source=source, notebook=notebook))
        run = session.scalars(statement).one()
    return run


def _write(session: Session, run: int, verdicts: Sequence[Placed]) -> None:
    """Write verdicts of a locked run, each in place of an earlier one for the same task."""
    rows = [
        {
            "run": run, "task": verdict.task, "position": position, "state": str(verdict.state),
            "points": verdict.points, "max_points": verdict.max_points, "message": verdict.message,
            "misconception": verdict.misconception,
            "shown": json.dumps([verdict.call, verdict.came_back, verdict.expected, cell]),
        }
        for position, cell, verdict in verdicts
    ]  # fmt: skip
    if rows:
        connection = session.connection()  # a third of the time that the session takes for the same
        same = TaskVerdict.run == run, TaskVerdict.task.in_([row["task"] for row in rows])
        connection.execute(delete(TaskVerdict).where(*same))
        connection.execute(insert(TaskVerdict), rows)


def _verdict(row: TaskVerdict) -> tuple[int, Verdict]:
    call, came_back, expected, cell = json.loads(row.shown)
    verdict = Verdict(
        row.task,
        State(row.state),
        row.points,
        row.max_points,
        row.message,
        row.misconception,
        call,
        came_back,
        expected,
    )
    return cell, verdict
