"""`Course`: all units in front of a learner, with what the public checks have earned and what comes next."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from grader.core.text import one_line
from grader.judging.verdict import State
from grader.learner.card import INFORMATION, INK, PAPER, Card, bar, frame, points_text
from grader.learner.checks import ROOMS
from grader.learner.progress import Progress, progress_of

_HEADS = ("Unit", "State", "Points by public checks", "Next")
_CELL = f"background:{PAPER};color:{INK};text-align:left;vertical-align:top;padding:.3em .8em;border:0"
_EMPTY = "No units were found from {}. Open the notebook inside the course's folder."


@dataclass(frozen=True)
class Row:
    """A unit as far as a learner has come. `points` are those that public checks can give, `more` the others."""

    unit: str
    title: str
    notebook: Path
    state: str
    earned: float
    points: float
    more: float
    following: str

    @property
    def points_words(self) -> str:
        """The points in words."""
        more = f" ({points_text(self.more)} more by the grader alone)" if self.more else ""
        return f"{points_text(self.earned)} of {points_text(self.points)}{more}"


class Course:
    """Shown, it is the table of all units: state, points by public checks, and the next thing to do.

    >>> print(Course())  # doctest: +ELLIPSIS
    0 of 6 points by public checks...
    """

    def __init__(self, folder: str | Path = "") -> None:
        self._here = Path(folder or Path.cwd()).resolve()

    def __repr__(self) -> str:
        """The table as plain text."""
        rows = list(self._rows())
        if not rows:
            return _EMPTY.format(self._here)
        cells = [_HEADS, *((row.title, row.state, row.points_words, row.following) for row in rows)]
        widths = [max(len(line[column]) for line in cells) for column in range(len(_HEADS))]
        lines = ["  ".join(f"{text:{width}}" for text, width in zip(line, widths, strict=True)) for line in cells]
        return "\n".join([_summary(rows), *(f"  {line.rstrip()}" for line in lines)])

    def _repr_html_(self) -> str:
        rows = list(self._rows())
        if not rows:
            return Card("No units were found", [_EMPTY.format(self._here)])._repr_html_()
        heads = "".join(f'<th scope="col" style="{_CELL};font-weight:600">{head}</th>' for head in _HEADS)
        lines = "".join(self._line(row) for row in rows)
        table = (
            '<div tabindex="0" role="group" aria-label="units" style="overflow-x:auto">'
            f'<table style="border-collapse:collapse;margin:.5em 0 0"><tr>{heads}</tr>{lines}</table></div>'
        )
        earned, points = _sums(rows)
        return frame(_summary(rows), INFORMATION, bar(earned, points, "points by public checks") + table)

    def _line(self, row: Row) -> str:
        title = escape(row.title)
        if row.notebook.is_file():
            link = quote(Path(os.path.relpath(row.notebook, self._here)).as_posix())
            title = f'<a href="{link}" style="color:{INFORMATION[0]};text-decoration:underline">{title}</a>'
        cells = "".join(
            f'<td style="{_CELL}">{escape(text)}</td>' for text in (row.state, row.points_words, row.following)
        )
        return f'<tr><th scope="row" style="{_CELL};font-weight:600">{title}</th>{cells}</tr>'

    def _rows(self) -> Iterator[Row]:
        for room in self._rooms():
            for path in sorted((room / ".checks").glob("*.json")):
                yield self._row(room, path)

    def _rooms(self) -> list[Path]:
        for folder in (self._here, *self._here.parents):
            found = [folder / name for name in ROOMS if (folder / name / ".checks").is_dir()]
            if found:
                return found
        return [self._here]

    def _row(self, room: Path, path: Path) -> Row:
        unit, notebook = path.stem, room / f"{path.stem}.ipynb"
        try:
            form = json.loads(path.read_text(encoding="utf-8"))
            title = one_line(str(form["title"]))
            points = {str(name): float(task["points"]) for name, task in form["tasks"].items()}
            checked = [name for name, task in form["tasks"].items() if task["probes"]]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return Row(unit, unit, notebook, "unknown", 0, 0, 0, "fetch the course again: its checks are damaged")
        progress = self._progress(room, unit)
        states = {name: progress.state(name) for name in checked}
        passed = [name for name, state in states.items() if state == State.PASSED]
        earned, most = sum(points[name] for name in passed), sum(points[name] for name in checked)
        left = next((name for name in checked if name not in passed), "")
        more = sum(points.values()) - most
        return Row(unit, title, notebook, _state(states), earned, most, more, left or "lab.submit()")

    def _progress(self, room: Path, unit: str) -> Progress:
        """Of the folder in which the learner works, else of the unit's own."""
        mine = self._here / ".progress" / f"{unit}.json"
        return progress_of(self._here if mine.is_file() else room, unit)


def _state(states: Mapping[str, State]) -> str:
    """How far a unit is, by the states of its tasks with public checks."""
    if not states:
        return "for the grader alone"
    if all(state == State.PASSED for state in states.values()):
        return "all passed"
    begun = any(state != State.NOT_ATTEMPTED for state in states.values())
    return "under way" if begun else "not begun"


def _sums(rows: list[Row]) -> tuple[float, float]:
    return sum(row.earned for row in rows), sum(row.points for row in rows)


def _summary(rows: list[Row]) -> str:
    earned, points = _sums(rows)
    # What is under way goes before what is not begun.
    waiting = [row for state in ("under way", "not begun") for row in rows if row.state == state]
    following = f"; next: {waiting[0].title}, {waiting[0].following}" if waiting else ""
    return f"{points_text(earned)} of {points_text(points)} points by public checks{following}"
