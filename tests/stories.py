"""The sample class by unit: its stories, and how one unit's part of it is proved and graded."""

from __future__ import annotations

import math
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from types import ModuleType

from grader.core.messages import render
from grader.gradebook.gradebook import Gradebook
from grader.gradebook.scores import ScoreRow
from tests.pace import finished, pace

ROOT = Path(__file__).resolve().parents[1]
CLASS = ROOT / "tests" / "sample_class"
VERIFY_SECONDS, GRADE_SECONDS = 1_800, 1_800
MOST_STRETCHED = 10  # times: a class with an endless loop must come to an end
Rows = Mapping[tuple[str, str], ScoreRow]


def written() -> ModuleType:
    """The script that writes the class, which has all stories."""
    sys.path.insert(0, str(CLASS))
    try:
        import make
    finally:
        sys.path.remove(str(CLASS))
    return make


def new_book(path: Path) -> None:
    """Make a gradebook. Its seed is no secret, so that what fails fails again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    Gradebook(str(path)).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE settings SET value = 'verify' WHERE name = 'seed'")


def grader(*arguments: object, seconds: float = 120) -> subprocess.CompletedProcess[str]:
    """Run the command in the course's folder."""
    return finished([sys.executable, "-m", "grader", *map(str, arguments)], seconds, cwd=ROOT)


def verify(unit: str, book: Path) -> subprocess.CompletedProcess[str]:
    """Prove a unit for a new gradebook, which keeps what was observed."""
    new_book(book)
    return grader("verify", unit, "--gradebook", book, seconds=VERIFY_SECONDS)


def grade(unit: str, book: Path, *options: object) -> subprocess.CompletedProcess[str]:
    """Grade what the sample class handed in for a unit."""
    learners = sorted(path.parent for path in CLASS.glob(f"*/{unit}.ipynb"))
    (stories,) = [lab for lab in written().LABS if unit == lab.NAME]
    limits = [*getattr(stories, "LIMITS", ())]
    if "--timeout" in limits:  # on a machine that others keep busy the honest ones need longer, too
        where = limits.index("--timeout") + 1
        limits[where] = str(math.ceil(float(limits[where]) * min(pace(), MOST_STRETCHED)))
    return grader("grade", *learners, "--gradebook", book, *limits, *options, seconds=GRADE_SECONDS)


def rows(book: Path) -> Rows:
    """The scores that a gradebook has, by learner and task."""
    with Gradebook(str(book)) as opened:
        return {(row.learner, row.task): row for row in opened.score_rows()}


def undeserved(unit: str, found: Rows) -> list[str]:
    """A line for each task of the class in which a story did not get what it says that it deserves."""
    lines = []
    for learner, story in written().CLASS[unit].items():
        own = {task: row for (who, task), row in found.items() if who == learner}
        wanted = _verdicts(story, own) | getattr(story, "gets", {})
        wanted |= dict.fromkeys(getattr(story, "deserves", {}), "failed")
        lines += [f"{learner}, {task}: there is no such task" for task in wanted.keys() - own.keys()]
        for task in sorted(wanted.keys() & own.keys()):
            row, misconception = own[task], getattr(story, "deserves", {}).get(task)
            said = render(row.messages)
            if wanted[task] not in _states(row):
                lines.append(f"{learner}, {task}: {row.verdict}, {row.points:g} points, not {wanted[task]}: {said}")
            elif misconception and row.misconception != misconception:
                lines.append(f"{learner}, {task}: {row.misconception or 'none'}, not {misconception}: {said}")
    return lines


def _verdicts(story: object, own: Mapping[str, ScoreRow]) -> dict[str, str]:
    earned = getattr(story, "earns", None)
    if earned is None:
        return {}
    passed = own if earned == (written().EVERYTHING,) else earned
    return dict.fromkeys(own, "not_attempted") | dict.fromkeys(passed, "passed")


def _states(row: ScoreRow) -> set[str]:
    return {str(row.verdict)} | ({written().IN_PART} if 0 < row.points < row.max_points else set())
