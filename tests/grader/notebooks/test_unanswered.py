import ast

import pytest

from grader.notebooks.notebook_file import read_submission
from grader.notebooks.unanswered import answers_given, untouched
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


def test_an_answer_that_another_language_reads_is_none():
    assert left("%%bash\ndouble = 1", "%%writefile x.py\ndouble = 1", tasks=("double",)) == ["double"]
    assert left("%%time\ndouble = 1", tasks=("double",)) == []


@pytest.mark.parametrize(
    ("cell", "given"),
    [
        ("lab.answer('q', 'b')", {"q": "b"}),
        ("lab . answer(choice='b', task='q');", {"q": "b"}),
        ("card = my.lab.answer('q', 'b')", {"q": "b"}),
        ("print(1, lab.answer('q', 'b'))", {"q": "b"}),
        ("lab.answer('q', 'a')\nlab.answer('r', 'b')\nlab.answer('q', 'c')", {"q": "c", "r": "b"}),
        ("lab.answer('q', 'a')\nlab.answer('q', ...)", {}),
        ("lab.answer('q', ['b'])", {"q": ["b"]}),
        ("lab.answer('q', -1)", {"q": -1}),
        ("lab.answer('q', None)", {"q": None}),
        ("lab.answer('q', f'b')", {}),
        ("lab.answer('q', 'b'.lower())", {}),
        ("lab.answer('', 'b')", {}),
        ("lab.answer(1, 'b')", {}),
        ("lab.answer(*'qb')", {}),
        ("lab.answer(**{'task': 'q', 'choice': 'b'})", {}),
        ("x or lab.answer('q', 'b')", {}),
        ("lab.check('q', 'b')", {}),
        ("lab.answer('q', " + "[" * 90 + "]" * 90 + ")", {"q": ast.literal_eval("[" * 90 + "]" * 90)}),
        ("lab.answer('q', " + "-" * 3_000 + "1)", {}),
        ("(" * 300, {}),
    ],
)
def test_a_cell_gives_these_answers(cell, given):
    assert answers_given(cell) == given
