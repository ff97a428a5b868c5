"""What of an error's text is told of a hidden probe: Python's own words, and of the rest only the notebook's names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.judging.explaining.python_text import _TEMPLATES, safe_text

OWN = {"stable", "np", "numpy", "float", "softmax", "relu", "slope", "x", "data.csv", "w1", "x123", "700123"}


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("NameError", "name 'stable' is not defined", "name 'stable' is not defined"),
        ("NameError", "name 'stable' is not defined. Did you mean: 'table'?", "name 'stable' is not defined"),
        ("AttributeError", "module 'numpy' has no attribute 'float'.\n`np.float` was 6173.5",
         "module 'numpy' has no attribute 'float'"),
        ("AttributeError", "'numpy.ndarray' object has no attribute 'softmax'",
         "'numpy.ndarray' object has no attribute 'softmax'"),
        ("TypeError", "relu() got an unexpected keyword argument 'slope'",
         "relu() got an unexpected keyword argument 'slope'"),
        ("TypeError", "relu() missing 2 required positional arguments: 'slope' and 'x'",
         "relu() missing … required positional arguments: 'slope' and 'x'"),
        ("TypeError", "'float' object is not callable", "'float' object is not callable"),
        ("TypeError", "unsupported operand type(s) for +: 'int' and 'str'",
         "unsupported operand type(s) for +: 'int' and 'str'"),
        ("ValueError", "operands could not be broadcast together with shapes (6173,3) (3,2) ",
         "operands could not be broadcast together with shapes…"),
        ("ValueError", "not enough values to unpack (expected 3, got 2)",
         "not enough values to unpack (expected …, got …)"),
        ("IndexError", "index 6173 is out of bounds for axis 0 with size 6173",
         "index … is out of bounds for axis … with size …"),
        ("FloatingPointError", "overflow encountered in exp", "overflow encountered in exp"),
        ("ZeroDivisionError", "division by zero", "division by zero"),
        ("FileNotFoundError", "[Errno 2] No such file or directory: 'data.csv'",
         "[Errno 2] No such file or directory: 'data.csv'"),
        ("KeyError", "'w1'", "'w1'"),
    ],
)  # fmt: skip
def test_pythons_own_text_is_told_with_numbers_left_out(kind, text, told):
    assert safe_text(kind, text, OWN) == told


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("NameError", "name 'x6173' is not defined"),
        ("NameError", "name 'x123' is not defined"),
        ("NameError", "6173.5"),
        ("KeyError", "6173"),
        ("KeyError", "'6173'"),
        ("KeyError", "'700123'"),
        ("ValueError", "could not convert string to float: '6173'"),
        ("ValueError", "[6173.5, 2.0]"),
        ("TypeError", "'Saw6173' object is not callable"),
        ("TypeError", "saw_6173() missing 1 required positional argument: 'x'"),
        ("AttributeError", "module 'm6173' has no attribute 'x'"),
        ("FloatingPointError", "overflow encountered in e6173"),
        ("FileNotFoundError", "[Errno 2] No such file or directory: '6173.csv'"),
        ("Saw6173", "division by zero"),
        ("NameError", "name 'stable' is not defined" + "6" * 5_000),
    ],
)
def test_nothing_else_is_told(kind, text):
    assert safe_text(kind, text, OWN) == ""


@given(st.sampled_from(sorted(_TEMPLATES)), st.text())
def test_no_text_breaks_it(kind, text):
    safe_text(kind, text, OWN)
    safe_text(kind, f"name '{text}' is not defined", OWN)
