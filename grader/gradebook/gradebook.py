"""The gradebook: what was handed in, what was observed of the reference, and every verdict. SQLAlchemy; any database.

It is also the queue's memory: a run that is finished here is never done again for the same bytes, and one that a
command is at is claimed, so that commands at work on one gradebook share what there is to do.
"""

import json
import threading
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, Engine, Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from grader.core.errors import ClaimLostError, FullDiskError, GradebookError, ValuesError
from grader.core.messages import Messages, messages_from_json, plain
from grader.gradebook.damage import executed_of, points_of, shown_of, state_of
from grader.gradebook.database import failure, has_row, open_engine, put, put_new, safe
from grader.gradebook.scores import ScoreRow
from grader.gradebook.sqlite import READS, refusal
from grader.gradebook.tables import expected, runs, submissions, verdicts
from grader.gradebook.versions import prepare
from grader.gradebook.waiting import Say, Waiting
from grader.gradebook.work_claims import Claimant
from grader.judging.expectation import Expectations, expectation_from_json, expectation_to_json
from grader.judging.verdict import State, Verdict
from grader.units.inputs import draw_for

Placed = tuple[int, int, Verdict]  # a verdict after the task's position in the unit and the cell that it stands below

# What is said for each submission is built once: that takes longer than to say it.
_RUN: BindParameter[int] = bindparam("this")
_FIND = select(runs.c.id, runs.c.finished, runs.c.draw).where(
    *(column == bindparam(f"its_{column.key}") for column in (runs.c.unit, runs.c.source, runs.c.notebook))
)
_DRAW_BEFORE = select(runs.c.draw).join(submissions, submissions.c.run == runs.c.id).where(
    *(column == bindparam(f"its_{column.key}") for column in (submissions.c.learner, submissions.c.unit))
)  # fmt: skip
_LOCK = select(runs.c.finished).where(runs.c.id == _RUN).with_for_update(key_share=True)
_BEGIN = update(runs).where(runs.c.id == _RUN).values(
    finished=False, walled=bindparam("behind_walls"), stopped=(), executed=None
)  # fmt: skip
_CLEAR = delete(verdicts).where(verdicts.c.run == _RUN)
_REMOVE = delete(verdicts).where(verdicts.c.run == _RUN, verdicts.c.task.in_(bindparam("named", expanding=True)))
_ADD = insert(verdicts)
_FINISH = update(runs).where(runs.c.id == _RUN).values(
    finished=True, executed=bindparam("ran"), stopped=bindparam("why"), seconds=bindparam("took")
)  # fmt: skip


class Turn(Enum):
    """What a command may do with a run."""

    OURS = "it is claimed: grade it"
    TAKEN = "another command is at it"
    DONE = "it is finished"


class Noted(NamedTuple):
    """A submission as it was noted: its run, whether that is finished, and which draw of inputs it gets."""

    run: int
    finished: bool
    draw: int


@dataclass(frozen=True)
class Outcome:
    """One graded submission as it is in the gradebook: each verdict after its cell, in the unit's order."""

    learner: str
    unit: str
    run: int
    verdicts: list[tuple[int, Verdict]]
    executed: dict[str, Any]
    stopped: Messages
    walled: bool
    source: str  # the digest of the source that it was graded against

    @property
    def causes(self) -> list[Messages]:
        """What failed on the way, statement by statement. Up to version 3 it was kept as sentences."""
        kept = self.executed.get("causes", ())
        return [plain(form) if isinstance(form, str) else messages_from_json(form) for form in kept]


