"""A unit proved, and the sample class graded in it: each story gets the verdicts that it says it deserves.

A part of `make prove`, which names a unit and the folder in which the gradebook is kept from one test to the next.
"""

import os
from pathlib import Path

import pytest

from tests.stories import ROOT, VERIFY_SECONDS, grade, grader, rows, undeserved, verify, written

UNITS = sorted(path.stem for path in (ROOT / "solutions").glob("*.py"))
ASSESSMENTS = [unit for unit in UNITS if unit.startswith("assessment")]

pytestmark = [pytest.mark.slow, pytest.mark.proof]


@pytest.fixture(scope="module")
def books(tmp_path_factory) -> Path:
    """The folder of the gradebooks, one a unit."""
    kept = os.environ.get("PROOF_BOOKS")
    return Path(kept) if kept else tmp_path_factory.mktemp("books")


@pytest.fixture
def book(books, unit) -> Path:
    """The gradebook of a unit, which keeps what was observed when the unit was proved."""
    path = books / f"{unit}.db"
    if not path.exists():
        assert verify(unit, path).returncode == 0
    return path


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_is_proved(unit, books, record_property):
    said = verify(unit, books / f"{unit}.db")
    assert said.returncode == 0, said.stdout + said.stderr
    name, _, counted = said.stdout.splitlines()[0].partition(": ")
    assert name == unit
    record_property("proved", counted.partition(":")[0])


@pytest.mark.parametrize("unit", UNITS)
def test_no_broken_reference_passes_and_most_are_told_what_is_wrong(unit, record_property):
    said = grader("mutants", unit, "--again", seconds=VERIFY_SECONDS)
    assert said.returncode == 0, said.stdout + said.stderr
    record_property("proved", said.stdout.splitlines()[-1].partition(":")[0])


@pytest.mark.parametrize("unit", UNITS)
def test_each_story_gets_what_it_deserves(unit, book, tmp_path, record_property):
    said = grade(unit, book)
    assert said.returncode in (0, 1), said.stdout + said.stderr
    assert "Traceback" not in said.stdout + said.stderr
    found = rows(book)
    assert {learner for learner, _ in found} >= written().CLASS[unit].keys() != set()
    lines = undeserved(unit, found)
    assert not lines, "\n".join(lines)
    if unit in ASSESSMENTS:
        _certificates(unit, book, tmp_path)
    record_property("proved", f"{len({learner for learner, _ in found})} submissions")


def _certificates(unit: str, book: Path, folder: Path) -> None:
    """Who passed can have one, which its key proves; who did not is refused, with the task that is missing."""
    key, page = folder / "certificate.key", folder / "page.html"
    of_the_book = ["--gradebook", book, "--key", key]
    stories = written().CLASS[unit]
    passed = [learner for learner, story in stories.items() if getattr(story, "earns", None)]
    (short, task), *_ = [
        (learner, task)
        for learner, story in stories.items()
        for task, state in getattr(story, "gets", {}).items()
        if state == written().IN_PART
    ]
    for learner in passed:
        assert grader("certificate", learner, *of_the_book, "--output", page).returncode == 0
        assert grader("verify-certificate", page, "--public-key", key.with_suffix(".pub")).returncode == 0
    refused = grader("certificate", short, *of_the_book)
    assert refused.returncode == 1
    assert unit in refused.stderr and task in refused.stderr
    assert passed
