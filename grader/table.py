"""The table of scores in a terminal: a table a unit, in it a row a learner, a column a task; then a row a unit."""

import textwrap
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.card import MARKS, points_text
from grader.meter import printable
from grader.report.scores import ScoreRow


def print_scores(rows: Sequence[ScoreRow]) -> None:
    """Print a table for each unit; where there are several, one more of them all."""
    console = Console()
    if not rows:
        console.print("The gradebook holds no scores yet.")
    units = {unit: [row for row in rows if row.unit == unit] for unit in sorted({row.unit for row in rows})}
    for unit, its in units.items():
        table = _table(unit, its)
        console.print(table, _legend(its, console.measure(table).maximum), "", highlight=False, sep="\n")
    if len(units) > 1:
        console.print(_of_all(units), highlight=False)
    if rows:
        console.print("  ".join(f"{mark} {state}" for state, mark in MARKS.items()), highlight=False)


def _table(unit: str, rows: Sequence[ScoreRow]) -> Table:
    tasks = _tasks(rows)
    table = Table(title=unit, title_justify="left", pad_edge=False)
    table.add_column("learner", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    for number in range(1, len(tasks) + 1):
        table.add_column(str(number), justify="center", no_wrap=True)
    for learner in dict.fromkeys(row.learner for row in rows):
        own = {row.task: row for row in rows if row.learner == learner}
        total, most = sum(row.points for row in own.values()), sum(row.max_points for row in own.values())
        marks = [MARKS[own[task].verdict] if task in own else "" for task in tasks]
        table.add_row(Text(printable(learner)), f"{points_text(total)}/{points_text(most)}", *marks)
    return table


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
