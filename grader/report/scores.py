"""Scores: one row for each learner, unit and task, and the table as CSV."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from grader.line import one_line
from grader.verdict import State

COLUMNS = ("learner", "unit", "task", "points", "max_points", "verdict", "message")
# Excel, LibreOffice and Google Sheets take a cell that begins so for a formula; the wide forms in some locales.
MOST = 10_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@dataclass(frozen=True)
class ScoreRow:
    """What one learner earned for one task."""

    learner: str
    unit: str
    task: str
    points: float
    max_points: float
    verdict: State
    message: str
    misconception: str = ""


def scores_csv(rows: Iterable[ScoreRow]) -> str:
    """The rows under COLUMNS. What a spreadsheet would take for a formula gets a leading apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(
            [
                _safe(row.learner), _safe(row.unit), _safe(row.task),
                _number(row.points), _number(row.max_points), str(row.verdict), _safe(row.message),
            ]
        )  # fmt: skip
    # A learner's id may come from a file name that is no Unicode: the table must be writable all the same.
    return out.getvalue().encode("utf-8", "replace").decode()


def _safe(text: str) -> str:
    line = one_line(" ".join(text.splitlines()).strip(), MOST)
    return f"'{line}" if text.startswith(_FORMULA) or line.startswith(_FORMULA) else line


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
