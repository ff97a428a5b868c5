"""Sentences about what was handed in and is not graded, left or taken in a way that somebody should know."""

from pathlib import Path

import pytest

from grader.collecting.problems import (
    Kind,
    Left,
    Problem,
    in_full,
    kind_of,
    learner_of,
    of_kind,
    terminal_notes,
    told,
    without_taken,
)
from grader.core.errors import FullDiskError, GradebookError, SubmissionError


def test_a_problem_is_its_sentence_and_knows_whose_it_is():
    problem = Problem("a: b.", "001", Kind.CHOICE)
    assert (problem, kind_of(problem), learner_of(problem)) == ("a: b.", Kind.CHOICE, "001")
    assert (kind_of("plain"), learner_of("plain")) == (Kind.REFUSED, "")
    assert of_kind([problem, "plain"], Kind.REFUSED) == ["plain"]


def test_files_that_were_left_are_counted_and_the_first_are_named():
    left = Left(Path("class/001"), "001", [f"{number}.txt" for number in range(8)], 1_000)
    assert left == (
        "class/001: 1,008 other files were not taken: `0.txt`, `1.txt`, `2.txt`, `3.txt`, `4.txt` and 1,003 more."
    )
    assert in_full(left).count(".txt`") == 8 and in_full(left).endswith("`7.txt` and 1,000 more.")
    assert Left(Path("x"), "", ["a\n\x1b[2J"]) == "x: 1 other file was not taken: `a\\n\\x1b[2J`."


def test_files_that_went_along_with_a_notebook_are_no_longer_named():
    left = [Left(Path("a"), "1", ["x", "y"]), Left(Path("b"), "2", ["x"]), Left(Path("c"), "3", ["x"], 5), "plain"]
    kept = without_taken(left, {Path("a/x"), Path("b/x"), Path("c/x")})
    assert kept == [
        "a: 1 other file was not taken: `y`.", "c: 5 other files were not taken.", "plain"
    ]  # fmt: skip


def test_a_terminal_shows_a_few_notes_and_the_number_of_the_others():
    notes = [Left(Path(str(number)), str(number), ["x"]) for number in range(300)]
    assert terminal_notes(["plain", *notes[:10]]) == notes[:10]
    assert terminal_notes(notes) == [
        *notes[:9], "291 more folders hold files that were not taken; the report lists them."
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (SubmissionError("it is none."), "it is none."),
        (OSError(5, "Input/output error"), "it cannot be read (Input/output error)."),
        (OSError("no number"), "it cannot be read (OSError: no number)."),
        (ValueError("a\nb\ud800"), "it cannot be read (ValueError: a\\nb\\ud800)."),
        (MemoryError(), "it cannot be read (MemoryError)."),
    ],
)
def test_whatever_goes_wrong_with_one_file_is_a_line(error, why):
    problems: list[str] = []
    with told("a\nb", "001", problems):
        raise error
    assert problems == [f"a\\nb: {why}"] and learner_of(problems[0]) == "001"


@pytest.mark.parametrize("error", [GradebookError("gone"), FullDiskError("x"), KeyboardInterrupt()])
def test_what_concerns_everybody_is_no_line_of_one(error):
    problems: list[str] = []
    with pytest.raises(type(error)), told("a", "001", problems):
        raise error
    assert problems == []
