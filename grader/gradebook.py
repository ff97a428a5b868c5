"""The gradebook: what was handed in, what was observed of the reference, and every verdict. SQLAlchemy; any database.

It is also the queue's memory: a run that is finished here is never done again for the same bytes.
"""

import json
import secrets
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ForeignKey,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    create_engine,
    delete,
    event,
    inspect,
    select,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import StaticPool

from grader.checks import Expectations, expectation_from_json, expectation_to_json
from grader.errors import GradebookError
from grader.report.scores import ScoreRow
from grader.verdict import State, Verdict


class Base(DeclarativeBase):
    """Base of the tables."""


class Setting(Base):
    """One fact about the gradebook: its secret seed."""

    __tablename__ = "settings"
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Expected(Base):
    """What the reference, the starter and the misconceptions of a unit's source gave for this gradebook's seed."""

    __tablename__ = "expected"
    unit: Mapped[str] = mapped_column(String(200), primary_key=True)
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class GradedRun(Base):
    """One notebook's run against one source. `finished` once every task has its verdict."""

    __tablename__ = "runs"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    unit: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(64))
    notebook: Mapped[str] = mapped_column(String(64))
    finished: Mapped[bool] = mapped_column(default=False)
    walled: Mapped[bool] = mapped_column(default=True)
    seconds: Mapped[float] = mapped_column(default=0.0)
    stopped: Mapped[str] = mapped_column(Text, default="")
    executed: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    __table_args__ = (UniqueConstraint("unit", "source", "notebook"),)


class TaskVerdict(Base):
    """The verdict of one task in one run."""

    __tablename__ = "verdicts"
    run: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    task: Mapped[str] = mapped_column(String(200), primary_key=True)
    position: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column(String(30))
    points: Mapped[float] = mapped_column()
    max_points: Mapped[float] = mapped_column()
    message: Mapped[str] = mapped_column(Text)
    misconception: Mapped[str] = mapped_column(String(200))
    shown: Mapped[str] = mapped_column(Text)  # JSON: the failing call, what came back, what was expected, the cell


class Submission(Base):
    """A learner's latest notebook for a unit."""

    __tablename__ = "submissions"
    learner: Mapped[str] = mapped_column(String(200), primary_key=True)
    unit: Mapped[str] = mapped_column(String(200), primary_key=True)
    run: Mapped[int] = mapped_column(ForeignKey("runs.id"))


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
        try:
            self._engine = _engine(url)
            _make_tables(self._engine)
            self.seed = self._seed()
        except (SQLAlchemyError, ImportError, OSError, ValueError) as error:
            raise GradebookError(f"the gradebook {_safe(url)} cannot be opened: {_reason(error)}") from error

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def expectations(self, unit: str, source: str) -> Expectations | None:
        """What was observed of a unit's reference for this gradebook's seed, or None where it was not yet."""
        with self._session() as session:
            row = session.get(Expected, (unit, source))
            form = None if row is None else json.loads(zlib.decompress(row.content))
        return None if form is None else {name: expectation_from_json(task) for name, task in form.items()}

    def keep_expectations(self, unit: str, source: str, expectations: Expectations) -> None:
        """Keep what was observed of a unit's reference."""
        form = {name: expectation_to_json(expectation) for name, expectation in expectations.items()}
        content = zlib.compress(json.dumps(form).encode())
        with self._session() as session:
            _put(session, Expected(unit=unit, source=source, content=content))

    def hand_in(self, learner: str, unit: str, source: str, notebook: str) -> tuple[int, bool]:
        """Note a submission. Returns its run, and whether that is finished: the same bytes are never graded twice."""
        with self._session() as session:
            run = _find_run(session, unit, source, notebook)
            _put(session, Submission(learner=learner, unit=unit, run=run.id))
            return run.id, run.finished

    def begin(self, run: int, walled: bool) -> None:
        """A run begins, anew: what an interrupted one left is taken away."""
        with self._session() as session:
            session.execute(delete(TaskVerdict).where(TaskVerdict.run == run))
            row = session.get_one(GradedRun, run)
            row.finished, row.walled, row.stopped, row.executed = False, walled, "", None

    def write(self, run: int, position: int, cell: int, verdict: Verdict) -> None:
        """Write one verdict. A later one for the same task replaces it."""
        shown = [verdict.call, verdict.came_back, verdict.expected, cell]
        with self._session() as session:
            _put(
                session,
                TaskVerdict(
                    run=run, task=verdict.task, position=position, state=str(verdict.state), points=verdict.points,
                    max_points=verdict.max_points, message=verdict.message, misconception=verdict.misconception,
                    shown=json.dumps(shown),
                ),
            )  # fmt: skip

    def finish(self, run: int, executed: dict[str, Any], stopped: str, seconds: float) -> None:
        """A run has come to its end: keep the notebook as it ran."""
        with self._session() as session:
            row = session.get_one(GradedRun, run)
            row.executed = zlib.compress(json.dumps(executed).encode("utf-8", "surrogatepass"))
            row.finished, row.stopped, row.seconds = True, stopped, seconds

    def score_rows(self) -> list[ScoreRow]:
        """A row for each learner, unit and task, in that order."""
        statement = (
            select(Submission.learner, Submission.unit, TaskVerdict)
            .join(TaskVerdict, TaskVerdict.run == Submission.run)
            .order_by(Submission.learner, Submission.unit, TaskVerdict.position)
        )
        with self._session() as session:
            return [
                ScoreRow(
                    learner, unit, row.task, row.points, row.max_points, State(row.state), row.message,
                    row.misconception,
                )
                for learner, unit, row in session.execute(statement)
            ]  # fmt: skip

    def submissions(self) -> list[tuple[str, str, int]]:
        """Learner, unit and run of every submission that is graded."""
        statement = (
            select(Submission.learner, Submission.unit, Submission.run)
            .join(GradedRun, GradedRun.id == Submission.run)
            .where(GradedRun.finished)
            .order_by(Submission.learner, Submission.unit)
        )
        with self._session() as session:
            return [(learner, unit, run) for learner, unit, run in session.execute(statement)]

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
            row = session.get(Setting, "seed")
            if row is None:
                try:
                    with session.begin_nested():
                        row = Setting(name="seed", value=secrets.token_hex(16))
                        session.add(row)
                except IntegrityError:  # another grader was faster
                    row = session.get_one(Setting, "seed")
            return row.value

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with self._lock:
            try:
                with Session(self._engine, expire_on_commit=False) as session, session.begin():
                    yield session
            except SQLAlchemyError as error:
                url = self._engine.url.render_as_string()
                raise GradebookError(f"the gradebook {_safe(url)} cannot be used: {_reason(error)}") from error


