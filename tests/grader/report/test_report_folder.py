import csv
import os
import stat
import time
from contextlib import nullcontext
from urllib.parse import unquote

import pytest

from grader.classroom.grade_class import grade
from grader.collecting.collect import find_submissions
from grader.core.errors import UsageError
from grader.core.messages import plain
from grader.gradebook.gradebook import Gradebook
from grader.judging.verdict import State, Verdict
from grader.report import report_folder as module
from grader.report.report_folder import write_report
from tests.grader.ordinary import give, ordinary_user
from tests.grader.said import sentence
from tests.grader.toy import SETUP, TOTAL


@pytest.fixture
def book():
    opened = Gradebook("sqlite://")
    yield opened
    opened.close()


def written(book: Gradebook, learner: str, mark: str, unit: str = "toy", walled: bool = True, **more: str) -> None:
    """A graded submission whose notebook and verdict say `mark`."""
    run = book.hand_in(learner, unit, "source", mark).run
    book.begin(run, walled)
    book.write(run, 0, 0, Verdict("double", State.FAILED, 0.5, 2.0, plain(f"message {mark}"), **more))
    book.finish(run, {"cells": [{"cell_type": "markdown", "source": f"cell {mark}"}]}, (), 1.0)


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
    assert rows[1:] == [["001", "toy", "double", "0.5", "2", sentence("state.failed"), "message one"]]


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


NAMES = [
    ".a.part", "mail.999999.part", "x.123.part", "feedback", "index.html", "scores.csv", "con", "NUL.txt", "..hidden",
    ".partial", "n" * 255, "é" * 127, "Anna", "anna", "e\u0301", "\u00e9", "victim", " victim", "victim\u200b", "..",
    ".", "a/../../b", "a b", "50%", "a#b?c", "<b>", "'", "a:b", "\x1b[2J", "_con~0123456789abcdef", "-rf", "~",
]  # fmt: skip


def links(folder) -> list[str]:
    text = (folder / "index.html").read_text()
    return [unquote(part.split('"')[0]) for part in text.split('href="') if part.startswith("feedback/")]


def test_whatever_learners_are_called_each_has_a_page_of_ones_own_that_the_class_links_to(book, toy, tmp_path):
    report = tmp_path / "report"
    for number, learner in enumerate(NAMES):
        written(book, learner, f"number {number}")
    for _ in range(3):  # what one report left breaks no later one
        write_report(report, book, toy, [])
    found = links(report)
    assert len(found) == len(set(found)) == len(NAMES)
    texts = [(report / link).read_text() for link in found]
    assert all(sum(f"cell number {number}</" in text for text in texts) == 1 for number in range(len(NAMES)))
    files = {path for path in report.rglob("*") if path.is_file()}
    assert files == {*(report / link for link in found), report / "index.html", report / "scores.csv"}


def test_an_ordinary_name_is_the_name_of_its_folder(book, toy, tmp_path):
    for learner in ("001", "Zoë 李", "learner-07_x.y", "O'Neill, A. (2)"):
        written(book, learner, learner)
        write_report(tmp_path, book, toy, [])
        assert "cell " in page(tmp_path, learner)


def test_what_is_half_written_lies_where_no_page_does_and_is_removed_after_an_hour(book, toy, tmp_path):
    written(book, "001", "one")
    write_report(tmp_path, book, toy, [])
    old, young = (tmp_path / ".partial" / f".{name}.part" for name in ("old", "young"))
    for path in (old, young):
        path.write_text("half")
    hour = time.time() - 3_700
    os.utime(old, (hour, hour))
    write_report(tmp_path, book, toy, [])
    assert (old.exists(), young.exists()) == (False, True)  # another machine may be writing the young one
    assert sorted(path.name for path in (tmp_path / "feedback").iterdir()) == ["001"]


def modes(folder) -> set[tuple[str, int]]:
    kinds = [("folder" if path.is_dir() else "file", path) for path in (folder, *folder.rglob("*"))]
    return {(kind, stat.S_IMODE(path.stat().st_mode)) for kind, path in kinds}


@pytest.mark.parametrize("as_root", [True, False])
def test_a_report_is_for_its_owner_alone(book, toy, tmp_path, as_root):
    give(tmp_path)
    written(book, "001", "one")
    umask = os.umask(0o000)
    try:
        with nullcontext() if as_root else ordinary_user():
            module.make_folder(tmp_path / "deep" / "report")
            write_report(tmp_path / "deep" / "report", book, toy, [])
    finally:
        os.umask(umask)
    assert modes(tmp_path / "deep") == {("folder", 0o700), ("file", 0o600)}


def test_what_was_opened_to_others_stays_open_when_it_is_written_again(book, toy, tmp_path):
    report = tmp_path / "report"
    written(book, "001", "one")
    write_report(report, book, toy, [])
    for path in (report, *report.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    written(book, "001", "two")
    write_report(report, book, toy, [])
    assert "cell two" in page(report)
    assert modes(report) == {("folder", 0o755), ("file", 0o644)}


def test_pages_of_a_version_that_drew_them_otherwise_are_drawn_again(book, toy, tmp_path, monkeypatch):
    written(book, "001", "one")
    monkeypatch.setattr(module, "_drawing", lambda: "as it was")
    write_report(tmp_path, book, toy, [])
    before = page(tmp_path)
    monkeypatch.undo()
    write_report(tmp_path, book, toy, [])
    assert before != page(tmp_path)


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
    with pytest.raises(UsageError, match="the report cannot be written to .*file: File exists"):
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
