import csv
import io

import pytest

from grader.report import COLUMNS, ScoreRow, scores_csv
from grader.verdict import State


def row(learner="learner-01", points=1.0, message="Right."):
    return ScoreRow(learner, "01_losses", "mse", points, 3.0, State.PASSED, message)


def read(text):
    return list(csv.reader(io.StringIO(text)))


def test_the_header_stands_even_over_an_empty_class():
    assert scores_csv([]) == ",".join(COLUMNS) + "\n"


def test_a_row_has_the_columns_in_their_order_and_ends_in_a_newline():
    text = scores_csv([row()])

    assert text.splitlines()[1] == "learner-01,01_losses,mse,1,3,passed,Right."
    assert text.endswith("Right.\n")
    assert "\r" not in text


@pytest.mark.parametrize(("points", "text"), [(0.0, "0"), (2.5, "2.5"), (1 / 3, "0.3333"), (10.0, "10"), (100, "100")])
def test_points_are_plain_numbers_without_needless_zeros(points, text):
    assert read(scores_csv([row(points=points)]))[1][3] == text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\t=", " =", "\n=", "\uff1d"])
def test_no_cell_begins_as_a_formula(start):
    cells = read(scores_csv([row(learner=f"{start}1+1", message=f"{start}cmd|' /C calc'!A0")]))[1]

    assert cells[0].startswith("'")
    assert cells[6].startswith("'")


def test_a_message_stays_on_one_line_and_keeps_its_quotes():
    text = scores_csv([row(message='Shape "(8,)",\nnot (8, 10).\r\nSee\u2028below.')])

    assert len(text.splitlines()) == 2
    assert read(text)[1][6] == 'Shape "(8,)", not (8, 10). See below.'


def test_a_learner_id_that_is_no_unicode_can_still_be_written():
    assert scores_csv([row(learner="caf\udce9")]).encode()
