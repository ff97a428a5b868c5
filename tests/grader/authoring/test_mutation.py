import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.authoring.mutation import mutants
from grader.units.marks import solution_lines, without_marks


def changes(body: str, first: int = 2) -> list[str]:
    """What is made of the body of a function: `old -> new`, in their order."""
    code = "def f(x, y, rng):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    lines = range(first, code.count("\n") + 1)
    return [f"{mutant.old} -> {mutant.new}" for mutant in mutants(code, lines)]


@pytest.mark.parametrize(
    ("body", "change"),
    [
        ("return x + y", "x + y -> x - y"),
        ("return x @ y", "x @ y -> x * y"),
        ("return -x", "return -x -> return x"),
        ("return x < y", "x < y -> x <= y"),
        ("return x < y", "x < y -> x > y"),
        ("return x and y", "x and y -> x or y"),
        ("return x if y else 0", "x if y else 0 -> x if not y else 0"),
        ("return x**2", "x ** 2 -> x ** 3"),
        ("return x + 1e-7", "x + 1e-07 -> x + 1e-06"),
        ("return x.sum(axis=-1)", "x.sum(axis=-1) -> x.sum(axis=0)"),
        ("return x.sum(axis=-1)", "x.sum(axis=-1) -> x.sum(axis=1)"),
        ("return x.sum(axis=-1, keepdims=True)", "x.sum(axis=-1, keepdims=True) -> x.sum(axis=-1)"),
        ("return x.sum(axis=-1, keepdims=True)", "x.sum(axis=-1, keepdims=True) -> x.sum(axis=-1, keepdims=False)"),
        ("return np.dot(x, y)", "np.dot(x, y) -> np.dot(y, x)"),
        ("return np.clip(x, 0, y)", "np.clip(x, 0, y) -> np.clip(x, 0)"),
        ("return x.max()", "x.max() -> x.mean()"),
        ("return sum(x)", "sum(x) -> max(x)"),
        ("return x.copy()", "x.copy() -> x"),
        ("return x.astype(np.float32)", "x.astype(np.float32) -> x"),
        ("for k in x:\n    y += k", "for k in x: -> for k in list(x)[:-1]:"),
        ("for k in x:\n    y += k", "for k in x: -> for k in list(x)[1:]:"),
        ("x = y\nx = x + 1\nreturn x", "x = x + 1 -> "),
        ("return rng.normal(size=3)", "rng.normal -> np.random.default_rng(0).normal"),
    ],
)
def test_each_small_way_to_break_a_reference_is_tried(body, change):
    assert change in changes(body)


def test_a_draw_that_is_the_same_in_each_row_is_tried():
    code = "def f(rng):\n    return rng.normal(size=(3, 4))"
    same = next(mutant for mutant in mutants(code, [2]) if "broadcast_to" in mutant.code)
    names: dict = {}
    exec(f"import numpy as np\n{same.code}", names)
    drawn = names["f"](names["np"].random.default_rng(1))
    assert drawn.shape == (3, 4) and (drawn == drawn[0]).all()


def test_docstrings_imports_errors_and_assertions_stay():
    body = '"""Text 1 + 1."""\nimport numpy as np\nassert x > 1, 2\nif x:\n    raise ValueError(1 + 1)\nreturn x'
    assert changes(body) == ["if x: -> ", "if x: -> if not x:"]


def test_what_a_learner_does_not_write_stays():
    given, solution = "def f(x, k=3):\n    k = k + 1\n", "    ### BEGIN SOLUTION\n    return x + k\n"
    source = f"{given}{solution}    ### STARTER\n    # return\n    ### END SOLUTION"
    lines = solution_lines(source)
    assert lines == [3]
    assert [mutant.place for mutant in mutants(without_marks(source), lines)] == ["line 3: x + k -> x - k"]


def test_arguments_that_may_be_exchanged_are_not():
    assert "np.maximum(x, y) -> np.maximum(y, x)" not in changes("return np.maximum(x, y)")


NUMBERS = st.integers(0, 9).map(str) | st.sampled_from(["x", "y", "-1", "0.5", "x[1:]", "x.sum(axis=-1)"])
EXPRESSIONS = st.recursive(
    NUMBERS,
    lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*", "@", "<", "==", "and"]), inner).map(
        lambda parts: f"({' '.join(parts)})"
    ),
    max_leaves=6,
)


@given(EXPRESSIONS)
def test_every_mutant_is_code_unlike_the_reference_and_unlike_each_other(expression):
    code = f"def f(x, y):\n    return {expression}"
    made = [mutant.code for mutant in mutants(code, [2])]
    assert len({*made, ast.unparse(ast.parse(code))}) == len(made) + 1
    for text in made:
        compile(text, "<mutant>", "exec")
