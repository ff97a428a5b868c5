"""One submission that is bad in any way: it is told in a line of its own, and it costs nobody anything."""

import os
from pathlib import Path

import pytest

from grader.bundles.places import open_file
from grader.classroom.grade_class import grade
from grader.collecting.collect import Content, HandedIn, find_submissions
from grader.collecting.file_names import read_name
from grader.collecting.problems import Kind, kind_of, learner_of
from grader.core.errors import GradebookError
from grader.core.messages import message
from grader.gradebook.gradebook import Gradebook
from grader.judging.verdict import State
from tests.grader.grading import LIMITS, states
from tests.grader.said import says
from tests.grader.toy import RIGHT, notebook

PASSED, FAILED, NOT_ATTEMPTED = State.PASSED, State.FAILED, State.NOT_ATTEMPTED


BROKEN = {
    "nothing": b"",
    "cut off": b'{"cells": [',
    "a web page": b"<html>",
    "a zip file": b"PK\x03\x04",
    "a list": b"[]",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_notebook_does_not_take_the_place_of_a_graded_one(graded, book, hand_in, name):
    folder = hand_in("001", *RIGHT)
    graded(folder)
    tally = graded(hand_in("001", BROKEN[name]))
    (problem,) = tally.problems
    said = (
        "learner '001' had 6 of 6 points for 'toy' before. That grade stays, since of this file nothing can be graded: "
    )
    assert problem.startswith(f"{folder}/001/toy.ipynb: {said}")
    assert (learner_of(problem), kind_of(problem)) == ("001", Kind.REFUSED)
    assert (tally.graded, set(states(book).values())) == (0, {PASSED})
    assert graded(folder).problems == tally.problems  # as long as it lies there
    assert graded(hand_in("001", *RIGHT[:3])).graded == 1 and states(book)["total"] == NOT_ATTEMPTED


def test_a_file_that_is_no_notebook_takes_the_place_of_another_one(graded, book, hand_in):
    graded(hand_in("001", b""))
    tally = graded(hand_in("001", b"<html>"))
    assert (tally.graded, tally.problems) == (1, [])
    assert says(book.score_rows()[-1]) == [message("notebook.web_page")]


FAULTS = [
    RecursionError("too deep"), MemoryError(), ValueError("embedded null byte"), OSError(5, "Input/output error"),
    UnicodeDecodeError("utf-8", b"", 0, 1, "x"), UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    OSError("no number"), KeyError("x"), TypeError("x"), AssertionError(), SystemError(), EOFError(),
]  # fmt: skip


def breaks(monkeypatch, where: str, error: BaseException) -> None:
    """Let one step fail for learner 002."""
    read, hand_in, digest = HandedIn.read, Gradebook.hand_in, Content.digest.func
    if where == "looking":
        monkeypatch.setattr(
            "grader.collecting.candidates.open_file", lambda path: _raise(error, "002" in str(path)) or open_file(path)
        )
    elif where == "reading":
        monkeypatch.setattr(
            HandedIn, "read", lambda its, *rest: _raise(error, its.learner == "002") or read(its, *rest)
        )
    elif where == "reading again":
        seen: list[str] = []
        second = lambda its: its.learner == "002" and seen.append("") is None and len(seen) > 1  # noqa: E731
        monkeypatch.setattr(HandedIn, "read", lambda its, *rest: _raise(error, second(its)) or read(its, *rest))
    elif where == "hashing":
        mine = property(lambda its: _raise(error, b'"2"' in its.notebook) or digest(its))
        monkeypatch.setattr(Content, "digest", mine)
    else:
        monkeypatch.setattr(
            Gradebook, "hand_in", lambda its, who, *rest: _raise(error, who == "002") or hand_in(its, who, *rest)
        )


@pytest.mark.parametrize("error", FAULTS, ids=lambda error: f"{type(error).__name__} {error}")
@pytest.mark.parametrize("where", ["looking", "reading", "reading again", "hashing", "recording"])
def test_whatever_goes_wrong_with_one_submission_is_its_own_line_and_the_class_is_graded(
    toy, book, hand_in, graded, monkeypatch, error, where
):
    for number in (1, 2, 3):
        folder = hand_in(f"{number:03}", *RIGHT, str(number))
    breaks(monkeypatch, where, error)
    handed_in, problems = find_submissions([folder], toy)
    tally = grade(handed_in, toy, book, LIMITS, jobs=2)
    (problem,) = problems + tally.problems
    assert problem.startswith(f"{folder}/002/toy.ipynb: it cannot be read (") and "\n" not in problem
    assert tally.graded == 2
    assert set(states(book, "001").values()) == set(states(book, "003").values()) == {PASSED}


@pytest.mark.parametrize("error", FAULTS, ids=lambda error: f"{type(error).__name__} {error}")
def test_a_folder_that_cannot_be_listed_is_its_own_line(toy, hand_in, monkeypatch, error):
    hand_in("001", *RIGHT)
    folder = hand_in("002", *RIGHT)
    scan = os.scandir
    monkeypatch.setattr(
        "grader.collecting.folder_walk.os.scandir", lambda path: _raise(error, Path(path).name == "002") or scan(path)
    )
    handed_in, (problem,) = find_submissions([folder], toy)
    assert [submission.learner for submission in handed_in] == ["001"]
    assert problem.startswith(f"{folder}/002: this folder cannot be read (") and learner_of(problem) == "002"


def test_an_entry_that_says_nothing_is_its_own_line(toy, hand_in, monkeypatch):
    hand_in("001", *RIGHT)
    folder = hand_in("002", *RIGHT)
    names = iter(["first", "second"])
    stale = lambda *args: _raise(OSError(116, "Stale file handle"), next(names) == "second") or read_name(*args)  # noqa: E731
    monkeypatch.setattr("grader.collecting.folder_walk.read_name", stale)
    handed_in, (problem,) = find_submissions([folder], toy)
    assert len(handed_in) == 1
    assert problem.endswith("toy.ipynb: it cannot be read (Stale file handle).")


def test_folders_in_each_other_without_end_are_searched(toy, tmp_path):
    path = tmp_path / "class"
    path.mkdir()
    for _ in range(300):
        path = path / "labs"
        path.mkdir()
    (path / "toy.ipynb").write_text(notebook(*RIGHT))
    handed_in, problems = find_submissions([tmp_path / "class"], toy)
    assert [submission.learner for submission in handed_in] == ["class"] and problems == []


def test_a_zip_file_that_fails_is_its_own_line(toy, hand_in, monkeypatch):
    folder = hand_in("001", *RIGHT)
    hand_in("002", *RIGHT)
    (folder / "002" / "toy.ipynb").rename(folder / "002" / "toy.zip")
    breaks(monkeypatch, "looking", MemoryError())
    handed_in, (problem,) = find_submissions([folder], toy)
    assert [submission.learner for submission in handed_in] == ["001"]
    assert problem == f"{folder}/002/toy.zip: it cannot be read (MemoryError)."


def _raise(error: BaseException, when: bool = True) -> None:
    if when:
        raise error


def test_a_gradebook_that_cannot_be_written_is_nobodys_own_line(toy, book, hand_in, monkeypatch):
    monkeypatch.setattr(Gradebook, "hand_in", lambda *_: _raise(GradebookError("the gradebook is gone")))
    handed_in, _ = find_submissions([hand_in("001", *RIGHT)], toy)
    with pytest.raises(GradebookError, match="the gradebook is gone"):
        grade(handed_in, toy, book, LIMITS)
