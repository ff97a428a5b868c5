"""All hostile examples and random blows against the grader, of which `make test` tries a part: one unit more."""

from __future__ import annotations

from pathlib import Path

UNIT = "grader"  # as it is called among the units
TESTS = Path("tests") / "grader"
FILES = (
    "classroom/test_hostile_notebooks.py",
    "classroom/test_nothing_lost.py",
    "collecting/test_hostile_trees.py",
    "sandbox/test_hostile_frames.py",
)
WHOLE = {"HOSTILE": "all"}  # in the environment: `tests.grader.hostile` reads it


def paths(root: Path) -> list[Path]:
    """The files of tests below a course's folder."""
    return [path for name in FILES if (path := root / TESTS / name).is_file()]


def code(root: Path) -> list[Path]:
    """What decides how they end: the whole grader, and what its tests share."""
    return sorted([*(root / "grader").rglob("*.py"), *(root / TESTS).glob("*.py"), *paths(root)])
