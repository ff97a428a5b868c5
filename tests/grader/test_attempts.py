import pytest

from grader.attempts import untouched
from grader.notebook import read_submission
from tests.grader.toy import RIGHT, SETUP, notebook

STUB = 'def double(x):\n    """Twice x."""\n    # Your code here.\n    raise NotImplementedError'


def left(*cells: str, tasks: tuple[str, ...] = ("double", "total", "quiz")) -> list[str]:
    return untouched(read_submission(notebook(*cells).encode()), tasks)


def test_what_was_handed_out_has_no_answer():
    assert left(SETUP, STUB, "lab.check('double')", "lab.answer('quiz', ...)") == ["double", "total", "quiz"]


def test_a_notebook_with_every_answer_leaves_nothing():
    assert left(*RIGHT) == []


@pytest.mark.parametrize(
    "answer",
    [
        "double = lambda x: 2 * x",
        "from numpy import sum as double",
        "%time double = abs",
        "def double(x):\n    if x < 0:\n        raise NotImplementedError('negative')\n    return 2 * x",
        "class double:\n    pass",
        "for double in (abs,):\n    pass",
    ],
)
def test_whatever_binds_the_name_is_an_answer(answer):
    assert left(STUB, answer, tasks=("double",)) == []


@pytest.mark.parametrize(
    "other",
    [
        "undouble = 1",
        "double(3)",
        "# double = 1",
        "def other():\n    double = 1",
        "double = = 1",
        "lab.answer('double')",
    ],
)
def test_what_only_names_it_is_none(other):
    assert left(STUB, other, tasks=("double",)) == ["double"]


def test_a_class_with_one_method_to_write_is_not_finished():
    cell = "class Layer:\n    def one(self):\n        pass\n\n    def other(self):\n        raise NotImplementedError"
    assert left(cell, tasks=("Layer",)) == ["Layer"]


def test_a_question_answered_later_is_answered():
    assert left("lab.answer('quiz', ...)", "lab.answer('quiz', 'b')", tasks=("quiz",)) == []


def test_markdown_answers_nothing():
    assert untouched([{"cell_type": "markdown", "source": "double = 1"}], ["double"]) == ["double"]
