import csv
import os
from urllib.parse import unquote

import pytest

from grader.batch import grade
from grader.errors import UsageError
from grader.gradebook import Gradebook
from grader.report import folder as module
from grader.report.folder import write_report
from grader.submissions import find_submissions
from grader.verdict import State, Verdict
from tests.grader.toy import SETUP, TOTAL


@pytest.fixture
def book():
    opened = Gradebook("sqlite://")
    yield opened
    opened.close()


def written(book: Gradebook, learner: str, mark: str, unit: str = "toy", walled: bool = True, **more: str) -> None:
    """A graded submission whose notebook and verdict say `mark`."""
    run, _ = book.hand_in(learner, unit, "source", mark)
    book.begin(run, walled)
    book.write(run, 0, 0, Verdict("double", State.FAILED, 0.5, 2.0, f"message {mark}", **more))
    book.finish(run, {"cells": [{"cell_type": "markdown", "source": f"cell {mark}"}]}, "", 1.0)


def page(folder, learner: str = "001") -> str:
    return (folder / "feedback" / learner / "toy.html").read_text()


def test_a_report_is_a_table_a_page_for_each_submission_and_one_for_the_class(book, toy, tmp_path):
    written(book, "001", "one")
    written(book, "002", "two", misconception="squared")
    index = write_report(tmp_path / "deep" / "report", book, toy, ["a problem"])
    files = {str(path.relative_to(index.parent)) for path in index.parent.rglob("*") if path.is_file()}
    assert files == {"index.html", "scores.csv", "feedback/001/toy.html", "feedback/002/toy.html"}
    text = index.read_text()
    assert "a problem" in text and "A toy" in text and "That is the square: add x to itself." in text
    assert 'href="feedback/001/toy.html"' in text


def test_the_table_has_exactly_its_columns(book, toy, tmp_path):
    written(book, "001", "one")
    write_report(tmp_path, book, toy, [])
    rows = list(csv.reader((tmp_path / "scores.csv").read_text().splitlines()))
    assert rows[0] == ["learner", "unit", "task", "points", "max_points", "verdict", "message"]
    assert rows[1:] == [["001", "toy", "double", "0.5", "2", "failed", "message one"]]


def test_a_page_is_drawn_again_only_where_something_changed(book, toy, tmp_path, monkeypatch):
    drawn = []
    draw = module.feedback_html
    monkeypatch.setattr(module, "feedback_html", lambda feedback: (drawn.append(feedback.learner), draw(feedback))[1])
    written(book, "001", "one")
    written(book, "002", "two")
    write_report(tmp_path, book, toy, [])
    written(book, "002", "two, better")
    write_report(tmp_path, book, toy, [])
    assert drawn == ["001", "002", "002"]


def test_a_page_is_always_that_of_the_notebook_that_counts(book, toy, tmp_path):
    """Also where that was graded while no report was written, or where the first one was handed in again."""
    for mark in ("one", "two"):
        written(book, "001", mark)
        write_report(tmp_path, book, toy, [])
        assert f"cell {mark}" in page(tmp_path) and f"message {mark}" in page(tmp_path)
    book.hand_in("001", "toy", "source", "one")
    write_report(tmp_path, book, toy, [])
    assert "cell one" in page(tmp_path) and "cell two" not in page(tmp_path)


def test_a_page_that_was_damaged_is_drawn_again(book, toy, tmp_path):
    written(book, "001", "one")
    write_report(tmp_path, book, toy, [])
    (tmp_path / "feedback" / "001" / "toy.html").write_bytes(b"\xff half")
    write_report(tmp_path, book, toy, [])
    assert "cell one" in page(tmp_path)


@pytest.mark.parametrize("learner", ["a b", "é", "50%", "a#b?c", "..x", "<b>", "'"])
def test_any_learners_name_has_a_page_that_the_class_links_to(book, toy, tmp_path, learner):
    written(book, learner, "one")
    index = write_report(tmp_path, book, toy, []).read_text()
    (link,) = {part.split('"')[0] for part in index.split('href="') if part.startswith("feedback/")}
    assert (tmp_path / unquote(link)).read_text() == page(tmp_path, learner)


def test_a_run_without_walls_is_told_on_every_page(book, toy, tmp_path):
    written(book, "001", "one")
    before = write_report(tmp_path, book, toy, []).read_text() + page(tmp_path)
    written(book, "001", "two", walled=False)
    after = [write_report(tmp_path, book, toy, []).read_text(), page(tmp_path)]
    said = "Graded without the sandbox's walls."
    assert [said in text for text in (before, *after)] == [False, True, True]


def test_a_broken_source_has_no_title_and_costs_no_page(book, toy, tmp_path):
    written(book, "001", "one")
    toy.sources["toy"].write_text("nonsense (")
    write_report(tmp_path, book, toy, [])
    assert "cell one" in page(tmp_path)


def test_a_folder_that_cannot_be_written_is_a_usage_error(book, toy, tmp_path):
    written(book, "001", "one")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="the report cannot be written to .*file: Not a directory"):
        write_report(tmp_path / "file", book, toy, [])


def test_feedback_leaks_no_reference_no_hidden_input_and_no_value_that_was_not_public(
    book, toy, tmp_path, hand_in, sandbox
):
    wrong = "seen = []\ndef double(x):\n    seen.append(x)\n    return 3 * x"
    loud = "def total(x):\n    raise ValueError(f'the input is {x.ravel()}')"
    hand_in("001", SETUP, wrong, "lab.check('double')", loud, "lab.check('total')", TOTAL)
    handed_in, _ = find_submissions([tmp_path / "class"], toy)
    grade(handed_in, toy, book, {"seconds": 20})
    write_report(tmp_path / "report", book, toy, [])
    text = "".join(path.read_text() for path in (tmp_path / "report").rglob("*") if path.is_file())
    drawn = toy.unit("toy").plan(toy.unit("toy").tasks["double"], book.seed)[1].inputs["x"]
    secrets = ["referenced", "987654", "1975308", "x + x", "def squared", book.seed, os.fspath(toy.root)]
    assert not [secret for secret in secrets if secret in text]
    assert not [n for n in (*drawn, *(2 * drawn), *(3 * drawn)) if f"{n:.5g}" in text]
    assert "[2., 5.]" in text  # what is public is shown: the fixed input's value
