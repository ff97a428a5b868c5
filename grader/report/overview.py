"""Overview: the class's page. How each unit went, what was hard, what was misunderstood, and everybody's points."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.collecting.problems import Kind, in_full, learner_of, of_kind
from grader.gradebook.scores import ScoreRow
from grader.judging.verdict import State
from grader.learner.card import MARKS
from grader.report.page import page
from grader.report.tally import Outcome, UnitTally, natural, tallies


@dataclass(frozen=True)
class Look:
    """How an outcome looks: a mark, a fill told apart in grey and by the colour-blind, and ink for the mark."""

    mark: str
    fill: str
    ink: str


LOOKS = {
    Outcome.PASSED: Look(MARKS[State.PASSED], "#0b6e3b", "#0b6e3b"),
    Outcome.PARTLY: Look("◐", "#7cc7a1", "#0b6e3b"),
    Outcome.FAILED: Look(MARKS[State.FAILED], "#d9622b", "#a3310f"),
    Outcome.NOT_ATTEMPTED: Look(MARKS[State.NOT_ATTEMPTED], "url(#hatch)", "#4a5563"),
    Outcome.UNGRADED: Look(MARKS[State.UNGRADED], "url(#dots)", "#7a5200"),
    Outcome.WAITING: Look(MARKS[State.WAITING], "#9db8d9", "#1d4e89"),
}


@dataclass(frozen=True)
class Total:
    """One learner over all units; `points` are in the order of the units, None where nothing was handed in."""

    learner: str
    points: Sequence[float | None]

    @property
    def total(self) -> float:
        """The sum."""
        return sum(points or 0.0 for points in self.points)


def class_html(
    rows: Iterable[ScoreRow],
    titles: Mapping[str, str],
    hints: Mapping[tuple[str, str], str],
    problems: Sequence[str],
    walled: bool,
    feedback_links: Mapping[tuple[str, str], str],
) -> str:
    """The page: self-contained, without a script.

    `titles` gives a unit's; `hints` a misconception's by (unit, "task.misconception"); `feedback_links` the relative
    address of a feedback page by (learner, unit). `problems` are sentences about what was handed in and not graded, or
    taken in a way that somebody should know.
    """
    units = tallies(rows, titles, hints)
    totals = _totals(units)
    return page(
        "overview.html",
        units=units,
        totals=totals,
        sparse=_is_sparse(totals),
        max_points=sum(unit.max_points for unit in units),
        refused=_told(problems, Kind.REFUSED),
        choices=_told(problems, Kind.CHOICE),
        left=_told(problems, Kind.LEFT),
        walled=walled,
        links={key: href for key, href in feedback_links.items() if _is_relative(href)},
        looks=LOOKS,
    )


def _told(problems: Iterable[str], kind: Kind) -> list[tuple[str, str]]:
    """The problems of a kind after the learner whose each is, those of nobody first; with every file that is listed."""
    told = [(learner_of(problem), in_full(problem)) for problem in of_kind(problems, kind)]
    return sorted(told, key=lambda pair: natural(pair[0]))


def _totals(units: Sequence[UnitTally]) -> list[Total]:
    points = {(standing.learner, unit.unit): standing.points for unit in units for standing in unit.standings}
    learners = sorted({learner for learner, _ in points}, key=natural)
    return [Total(learner, [points.get((learner, unit.unit)) for unit in units]) for learner in learners]


def _is_sparse(totals: Sequence[Total]) -> bool:
    """Whether most learners handed in few of the units: then a list for each learner says more than a table."""
    cells = [points is not None for total in totals for points in total.points]
    return sum(cells) * 2 < len(cells)


def _is_relative(href: str) -> bool:
    """Whether a link stays beside the page: learners' ids stand in it, and could name a scheme or another host."""
    first = href.split("/", 1)[0]
    return bool(first) and ":" not in first and "\\" not in href and href.isprintable()
