"""Scores: one row for each learner, unit and task, and the table as CSV."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

from grader.core.messages import Messages, render
from grader.core.text import one_line
from grader.judging.verdict import State, state_words

COLUMNS = ("learner", "unit", "task", "points", "max_points", "verdict", "message")
MOST = 10_000
# Excel, LibreOffice and Google Sheets take a cell that begins with one of these for a formula; the wide forms in some
# locales. The table may be read with another separator than it is written with, and blanks and quotes may be dropped.
_GUARDED = re.compile(
    "(^|[,;|\t])"
    "(?=[\\s\"'\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]*"
    "[=+\\-@\uff1d\uff0b\uff0d\uff20])"
)
_MARK = r"\~"
_OUTER_BLANKS = re.compile(r"\A +| +\Z")


@dataclass(frozen=True)
class ScoreRow:
    """What one learner earned for one task."""

    learner: str
    unit: str
    task: str
    points: float
    max_points: float
    verdict: State
    messages: Messages
    misconception: str = ""


def scores_csv(rows: Iterable[ScoreRow]) -> str:
    """The rows under COLUMNS. What a spreadsheet would take for a formula gets an apostrophe in front.

    Two learners' ids are never written alike, whatever is in them.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(
            [
                _name(row.learner), _name(row.unit), _name(row.task),
                _number(row.points), _number(row.max_points), state_words(row.verdict), _sentence(render(row.messages)),
            ]
        )  # fmt: skip
    return out.getvalue()


def _name(text: str) -> str:
    """A name in full. What cannot be seen in one is written out, behind a mark that no other name begins with."""
    if text.isprintable() and text == text.strip() and not text.startswith(_MARK):
        return _guarded(text)
    shown = "".join(_written_out(letter) for letter in text)
    return _guarded(_MARK + _OUTER_BLANKS.sub(lambda blanks: r"\x20" * len(blanks[0]), shown))


def _written_out(letter: str) -> str:
    if letter.isprintable() and letter != "\\":
        return letter
    return letter.encode("unicode_escape").decode("ascii")


def _sentence(text: str) -> str:
    line = one_line(" ".join(text.splitlines()).strip(), MOST)
    # A learner may have printed half of a pair: the table must be writable all the same.
    return _guarded(line).encode("utf-8", "replace").decode()


def _guarded(text: str) -> str:
    return _GUARDED.sub(r"\1'", text)


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
