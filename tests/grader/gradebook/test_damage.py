"""A row of a gradebook that something else damaged costs itself alone."""

import sqlite3
import zlib
from contextlib import closing

import pytest

from grader.core.messages import render
from grader.gradebook.gradebook import Gradebook
from grader.gradebook.scores import scores_csv
from grader.judging.verdict import State
from grader.report.report_folder import write_report
from tests.grader.grading import grader_of
from tests.grader.toy import RIGHT

HUGE = '[["limit.seconds",{"seconds":' + "9" * 400 + "}]]"
MESSAGES = ["{", "", b"\xff", "[" * 100_000, "{}", HUGE]
COLUMNS = [("state", "odd"), ("points", "x"), ("points", 1e999), ("shown", "[1]"), ("shown", "[1, 2, 3, 4]")]
RAN = [b"[]", b'{"cells": [{}]}', b'{"cells": [], "causes": [5]}', b'{"cells": [], "stopped_cell": "x"}']
DAMAGED = [
    *(("verdicts", "message", value) for value in MESSAGES), *(("verdicts", *pair) for pair in COLUMNS),
    ("runs", "executed", b"\x00"), *(("runs", "executed", zlib.compress(text)) for text in RAN),
    ("runs", "stopped", "x"),
]  # fmt: skip


@pytest.fixture
def damaged(toy, tmp_path, hand_in, sandbox):
    """Damages a column of the first learner of two, and opens the gradebook again."""
    place = tmp_path / "damaged.db"
    hand_in("alice", *RIGHT)
    with Gradebook(str(place)) as book:
        grader_of(toy, book)(hand_in("bob", *RIGHT[:3]))
        (run,) = [run for learner, _, run in book.submissions() if learner == "alice"]

    def damage(table, column, value):
        with closing(sqlite3.connect(place)) as connection, connection:
            key = "run" if table == "verdicts" else "id"
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (value, run))
        return Gradebook(str(place))

    return damage


@pytest.mark.parametrize(("table", "column", "value"), DAMAGED)
def test_it_keeps_nobody_elses_scores_or_page_from_being_read(damaged, toy, tmp_path, table, column, value):
    with damaged(table, column, value) as book:
        rows = book.score_rows()
        index = write_report(tmp_path / "report", book, toy, [])
    assert {row.learner for row in rows} == {"alice", "bob"}
    assert {row.points for row in rows if row.learner == "bob" and row.verdict == State.PASSED} == {2.0}
    assert scores_csv(rows).count("bob") == len([row for row in rows if row.learner == "bob"])
    assert (tmp_path / "report" / "feedback" / "bob" / "toy.html").is_file()
    without_page = not (tmp_path / "report" / "feedback" / "alice" / "toy.html").is_file()
    assert (
        without_page == (column == "executed") == ("alice" in index.read_text() and "is damaged" in index.read_text())
    )


def test_a_damaged_message_says_what_to_do(damaged):
    with damaged("verdicts", "message", "{") as book:
        assert {"--again" in render(row.messages) for row in book.score_rows() if row.learner == "alice"} == {True}
