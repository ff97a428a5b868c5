"""Diagnoses: a wrong value tells what is wrong with it, and a hidden probe's numbers stay hidden."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.core.messages import Message, message
from grader.judging.explaining.diagnose import diagnose, outputs_of
from tests.grader.said import words

EXPECTED = np.array([[0.5, -1.25, 3.0], [2.0, 0.75, -4.5]])
SQUARE = np.array([[1.0, 2.0], [3.0, 4.5]])


def named(expected, observed, **inputs) -> str:
    """The name of the diagnosis."""
    found = diagnose(expected, observed, inputs)
    return found.name if found else ""


def told(expected, observed, **inputs) -> list[Message]:
    """All that the diagnosis says."""
    found = diagnose(expected, observed, inputs)
    return [found.message, *found.detail]


def test_a_missing_return_is_named():
    assert told(1.0, None) == [message("value.none")]
    assert named(None, None) == ""


def test_a_text_where_numbers_are_expected_is_named_by_its_kind():
    assert told(EXPECTED, "0.5") == [message("value.no_numbers", kind="str")]
    assert told(EXPECTED, {"a": 1}) == [message("value.no_numbers", kind="dict")]
    assert named("a", "b") == ""


def test_a_wrong_shape_shows_both_shapes():
    shapes = message("shape.shapes", expected="(2, 3)", observed="(3,)")
    assert told(EXPECTED, np.ones(3)) == [message("shape.wrong"), shapes]
    one_number = message("shape.number_came_back", expected="(2, 3)")
    assert told(EXPECTED, 0.5) == [message("shape.wrong"), one_number]


def test_right_numbers_in_a_wrong_shape_are_told_apart():
    shapes = message("shape.shapes", expected="(2, 3)", observed="(6,)")
    assert told(EXPECTED, EXPECTED.ravel()) == [message("shape.other"), shapes]
    assert told(EXPECTED, EXPECTED.ravel() + 1) == [message("shape.wrong"), shapes]


@pytest.mark.parametrize(("kind", "code"), [(tuple, "shape.in_a_tuple"), (list, "shape.in_a_list")])
def test_a_right_value_inside_a_tuple_or_a_list_is_told(kind, code):
    for value in (EXPECTED, 2.5):
        assert diagnose(value, kind([value]), {}).message.code == code
        assert diagnose(value, kind([value + 1]), {}).message.code != code


def test_an_array_for_one_number_asks_for_the_reduction():
    shape = message("shape.number_is_expected", observed="(2,)")
    assert told(2.5, np.array([2.0, 3.0])) == [message("shape.no_number"), shape]


def test_nan_is_shown_with_the_input_that_it_comes_from():
    x = np.array([1.0, 1000.0])
    assert told(np.array([2.0, 3.0]), np.array([2.0, np.nan]), x=x) == [
        message("value.nan"),
        message("value.at_input", inputs=("x[1] = 1000",), place="[1]", observed="nan", expected="3"),
    ]


def test_infinity_is_named_where_it_is_not_expected():
    assert told(EXPECTED, np.where(EXPECTED > 2, np.inf, EXPECTED)) == [
        message("value.infinity"),
        message("value.at", place="[0, 2]", observed="inf", expected="3"),
    ]
    assert named(np.array([np.inf, 1.0]), np.array([np.inf, 2.0])) != "not finite"


def test_a_flipped_sign_is_named():
    assert told(EXPECTED, -EXPECTED) == [message("value.sign")]
    assert named(2.5, -2.5) == "sign"


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (2.0, message("factor.known", factor="2")),
        (0.5, message("factor.known", factor="1/2")),
        (-2.0, message("factor.known", factor="-2")),
        (math.log(2), message("factor.known", factor="ln 2")),
        (1 / math.log(2), message("factor.other_base")),
        (7.0, message("factor.rows", name="x")),
        (1 / 7, message("factor.per_row", name="x")),
        (3.0, message("factor.columns", name="x")),
        (21.0, message("factor.size", name="x")),
        (11.0, message("factor.length", name="y")),
        (1 / 11, message("factor.per_length", name="y")),
    ],
)
def test_a_well_known_factor_is_named(factor, said):
    inputs = {"x": np.ones((7, 3)), "y": np.ones(11)}
    assert told(EXPECTED, EXPECTED * factor, **inputs) == [said]
    assert named(1.5, 1.5 * factor, **inputs) == ""  # one number alone
    alike = outputs_of(2.5, 2.5 * factor, inputs)
    assert diagnose(1.5, 1.5 * factor, inputs, others=[alike]).message == said


@pytest.mark.parametrize(("of", "code"), [
    (lambda n: n - 1, "factor.input_less_one"), (lambda n: 1 / (n - 1), "factor.per_input_less_one"),
    (lambda n: n, "factor.input"), (lambda n: 1 / n, "factor.per_input"),
])  # fmt: skip
def test_an_input_is_named_as_the_factor_if_it_is_in_several_probes(of, code):
    one, other = ({"count": count} for count in (10, 4))
    found = diagnose(3.0, 3.0 * of(10), one, others=[outputs_of(1.5, 1.5 * of(4), other)])
    assert found.message == Message(code, {"name": "count"})
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
    assert told(EXPECTED, EXPECTED * 1.7) == [message("factor.any"), message("factor.each", ratio=pytest.approx(1.7))]
    assert named(1.5, 1.5 * 1.7) == ""


def test_an_empty_input_names_no_factor():
    assert named(EXPECTED, EXPECTED * 7, x=np.zeros((0, 3))) == "factor"
    assert named(np.zeros(3), np.ones(3)) == "offset"


def test_a_constant_offset_is_shown_with_its_direction():
    more, less = message("value.too_much", much="0.25"), message("value.too_little", much="3")
    assert told(EXPECTED, EXPECTED + 0.25) == [message("value.offset"), more]
    assert told(np.array([5, 7], "u1"), np.array([2, 4], "u1")) == [message("value.offset"), less]
    assert named(1.5, 1.7) == ""


def test_exchanged_rows_and_columns_are_named():
    assert named(SQUARE, SQUARE.T) == "transposed"
    shapes = message("shape.shapes", expected="(2, 3)", observed="(3, 2)")
    assert told(EXPECTED, EXPECTED.T) == [message("shape.transposed"), shapes]


@pytest.mark.parametrize("step", [1, -1])
def test_values_shifted_by_one_are_named(step):
    expected = np.array([1.0, 5.0, 2.0, 9.0])
    assert named(expected, np.roll(expected, step)) == "shifted"
    assert named(expected, np.roll(expected, 2)) != "shifted"


def test_a_single_wrong_place_is_counted_and_shown():
    observed = EXPECTED.copy()
    observed[1, 2] = 9.0
    place = {"inputs": ("x[1, 2] = 7",), "place": "[1, 2]", "observed": "9", "expected": "-4.5"}
    assert told(EXPECTED, observed, x=np.full((2, 3), 7.0), axis=1) == [
        message("value.some"),
        message("value.some_at_input", wrong=1, count=6, **place),
    ]


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
    assert found is None or (found.name and words(found.message).endswith((".", "?")))


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
    digits = set(re.findall(r"\d+", str(dict(found.message.arguments)) if found else ""))
    assert digits <= {"1", "2"}  # "1/2", "1/n", "ln 2"
