"""Diagnoses: a wrong value tells what is wrong with it, and a hidden probe's numbers stay hidden."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.judging.explaining.diagnose import diagnose, outputs_of
from tests.grader.said import words

EXPECTED = np.array([[0.5, -1.25, 3.0], [2.0, 0.75, -4.5]])
SQUARE = np.array([[1.0, 2.0], [3.0, 4.5]])


def named(expected, observed, **inputs) -> str:
    """The name of the diagnosis."""
    found = diagnose(expected, observed, inputs)
    return found.name if found else ""


def told(expected, observed, **inputs) -> str:
    """All that the diagnosis says."""
    found = diagnose(expected, observed, inputs)
    return words((found.message, *found.detail))


def test_a_missing_return_is_named():
    assert "is a `return` missing?" in told(1.0, None)
    assert named(None, None) == ""


def test_a_text_where_numbers_are_expected_is_named_by_its_kind():
    assert "returns a str, but numbers are expected" in told(EXPECTED, "0.5")
    assert "returns a dict" in told(EXPECTED, {"a": 1})
    assert named("a", "b") == ""


def test_a_wrong_shape_shows_both_shapes():
    assert "Expected shape (2, 3), got shape (3,)." in told(EXPECTED, np.ones(3))
    assert "Expected shape (2, 3), got a single number." in told(EXPECTED, 0.5)


def test_right_numbers_in_a_wrong_shape_are_told_apart():
    assert "numbers are right, but the shape is wrong" in told(EXPECTED, EXPECTED.ravel())
    assert "numbers are right" not in told(EXPECTED, EXPECTED.ravel() + 1)


@pytest.mark.parametrize(("kind", "code"), [(tuple, "shape.in_a_tuple"), (list, "shape.in_a_list")])
def test_a_right_value_inside_a_tuple_or_a_list_is_told(kind, code):
    for value in (EXPECTED, 2.5):
        assert diagnose(value, kind([value]), {}).message.code == code
        assert diagnose(value, kind([value + 1]), {}).message.code != code


def test_an_array_for_one_number_asks_for_the_reduction():
    assert "Which reduction is missing?" in told(2.5, np.array([2.0, 3.0]))
    assert "Expected a single number, got shape (2,)." in told(2.5, np.array([2.0, 3.0]))


def test_nan_is_shown_with_the_input_that_it_comes_from():
    x = np.array([1.0, 1000.0])
    text = told(np.array([2.0, 3.0]), np.array([2.0, np.nan]), x=x)
    assert "NaN (not a number) comes back for some inputs" in text
    assert "For x[1] = 1000, result[1] is nan, expected 3" in text


def test_infinity_is_named_where_it_is_not_expected():
    assert "Infinity comes back" in told(EXPECTED, np.where(EXPECTED > 2, np.inf, EXPECTED))
    assert named(np.array([np.inf, 1.0]), np.array([np.inf, 2.0])) != "not finite"


def test_a_flipped_sign_is_named():
    assert told(EXPECTED, -EXPECTED).startswith("The sign is flipped; the rest is right.")
    assert named(2.5, -2.5) == "sign"


@pytest.mark.parametrize(
    ("factor", "name"),
    [
        (2.0, ": 2 times"),
        (0.5, ": 1/2 times"),
        (-2.0, ": -2 times"),
        (math.log(2), ": ln 2 times"),
        (1 / math.log(2), ": 1/ln 2 (another base"),
        (7.0, ": n (the number of rows of x) times"),
        (1 / 7, ": 1/n (n is the number of rows of x) times"),
        (3.0, ": n (the number of columns of x) times"),
        (21.0, ": n (the number of all elements of x) times"),
        (11.0, ": n (the length of y) times"),
        (1 / 11, ": 1/n (n: length of y) times"),
    ],
)
def test_a_well_known_factor_is_named(factor, name):
    inputs = {"x": np.ones((7, 3)), "y": np.ones(11)}
    assert name in told(EXPECTED, EXPECTED * factor, **inputs)
    assert named(1.5, 1.5 * factor, **inputs) == ""  # one number alone
    alike = outputs_of(2.5, 2.5 * factor, inputs)
    assert name in words(diagnose(1.5, 1.5 * factor, inputs, others=[alike]).message)


@pytest.mark.parametrize(("of", "name"), [
    (lambda n: n - 1, "`count` - 1 times"), (lambda n: 1 / (n - 1), "1/(`count` - 1) times"),
    (lambda n: n, "`count` times"), (lambda n: 1 / n, "1/`count` times"),
])  # fmt: skip
def test_an_input_is_named_as_the_factor_if_it_is_in_several_probes(of, name):
    one, other = ({"count": count} for count in (10, 4))
    found = diagnose(3.0, 3.0 * of(10), one, others=[outputs_of(1.5, 1.5 * of(4), other)])
    assert name in words(found.message)
    same = diagnose(3.0, 3.0 * of(10), one, others=[outputs_of(1.5, 1.5 * of(10), other)])
    assert same is None or same.message.code == "factor.any"


def test_a_constant_of_the_probes_is_no_factor():
    assert named(EXPECTED, EXPECTED * 40, gate=40.0) == ""
    assert named(EXPECTED, EXPECTED / 40, gate=40.0) == ""
    assert diagnose(EXPECTED, EXPECTED * 40, {}, constants=[40.0, True]) is None
    assert diagnose(EXPECTED, EXPECTED * 2, {}, constants=[2]).name == "factor"  # any code has a 2


def test_a_factor_that_another_failing_probe_does_not_show_is_not_told():
    other = outputs_of(EXPECTED, EXPECTED + 1, {})
    assert diagnose(EXPECTED, EXPECTED * 3, {}, others=[other]) is None
    assert diagnose(EXPECTED, EXPECTED * 3, {}, others=[outputs_of(1.5, 4.5, {})]).name == "factor"


def test_outputs_of_one_size_alone_show_no_factor():
    assert named(np.array([1.0, 1.0, 0.0]), np.array([1.7, 1.7, 0.0])) != "factor"


def test_any_other_factor_is_shown_where_several_values_agree_on_it():
    assert "Each value is 1.7 times the expected." in told(EXPECTED, EXPECTED * 1.7)
    assert named(1.5, 1.5 * 1.7) == ""


def test_an_empty_input_names_no_factor():
    assert named(EXPECTED, EXPECTED * 7, x=np.zeros((0, 3))) == "factor"
    assert named(np.zeros(3), np.ones(3)) == "offset"


def test_a_constant_offset_is_shown_with_its_direction():
    assert "same constant everywhere. 0.25 too much" in told(EXPECTED, EXPECTED + 0.25)
    assert "same constant everywhere. 3 too little" in told(np.array([5, 7], "u1"), np.array([2, 4], "u1"))
    assert named(1.5, 1.7) == ""


def test_exchanged_rows_and_columns_are_named():
    assert named(SQUARE, SQUARE.T) == "transposed"
    assert "rows and columns are exchanged. Expected shape (2, 3), got shape (3, 2)." in told(EXPECTED, EXPECTED.T)


@pytest.mark.parametrize("step", [1, -1])
def test_values_shifted_by_one_are_named(step):
    expected = np.array([1.0, 5.0, 2.0, 9.0])
    assert named(expected, np.roll(expected, step)) == "shifted"
    assert named(expected, np.roll(expected, 2)) != "shifted"


def test_a_single_wrong_place_is_counted_and_shown():
    observed = EXPECTED.copy()
    observed[1, 2] = 9.0
    text = told(EXPECTED, observed, x=np.full((2, 3), 7.0), axis=1)
    assert text.startswith("Most of its numbers are right, some are not. 1 of 6 values")
    assert "for x[1, 2] = 7, result[1, 2] is 9, expected -4.5" in text


def test_right_for_half_of_the_inputs_is_not_called_most():
    assert named(np.array([1.0, 2.0]), np.array([1.0, 9.0])) == ""


def test_what_differs_by_rounding_alone_is_nearly_right():
    assert named(EXPECTED, EXPECTED * (1 + 1e-7)) == "nearly"
    assert named(1.0, 1.0 + 1e-9) == "nearly"


def test_what_differs_by_less_than_a_hundredth_everywhere_is_nearly_right_and_no_factor():
    for observed in (EXPECTED.astype("f4"), np.round(EXPECTED * 1.001, 3), EXPECTED * 1.0005, EXPECTED * 0.995):
        assert named(EXPECTED / 3, observed / 3) == "nearly"
    found = diagnose(np.array([0.25, 3.0]), np.array([0.251, 3.01]), {})
    assert [one.code for one in (found.message, *found.detail)] == ["value.nearly", "value.largest_gap"]
    assert found.detail[0].arguments["gap"] == pytest.approx(0.01)


@pytest.mark.parametrize(("expected", "observed"), [
    (np.array([1000, 2000]), np.array([1001, 2001])),
    (np.array([0.5, 0.25, 0.75]), np.array([0.5, 0.25, 0.7501])),
    (np.array([1e-9, 3.0]), np.array([1e-3, 3.0])),
    (np.array([0.5, np.inf]), np.array([0.5001, 1.0])),
])  # fmt: skip
def test_counts_and_what_differs_in_a_few_places_are_not_called_nearly_right(expected, observed):
    assert named(expected, observed) != "nearly"


def test_booleans_are_diagnosed_like_numbers():
    expected = np.array([True, False, False, False])
    assert named(expected, np.array([True, False, False, True])) == "some"
    assert named(expected, ~expected) == ""


def test_a_value_that_says_nothing_has_no_diagnosis():
    assert named(EXPECTED, np.array([[9.0, 1.0, 7.0], [6.0, 1.0, 8.0]])) == ""
    assert named(np.zeros((0, 2)), np.zeros((0, 2))) == ""


numeric = hnp.arrays(st.sampled_from(["f8", "f4", "i8", "u1", "?", "c16"]), hnp.array_shapes(min_dims=0, min_side=0))
anything = numeric | st.none() | st.text(max_size=3) | st.floats() | st.lists(st.integers(-9, 9), max_size=4)


@given(anything, anything, anything)
@settings(deadline=None, max_examples=150)
def test_no_pair_of_values_breaks_a_diagnosis(expected, observed, x):
    found = diagnose(expected, observed, {"x": x})
    assert found is None or (found.name and words((found.message,)).endswith((".", "?")))


@given(
    hnp.arrays("f8", (3, 3), elements=st.floats(11, 99)),
    st.sampled_from(["flip", "scale", "offset", "turn", "shift", "some", "nan", "shape", "noise", "text"]),
)
@settings(deadline=None, max_examples=150)
def test_the_text_for_a_hidden_probe_holds_no_number_of_its_values(expected, mistake):
    wrong = {
        "flip": -expected, "scale": expected * 13, "offset": expected + 17, "turn": expected.T, "noise": expected**2,
        "shift": np.roll(expected, 1, -1), "some": np.where(np.eye(3) > 0, 5.0, expected), "shape": expected[0],
        "nan": np.where(expected > 50, np.nan, expected), "text": "15",
    }  # fmt: skip
    found = diagnose(expected, wrong[mistake], {"x": expected})
    digits = set(re.findall(r"\d+", words((found.message,)) if found else ""))
    assert digits <= {"1", "2"}  # "1/2", "1/n", "ln 2"
