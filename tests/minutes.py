"""Where the minutes of a run of tests went, by the reports that pytest left: `python -m tests.minutes build/tests`."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from pathlib import Path

SLOWEST = 5


def table(title: str, rows: Iterable[tuple[str, float]]) -> str:
    """Names and their minutes, the longest first, and the sum."""
    longest = sorted(rows, key=lambda row: (-row[1], row[0]))
    total = sum(seconds for _, seconds in longest)
    wide = max((len(name) for name, _ in longest), default=0)
    lines = [f"  {name:{wide}}  {_minutes(seconds):>6}" for name, seconds in [*longest, ("in all", total)]]
    return "\n".join([title, *lines])


def passes(folder: Path) -> list[tuple[str, float]]:
    """The seconds of each pass that left a report."""
    return [(path.stem, _seconds(path)) for path in sorted(folder.glob("*.xml"))]


def slowest(folder: Path) -> list[tuple[str, float]]:
    """The slowest tests of all passes."""
    cases = [case for path in folder.glob("*.xml") for case in ElementTree.parse(path).iter("testcase")]
    rows = [(f"{case.get('classname')}::{case.get('name')}", float(case.get("time", 0))) for case in cases]
    return sorted(rows, key=lambda row: -row[1])[:SLOWEST]


def _seconds(path: Path) -> float:
    return sum(float(suite.get("time", 0)) for suite in ElementTree.parse(path).iter("testsuite"))


def _minutes(seconds: float) -> str:
    return f"{int(seconds // 60)}:{int(seconds % 60):02d}"


if __name__ == "__main__":
    where = Path(sys.argv[1])
    print(table("Where the minutes went", passes(where)))
    print("The slowest tests", *(f"  {_minutes(seconds)}  {name}" for name, seconds in slowest(where)), sep="\n")
