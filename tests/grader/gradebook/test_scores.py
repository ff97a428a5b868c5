import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.core.messages import plain
from grader.judging.verdict import State
from grader.report import COLUMNS, ScoreRow, scores_csv
from tests.attacks.harmless import SEPARATORS, formulas
from tests.grader.said import sentence


def row(learner="learner-01", points=1.0, message="Right.", unit="01_losses", task="mse"):
    return ScoreRow(learner, unit, task, points, 3.0, State.PASSED, plain(message))


def read(text):
    return list(csv.reader(io.StringIO(text)))


def test_the_header_stands_even_over_an_empty_class():
    assert scores_csv([]) == ",".join(COLUMNS) + "\n"


def test_a_row_has_the_columns_in_their_order_and_ends_in_a_newline():
    text = scores_csv([row()])

    assert text.splitlines()[1] == f"learner-01,01_losses,mse,1,3,{sentence('state.passed')},Right."
    assert text.endswith("Right.\n")
    assert "\r" not in text


@pytest.mark.parametrize(("points", "text"), [(0.0, "0"), (2.5, "2.5"), (1 / 3, "0.3333"), (10.0, "10"), (100, "100")])
def test_points_are_plain_numbers_without_needless_zeros(points, text):
    assert read(scores_csv([row(points=points)]))[1][3] == text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\t=", " =", "\n=", "\uff1d", '"=', "\ufeff="])
def test_no_cell_begins_as_a_formula(start):
    text = scores_csv([row(learner=f"{start}1+1", message=f"{start}cmd|' /C calc'!A0")])

    assert formulas(text) == []


SEPARATED = st.lists(
    st.sampled_from([*SEPARATORS, *"=+-@\uff1d\uff0b\uff0d\uff20", *"\"' \n\r\v\u2028\u00a0\u200b\ufeff", "1+1", "a"]),
    max_size=9,
).map("".join)  # fmt: skip
ANY = SEPARATED | st.text(r"\~x20 =", max_size=9) | st.text(max_size=9)


@settings(max_examples=500)
@given(st.lists(st.tuples(ANY, ANY, ANY, ANY), min_size=1, max_size=3))
def test_no_column_holds_a_formula_whichever_sign_parts_the_cells(cells):
    text = scores_csv([row(learner, message=message, unit=unit, task=task) for learner, unit, task, message in cells])

    assert formulas(text) == []
    assert [len(line) for line in read(text)] == [7] * (len(cells) + 1)
    assert len(text.splitlines()) == len(cells) + 1
    text.encode()


@pytest.mark.parametrize("separator", ",;|")
def test_a_formula_behind_a_separator_stays_readable(separator):
    assert read(scores_csv([row(message=f"x{separator} =1+1")]))[1][6] == f"x{separator}' =1+1"


@settings(max_examples=500)
@given(ANY, ANY)
def test_two_learners_are_never_one_in_the_table(one, other):
    cells = [read(scores_csv([row(learner)]))[1][0] for learner in (one, other)]

    assert (cells[0] == cells[1]) == (one == other)


LOOK_ALIKE = [
    "victim", "victim ", " victim", "victim\u00a0", "victim\u200b", "\ufeffvictim", r"\x20victim", r"\~\x20victim",
    r"\~\\x20victim", "=victim", "'=victim", "''=victim", "\n=victim", "a;=b", "a;'=b", "", " ", "\t",
]  # fmt: skip


def test_learners_who_look_alike_are_told_apart():
    cells = [line[0] for line in read(scores_csv([row(learner) for learner in LOOK_ALIKE]))[1:]]

    assert len({cell.strip() for cell in cells}) == len(LOOK_ALIKE)
    assert all(cell.isprintable() for cell in cells)


@pytest.mark.parametrize("learner", ["001", "Zoë 李", "a-b", "O'Neill", "x=1", "1,5", "mail@example", r"a\u202eb"])
def test_an_ordinary_id_stands_as_it_is(learner):
    assert read(scores_csv([row(learner)]))[1][0] == learner


def test_a_message_stays_on_one_line_and_keeps_its_quotes():
    text = scores_csv([row(message='Shape "(8,)",\nnot (8, 10).\r\nSee\u2028below.')])

    assert len(text.splitlines()) == 2
    assert read(text)[1][6] == 'Shape "(8,)", not (8, 10). See below.'


def test_a_learner_id_that_is_no_unicode_can_still_be_written():
    assert scores_csv([row(learner="caf\udce9")]).encode()