class Gradebook:
    """A gradebook at a SQLAlchemy URL. Safe to use from threads. Use as a context manager, or `close` it.

    Reading waits for nobody. `say` gets a line when writing, or opening, has to wait for another program.

    >>> with Gradebook("class.db") as book:
    ...     [(row.learner, row.task, row.points) for row in book.score_rows()][:2]
    [('001', 'double', 2.0), ('001', 'total', 3.0)]
    """

    def __init__(self, url: str, say: Say = lambda text: None) -> None:
        self._lock = threading.RLock()  # who writes, and what is unwritten
        self._unwritten: dict[int, list[Placed]] = {}
        self._waiting = Waiting(safe(url), say)
        try:
            self._writes = open_engine(url, self._waiting)
        except (SQLAlchemyError, ImportError, OSError, ValueError) as error:
            raise failure(url, error, "opened") from error
        self._reads = self._writes.execution_options(**{READS: True})
        # One connection alone is used by all threads in turn.
        alone = isinstance(self._writes.pool, StaticPool)
        self._reading_lock: AbstractContextManager[object] = self._lock if alone else nullcontext()
        self._claimant = Claimant(refusal(self._writes))
        try:
            with self._told():
                self.seed = prepare(self._reads, self._writes)
        except (SQLAlchemyError, ImportError, OSError, ValueError) as error:
            self.close()
            raise failure(url, error, "opened") from error
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Gradebook":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def folders(self) -> list[Path]:
        """The folder that it is in, if it is a file: whoever could read it would know all hidden inputs."""
        url = self._writes.url
        name = url.database if url.get_backend_name() == "sqlite" else ""
        return [Path(name).resolve().parent] if name and name != ":memory:" else []

    def close(self) -> None:
        """Let go of the database."""
        self._writes.dispose()

    def expectations(self, unit: str, source: str) -> list[Expectations] | None:
        """What was observed of a unit's reference for each draw of this gradebook, or None where it was not yet."""
        statement = select(expected.c.content).where(expected.c.unit == unit, expected.c.source == source)
        with self._reading() as connection:
            content = connection.scalar(statement)
        if content is None:
            return None
        draws = json.loads(zlib.decompress(content))
        return [{name: expectation_from_json(task) for name, task in draw.items()} for draw in draws]

    def keep_expectations(self, unit: str, source: str, draws: Sequence[Expectations]) -> bool:
        """Keep what was observed of a unit's reference. False where another command was faster: its own are kept."""
        form = [{name: expectation_to_json(expectation) for name, expectation in draw.items()} for draw in draws]
        content = zlib.compress(json.dumps(form).encode())
        with self._writing() as connection:
            return put_new(connection, expected, {"unit": unit, "source": source, "content": content})

    def hand_in(self, learner: str, unit: str, source: str, notebook: str) -> Noted:
        """Note a submission. The same bytes are never graded twice; a learner's other bytes get another draw."""
        its = {"its_unit": unit, "its_source": source, "its_notebook": notebook}
        with self._writing() as connection:
            if connection.execute(_FIND, its).first() is None:
                before = connection.scalar(_DRAW_BEFORE, {"its_learner": learner, "its_unit": unit})
                draw = draw_for(self.seed, notebook, before)
                put_new(connection, runs, {"unit": unit, "source": source, "notebook": notebook, "draw": draw})
            noted = Noted(*connection.execute(_FIND, its).one())
            put(connection, submissions, {"learner": learner, "unit": unit, "run": noted.run})
            return noted

    def begin(self, run: int, walled: bool, *, again: bool = False) -> Turn:
        """Claim a run and begin it, anew: what an interrupted one left is taken away."""
        with self._writing() as connection:
            # Until the transaction ends nobody else gets its row.
            if connection.scalars(_LOCK, {"this": run}).one() and not again:
                return Turn.DONE
            if not self._claimant.claim(connection, run):
                return Turn.TAKEN
            self._unwritten.pop(run, None)
            connection.execute(_CLEAR, {"this": run})
            connection.execute(_BEGIN, {"this": run, "behind_walls": walled})
            return Turn.OURS

    def write(self, run: int, position: int, cell: int, verdict: Verdict) -> None:
        """Take one verdict of a claimed run. A later one for the same task replaces it.

        It is in the database after the next `flush`, or when the run comes to its end: a transaction for each would
        take longer than the judging.
        """
        with self._lock:
            self._unwritten.setdefault(run, []).append((position, cell, verdict))

    def flush(self) -> None:
        """Put what `write` took into the database. Of a run that another command has taken over, nothing."""
        with self._lock:
            while self._unwritten:
                run, placed = self._unwritten.popitem()
                with self._writing() as connection:  # one for each: two commands never wait for each other's rows
                    if self._claimant.holds(connection, run):
                        _write(connection, run, placed)

    def finish(
        self, run: int, executed: dict[str, Any], stopped: Messages, seconds: float, rest: Sequence[Placed] = ()
    ) -> None:
        """A claimed run has come to its end: write the verdicts that are missing and keep the notebook as it ran."""
        with self._writing() as connection:
            self._hold(connection, run)
            _write(connection, run, [*self._unwritten.pop(run, []), *rest])
            content = zlib.compress(json.dumps(executed).encode("utf-8", "surrogatepass"))
            connection.execute(_FINISH, {"this": run, "ran": content, "why": stopped, "took": seconds})
            self._claimant.release(connection, run)

    def give_up(self, run: int, placed: Sequence[Placed]) -> None:
        """A claimed run could not come to its end: show why. It is not finished, and the next command tries again."""
        with self._writing() as connection:
            self._hold(connection, run)
            _write(connection, run, [*self._unwritten.pop(run, []), *placed])
            self._claimant.release(connection, run)

    def taken(self, runs: Collection[int]) -> set[int]:
        """Which of these runs another living command is at. The claims of dead ones are taken away."""
        with self._writing() as connection:
            return self._claimant.taken(connection, runs)

    def beat(self) -> None:
        """Say that this command lives: where nobody else can see that, its claims would run out."""
        with self._writing() as connection:
            self._claimant.beat(connection)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Give all claims back in the end."""
        try:
            yield
        finally:
            # Where the database is out of reach, the claims end with this process all the same.
            with suppress(GradebookError, FullDiskError), self._writing() as connection:
                self._claimant.leave(connection)

    def score_rows(self) -> list[ScoreRow]:
        """A row for each learner, unit and task, in that order."""
        statement = select(submissions.c.learner, submissions.c.unit, verdicts).join(
            verdicts, verdicts.c.run == submissions.c.run
        )
        with self._reading() as connection:
            found = connection.execute(statement).all()
        # Each database sorts letters in its own way.
        return [
            ScoreRow(
                row.learner, row.unit, row.task, points_of(row.points), points_of(row.max_points), state_of(row.state),
                row.message, row.misconception,
            )
            for row in sorted(found, key=lambda row: (row.learner, row.unit, row.position))
        ]  # fmt: skip

    def submissions(self) -> list[tuple[str, str, int]]:
        """Learner, unit and run of every submission that is graded."""
        statement = (
            select(submissions.c.learner, submissions.c.unit, submissions.c.run)
            .join(runs, runs.c.id == submissions.c.run)
            .where(runs.c.finished)
        )
        with self._reading() as connection:
            return sorted((learner, unit, run) for learner, unit, run in connection.execute(statement))

    def graded(self) -> dict[tuple[str, str], str]:
        """The digest of what each learner handed in last for each unit, where that is graded."""
        statement = select(submissions.c.learner, submissions.c.unit, runs.c.notebook)
        with self._reading() as connection:
            found = connection.execute(statement.join(runs, runs.c.id == submissions.c.run).where(runs.c.finished))
            return {(learner, unit): notebook for learner, unit, notebook in found}

    def outcome(self, learner: str, unit: str) -> Outcome:
        """One graded submission with all that its feedback shows. Raises GradebookError if that is damaged."""
        its_run = select(runs).join(submissions, submissions.c.run == runs.c.id)
        with self._reading() as connection:
            run = connection.execute(its_run.where(submissions.c.learner == learner, submissions.c.unit == unit)).one()
            rows = connection.execute(select(verdicts).where(verdicts.c.run == run.id).order_by(verdicts.c.position))
            placed = [_verdict(row) for row in rows]
        try:
            executed = executed_of(run.executed)
        except ValuesError as error:
            raise GradebookError(f"what the gradebook has of {unit} by learner {learner!r} is damaged") from error
        return Outcome(learner, unit, run.id, placed, executed, run.stopped, run.walled, run.source)

    def handed_in(self, learner: str) -> list[str]:
        """The units that a learner has handed in, graded or not."""
        statement = select(submissions.c.unit).where(submissions.c.learner == learner)
        with self._reading() as connection:
            return sorted(connection.scalars(statement))

    def forget(self, learner: str, units: Collection[str]) -> None:
        """Remove a learner's submissions to these units, with verdicts and notebooks that are nobody else's, too.

        Raises GradebookError if a command is grading one of them.
        """
        its = (submissions.c.learner == learner) & submissions.c.unit.in_(units)
        with self._writing() as connection:
            theirs = set(connection.scalars(select(submissions.c.run).where(its)))
            connection.execute(delete(submissions).where(its))
            alone = theirs - set(connection.scalars(select(submissions.c.run).where(submissions.c.run.in_(theirs))))
            if self._claimant.taken(connection, alone):
                raise GradebookError("a command is grading this learner's notebook: wait until it is done")
            connection.execute(delete(runs).where(runs.c.id.in_(alone)))

    def ungraded(self, of: set[tuple[str, str]]) -> bool:
        """Whether any of these submissions (learner, unit) has a task that could not be graded."""
        return any(row.verdict == State.UNGRADED and (row.learner, row.unit) in of for row in self.score_rows())

    def all_walled(self) -> bool:
        """Whether every graded submission ran behind all walls."""
        with self._reading() as connection:
            statement = select(runs.c.id).join(submissions, submissions.c.run == runs.c.id)
            return not has_row(connection, statement.where(runs.c.finished, ~runs.c.walled).limit(1), {})

    def _hold(self, connection: Connection, run: int) -> None:
        """Lock a run that this command has claimed. Raises ClaimLostError where it has lost the claim."""
        if not self._claimant.holds(connection, run):
            self._unwritten.pop(run, None)
            raise ClaimLostError(f"another command has taken over run {run}")

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._reading_lock, self._transaction(self._reads) as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._lock, self._transaction(self._writes) as connection:
            yield connection

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        try:
            with self._told(), engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            url = engine.url.render_as_string()
            raise failure(url, error, "used") from error

    def _told(self) -> AbstractContextManager[object]:
        # SQLite waits only at the beginning, and says so by itself; a server may let any statement wait.
        return nullcontext() if self._writes.dialect.name == "sqlite" else self._waiting.told()


def _write(connection: Connection, run: int, placed: Sequence[Placed]) -> None:
    """Write verdicts of a locked run, each in place of an earlier one for the same task."""
    latest = {verdict.task: (position, cell, verdict) for position, cell, verdict in placed}
    rows = [
        {
            "run": run, "task": verdict.task, "position": position, "state": str(verdict.state),
            "points": verdict.points, "max_points": verdict.max_points, "message": verdict.messages,
            "misconception": verdict.misconception,
            "shown": json.dumps([verdict.call, verdict.came_back, verdict.expected, cell]),
        }
        for position, cell, verdict in latest.values()
    ]  # fmt: skip
    if rows:
        connection.execute(_REMOVE, {"this": run, "named": [row["task"] for row in rows]})
        connection.execute(_ADD, rows)


def _verdict(row: Row[Any]) -> tuple[int, Verdict]:
    call, came_back, wanted, cell = shown_of(row.shown)
    verdict = Verdict(
        row.task, state_of(row.state), points_of(row.points), points_of(row.max_points), row.message, row.misconception,
        call, came_back, wanted,
    )  # fmt: skip
    return cell, verdict
