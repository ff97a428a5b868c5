"""A class in which some hand in bundles: they are graded like notebooks, and a bad one is a line and stops nobody."""

import datetime
from pathlib import Path

import pytest

from grader.bundles.bundle import new_bundle, pack
from grader.classroom.grade_class import grade
from grader.collecting.collect import find_submissions
from grader.collecting.problems import Kind, of_kind
from grader.gradebook.gradebook import Gradebook
from tests.grader.toy import RIGHT, notebook


@pytest.fixture
def graded(toy, tmp_path, sandbox):
    """Grades a folder; returns each learner's points, the tally and what is no submission."""
    book = Gradebook(str(tmp_path / "grades.db"))

    def call(folder):
        found, problems = find_submissions([folder], toy)
        tally = grade(found, toy, book, {"seconds": 10.0, "memory": 2**28})
        points: dict[str, float] = {}
        for row in book.score_rows():
            points[row.learner] = points.get(row.learner, 0) + row.points
        return points, tally, of_kind(problems, Kind.REFUSED)

    yield call
    book.close()


def bundle(path: Path, *cells: str) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    files = {"toy.ipynb": notebook(*cells).encode(), "model.npy": b"weights"}
    made = new_bundle("toy", files, datetime.datetime.now(datetime.UTC), {})
    path.write_bytes(pack(made))
    return path.read_bytes()


def test_bundles_and_notebooks_are_graded_together_and_the_same_notebook_once(graded, hand_in):
    folder = hand_in("001", *RIGHT)
    bundle(folder / "002" / "toy.zip", *RIGHT)
    bundle(folder / "003_toy.zip", *RIGHT[:3])
    points, tally, problems = graded(folder)
    assert (tally.graded, tally.problems, problems) == (3, [], [])
    assert points == {"001": 6.0, "002": 6.0, "003": 2.0}
    bundle(folder / "002" / "toy.zip", *RIGHT)  # a later time, the same notebook
    assert graded(folder)[1].kept == 3


def test_a_bad_bundle_is_a_line_and_the_class_is_graded(graded, hand_in):
    folder = hand_in("001", *RIGHT)
    before = sorted(folder.parent.rglob("*"))
    changed = bundle(folder / "002" / "toy.zip", *RIGHT).replace(b"weights", b"another")
    (folder / "002" / "toy.zip").write_bytes(changed)
    (folder / "003_toy.zip").write_bytes(b"PK" * 50)
    points, tally, problems = graded(folder)
    assert points == {"001": 6.0}
    assert len(problems + tally.problems) == 2
    assert all("\n" not in problem for problem in problems + tally.problems)
    assert {path.name for path in folder.parent.rglob("*")} - {path.name for path in before} <= {
        "002", "toy.zip", "003_toy.zip", "grades.db", "grades.db-wal", "grades.db-shm",
    }  # fmt: skip