def _put(session: Session, row: Base) -> None:
    """Write a row in place of the one with its key. To delete first is to wait for another grader's turn."""
    table = type(row)
    session.execute(delete(table).where(*[key == getattr(row, key.name) for key in inspect(table).primary_key]))
    session.add(row)


def _find_run(session: Session, unit: str, source: str, notebook: str) -> GradedRun:
    statement = select(GradedRun).where(
        GradedRun.unit == unit, GradedRun.source == source, GradedRun.notebook == notebook
    )
    run = session.scalar(statement)
    if run is None:
        try:
            with session.begin_nested():
                run = GradedRun(unit=unit, source=source, notebook=notebook)
                session.add(run)
        except IntegrityError:  # another grader was faster
            run = session.scalars(statement).one()
    return run


def _engine(url: str) -> Any:
    if "://" not in url:
        url = f"sqlite:///{Path(url)}"
    memory = url in ("sqlite://", "sqlite:///:memory:")
    # One connection is the whole database then: all threads share it, in turn.
    shared = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}} if memory else {}
    engine = create_engine(url, **shared)
    if engine.dialect.name == "sqlite":
        folder = Path(engine.url.database or "").parent
        if not memory and not folder.is_dir():
            raise OSError(f"the folder {folder} does not exist")
        event.listen(engine, "connect", _tune_sqlite)
        # A transaction takes its turn when it begins: one that reads first and then writes would fail, not wait.
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _make_tables(engine: Any) -> None:
    """Make the tables that are missing. Another grader may be making the same ones at this moment: then look again."""
    for _ in Base.metadata.tables:
        try:
            return Base.metadata.create_all(engine)
        except DBAPIError as error:
            if "exists" not in str(error):
                raise
    return Base.metadata.create_all(engine)


def _tune_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the engine begins transactions
    for statement in ("busy_timeout=30000", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {statement}")
    patience = time.monotonic() + 30
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:  # SQLite does not wait here while another opens the same file
            if "locked" not in str(error) or time.monotonic() > patience:
                raise
            time.sleep(0.01)


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


def _safe(url: str) -> str:
    """A URL without its password, which may also stand among its options."""
    scheme, there, rest = url.partition("://")
    head, at, tail = rest.rpartition("@")
    shown = tail.partition("?")[0] if "?" not in head else ""
    return f"{scheme}://{'…@' if at else ''}{shown}" if there else url


def _reason(error: Exception) -> str:
    if isinstance(error, ArgumentError | ValueError):
        return "it is no SQLAlchemy URL; write sqlite:///grades.db or postgresql://host/name"
    if isinstance(error, ImportError):
        return f"its driver is not installed ({error})"
    return str(getattr(error, "orig", None) or error).split("\n")[0]
