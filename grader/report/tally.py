"""Tallies: what the rows of a class say about each unit. Numbers only; the overview draws them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, median

from grader.core.messages import message, render
from grader.gradebook.scores import ScoreRow
from grader.judging.verdict import State, state_words
from grader.learner.card import points_text

BINS = 10
MOST_MISCONCEPTIONS = 10


class Outcome(StrEnum):
    """A verdict as the overview counts it: what failed with some points is partly right."""

    PASSED = "passed"
    PARTLY = "partly"
    FAILED = "failed"
    NOT_ATTEMPTED = "not_attempted"
    UNGRADED = "ungraded"
    WAITING = "waiting"

    @classmethod
    def of(cls, row: ScoreRow) -> "Outcome":
        """The outcome of a row."""
        return cls.PARTLY if row.verdict == State.FAILED and row.points > 0 else cls(str(row.verdict))

    @property
    def words(self) -> str:
        """The outcome in words."""
        return render(message("state.partly")) if self is Outcome.PARTLY else state_words(State(str(self)))


@dataclass(frozen=True)
class TaskTally:
    """How a task went: the outcomes' counts, and the mean share of its points from 0 to 1."""

    task: str
    max_points: float
    counts: Mapping[Outcome, int]
    share: float

    @property
    def total(self) -> int:
        """How many learners have a verdict for it."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Held:
    """A misconception and how many learners hold it."""

    task: str
    name: str
    hint: str
    count: int


@dataclass(frozen=True)
class Standing:
    """One learner in one unit; `outcomes` are in the order of the tasks, None where there is no verdict."""

    learner: str
    points: float
    share: float
    outcomes: Sequence[tuple[Outcome | None, str]]


@dataclass(frozen=True)
class UnitTally:
    """All that the overview shows of one unit. `bins` counts learners by tenths of the unit's points."""

    unit: str
    title: str
    max_points: float
    mean: float
    median: float
    bins: Sequence[int]
    tasks: Sequence[TaskTally]
    misconceptions: Sequence[Held]
    standings: Sequence[Standing]


def tallies(
    rows: Iterable[ScoreRow], titles: Mapping[str, str], hints: Mapping[tuple[str, str], str]
) -> list[UnitTally]:
    """A tally for each unit, in the order of `titles`; units without a title come last."""
    units: dict[str, list[ScoreRow]] = {unit: [] for unit in titles}
    for row in rows:
        units.setdefault(row.unit, []).append(row)
    return [_unit(unit, titles.get(unit, unit), its, hints) for unit, its in units.items() if its]


def natural(learner: str) -> list[tuple[bool, int, str]]:
    """A key that sorts 2 before 10."""
    parts = re.findall(r"([0-9]{1,18})|([^0-9]+)", learner)
    return [(not number, int(number or 0), text) for number, text in parts]


def _unit(unit: str, title: str, rows: Sequence[ScoreRow], hints: Mapping[tuple[str, str], str]) -> UnitTally:
    by_task: dict[str, dict[str, ScoreRow]] = defaultdict(dict)
    for row in rows:
        by_task[row.task][row.learner] = row
    tasks = [_task(task, its.values()) for task, its in by_task.items()]
    max_points = sum(task.max_points for task in tasks)
    learners = sorted({row.learner for row in rows}, key=natural)
    standings = [_standing(learner, by_task, max_points) for learner in learners]
    points = [standing.points for standing in standings]
    bins = Counter(min(max(int(standing.share * BINS + 1e-9), 0), BINS - 1) for standing in standings)
    return UnitTally(
        unit, title, max_points, fmean(points), median(points), [bins[number] for number in range(BINS)],
        tasks, _misconceptions(unit, by_task, hints), standings,
    )  # fmt: skip


def _task(task: str, rows: Iterable[ScoreRow]) -> TaskTally:
    its = list(rows)
    max_points = max(row.max_points for row in its)
    counts = Counter(Outcome.of(row) for row in its)
    marked = [row for row in its if Outcome.of(row) is not Outcome.WAITING] or its
    share = fmean(row.points for row in marked) / max_points if max_points else 0.0
    return TaskTally(task, max_points, {outcome: counts[outcome] for outcome in Outcome}, share)


def _standing(learner: str, by_task: Mapping[str, Mapping[str, ScoreRow]], max_points: float) -> Standing:
    its = [rows.get(learner) for rows in by_task.values()]
    points = sum(row.points for row in its if row)
    outcomes = [(Outcome.of(row) if row else None, _words(task, row)) for task, row in zip(by_task, its, strict=True)]
    return Standing(learner, points, points / max_points if max_points else 0.0, outcomes)


def _words(task: str, row: ScoreRow | None) -> str:
    if row is None:
        return f"{task}: no verdict"
    return f"{task}: {Outcome.of(row).words}, {points_text(row.points)} of {points_text(row.max_points)}"


def _misconceptions(
    unit: str, by_task: Mapping[str, Mapping[str, ScoreRow]], hints: Mapping[tuple[str, str], str]
) -> list[Held]:
    counts = Counter(
        (task, row.misconception) for task, rows in by_task.items() for row in rows.values() if row.misconception
    )
    return [
        Held(task, name, hints.get((unit, f"{task}.{name}"), ""), count)
        for (task, name), count in counts.most_common(MOST_MISCONCEPTIONS)
    ]
