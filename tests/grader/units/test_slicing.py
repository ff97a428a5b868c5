"""Cutting: a probe's text carries what it uses into the learner's process, and nothing else."""

import ast

import pytest

from grader.core.errors import SourceError
from grader.judging.expectation import call_of
from grader.units.inputs import array
from grader.units.slicing import Slicer
from grader.units.task import Task

HEAD = "from grader import Task\ntask = Task('answer')\n"


def cut(source: str, name: str) -> str:
    """The cut text of a function of a task cell."""
    scope = {"Task": Task, "array": array}
    exec(compile(HEAD + source, "lab.py", "exec"), scope)
    return Slicer(ast.parse(HEAD + source)).cut(scope[name])


def run(text: str, name: str, *arguments):
    """What the cut function returns where nothing but its own text is known."""
    scope = {}
    exec(text, scope)
    return scope[name](*arguments)


def test_a_function_is_cut_without_its_decorator():
    text = cut("@task.probe()\ndef seen(answer):\n    return answer + 1\n", "seen")
    assert text == "def seen(answer):\n    return answer + 1\n"


def test_helpers_constants_and_imports_come_along_in_their_order():
    source = "import math\nSCALE = math.tau\ndef twice(x):\n    return 2 * x * SCALE\n"
    text = cut(source + "def seen(answer):\n    return twice(answer)\n", "seen")
    assert run(text, "seen", 1.0) == pytest.approx(12.566370614359172)
    assert "grader" not in text


def test_what_a_function_does_not_use_stays_outside():
    source = "import os\nlabels = [7, 2, 1]\ndef accuracy():\n    return labels\n"
    text = cut(source + "@task.probe()\ndef seen(model):\n    return model.predict([1])\n", "seen")
    assert text == "def seen(model):\n    return model.predict([1])\n"


def test_a_parameter_or_a_local_does_not_pull_in_the_secret_of_its_name():
    source = "labels = [7, 2, 1]\nscores = {'secret': 1}\n"
    text = cut(source + "def seen(loss, labels):\n    scores = loss(labels)\n    return scores\n", "seen")
    assert "7" not in text
    assert "secret" not in text


def test_a_name_in_a_comprehension_a_default_or_a_nested_function_is_found():
    source = "A, B, C = 1, 2, 3\ndef seen(answer, a=A):\n    def inner():\n        return [B for _ in range(C)]\n"
    text = cut(source + "    return a, inner()\n", "seen")
    assert run(text, "seen", None) == (1, [2, 2, 2])


def test_an_annotation_brings_what_it_names():
    text = cut("import math\nKind = float\ndef seen(answer: Kind) -> math.inf:\n    return answer\n", "seen")
    assert run(text, "seen", 4) == 4


def test_a_constant_that_is_built_in_steps_comes_along_with_each_step():
    source = "TOTAL = 1\nTOTAL += 4\nfor SIZE in (8, 16):\n    pass\nif TOTAL:\n    NAME = 'five'\n"
    text = cut(source + "def seen(answer):\n    return TOTAL, SIZE, NAME\n", "seen")
    assert run(text, "seen", None) == (5, 16, "five")


def test_a_cached_helper_is_a_helper_and_keeps_its_decorator():
    source = "import functools\n@functools.cache\ndef table():\n    return object()\n"
    text = cut(source + "def seen(answer):\n    return table() is table()\n", "seen")
    assert run(text, "seen", None) is True


def test_of_two_functions_of_one_name_the_one_asked_for_is_cut():
    source = "@task.probe()\ndef seen(answer):\n    return 1\nfirst = seen\n"
    source += "@other.probe()\ndef seen(answer):\n    return 2\n"
    source = "other = Task('other')\n" + source
    assert run(cut(source, "first"), "seen", None) == 1
    assert run(cut(source, "seen"), "seen", None) == 2


def test_a_function_that_does_not_stand_at_the_top_level_is_refused_by_name():
    with pytest.raises(SourceError, match="'seen' must be a `def` at the top level"):
        cut("if True:\n    def seen(answer):\n        return answer\n", "seen")


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("def p(f, x):\n    return f(x)\n", "f(x)"),
        ("def p(f, x):\n    y = f(x, axis=-1)\n    return g(y)\n", "f(x, axis=-1)"),
        ("def p(f):\n    return f.predict([1])\n", "f"),
        ("def p(f):\n    return f\n", "f"),
    ],
)
def test_the_call_is_shown_as_a_learner_would_write_it(code, call):
    assert call_of(code, "f") == call
