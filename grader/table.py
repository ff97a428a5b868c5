"""The table of scores in a terminal: a row a learner and unit, a column a task."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.card import MARKS, points_text
from grader.progress import printable
from grader.report.scores import ScoreRow


def print_scores(rows: Sequence[ScoreRow]) -> None:
    """Print a table for each unit."""
    console = Console()
    if not rows:
        console.print("The gradebook holds no scores yet.")
    for unit in sorted({row.unit for row in rows}):
        console.print(_table(unit, [row for row in rows if row.unit == unit]), highlight=False)
    if rows:
        console.print("  ".join(f"{mark} {state}" for state, mark in MARKS.items()), highlight=False)


def _table(unit: str, rows: Sequence[ScoreRow]) -> Table:
    tasks = list(dict.fromkeys(row.task for row in rows))
    table = Table(title=unit, title_justify="left")
    table.add_column("learner")
    table.add_column("points", justify="right")
    for task in tasks:
        table.add_column(task, justify="center", overflow="fold")
    for learner in dict.fromkeys(row.learner for row in rows):
        own = {row.task: row for row in rows if row.learner == learner}
        total, most = sum(r.points for r in own.values()), sum(r.max_points for r in own.values())
        cells = [_cell(own[task]) if task in own else "" for task in tasks]
        table.add_row(Text(printable(learner)), f"{points_text(total)} of {points_text(most)}", *cells)
    return table


def _cell(row: ScoreRow) -> str:
    part = f" {points_text(row.points)}" if 0 < row.points < row.max_points else ""
    return f"{MARKS[row.verdict]}{part}"
