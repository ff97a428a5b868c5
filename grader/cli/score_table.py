"""The table of scores in a terminal: a table a unit, in it a row a learner, a column a task; then a row a unit.

What does not fit into the window is written more narrowly, never cut off.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.cli.progress_meter import printable
from grader.gradebook.scores import ScoreRow
from grader.judging.verdict import state_words
from grader.learner.card import MARKS, points_text

_WIDEST = 10_000  # no table is: so wide is one that nothing bounds
_GROUP = 5  # tasks whose marks stand together in a narrow table


def print_scores(rows: Sequence[ScoreRow]) -> None:
    """Print a table for each unit; where there are several, one more of them all."""
    console = Console()
    if not rows:
        console.print("The gradebook holds no scores yet.")
    units = {unit: [row for row in rows if row.unit == unit] for unit in sorted({row.unit for row in rows})}
    for unit, its in units.items():
        table = _table(unit, its)
        width = console.measure(table, options=console.options.update(width=_WIDEST)).maximum
        if width > console.width:
            table, width = _narrow_table(unit, its), console.width
        console.print(table, _legend(its, width), "", highlight=False, sep="\n")
    if len(units) > 1:
        console.print(_of_all(units), highlight=False)
    if rows:
        console.print("  ".join(f"{mark} {state_words(state)}" for state, mark in MARKS.items()), highlight=False)


def _table(unit: str, rows: Sequence[ScoreRow]) -> Table:
    tasks = _tasks(rows)
    table = Table(title=unit, title_justify="left", pad_edge=False)
    table.add_column("learner", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    for number in range(1, len(tasks) + 1):
        table.add_column(str(number), justify="center", no_wrap=True)
    for learner, points, marks in _standings(rows, tasks):
        table.add_row(Text(learner), points, *marks)
    return table


def _narrow_table(unit: str, rows: Sequence[ScoreRow]) -> Table:
    """The same with all marks in one column, by fives; a long name takes several lines."""
    tasks = _tasks(rows)
    starts = range(0, len(tasks), _GROUP)
    table = Table(title=unit, title_justify="left", pad_edge=False)
    table.add_column("learner", overflow="fold")
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column(" ".join(f"{start + 1:<{_GROUP}}" for start in starts).rstrip(), no_wrap=True)
    for learner, points, marks in _standings(rows, tasks):
        groups = ("".join(mark or "·" for mark in marks[start : start + _GROUP]) for start in starts)
        table.add_row(Text(learner), points, " ".join(groups))
    return table


def _standings(rows: Sequence[ScoreRow], tasks: Sequence[str]) -> Iterator[tuple[str, str, list[str]]]:
    """Each learner with points and a mark a task; "" if there is none."""
    for learner in dict.fromkeys(row.learner for row in rows):
        own = {row.task: row for row in rows if row.learner == learner}
        total, most = sum(row.points for row in own.values()), sum(row.max_points for row in own.values())
        marks = [MARKS[own[task].verdict] if task in own else "" for task in tasks]
        yield printable(learner), f"{points_text(total)}/{points_text(most)}", marks


def _legend(rows: Sequence[ScoreRow], width: int) -> Text:
    """Each task's number and name, which stay together where lines end."""
    legend = "  ".join(f"{number}\N{NO-BREAK SPACE}{task}" for number, task in enumerate(_tasks(rows), 1))
    return Text(textwrap.fill(legend, width, break_long_words=False, break_on_hyphens=False), "dim italic")


def _tasks(rows: Sequence[ScoreRow]) -> list[str]:
    return list(dict.fromkeys(row.task for row in rows))


def _of_all(units: Mapping[str, Sequence[ScoreRow]]) -> Table:
    table = Table(pad_edge=False)
    table.add_column("unit", no_wrap=True)
    for name in ("learners", "mean", "of points"):
        table.add_column(name, justify="right", no_wrap=True)
    for unit, rows in units.items():
        learners = {row.learner for row in rows}
        most = sum({row.task: row.max_points for row in rows}.values())
        mean = sum(row.points for row in rows) / len(learners)
        table.add_row(Text(printable(unit)), str(len(learners)), f"{mean:.1f}", points_text(most))
    return table
