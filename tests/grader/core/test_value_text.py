"""What a person reads of a value: exact where it is short, never longer than a card."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.core.value_text import MAX_LINES, MAX_WIDTH, show


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (0.1 + 0.2, "0.3"),
        (1e-12, "1e-12"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (True, "True"),
        (3, "3"),
        (None, "None"),
        ("relu", "'relu'"),
        ([1, "a"], "[1, 'a']"),
        (np.array([1.0, 2.5]), "[1. , 2.5]"),
        (np.array([True, False]), "[ True, False]"),
        (np.zeros((0, 3)), "an empty array of shape (0, 3)"),
    ],
)
def test_a_short_value_is_shown_whole(value, text):
    assert show(value) == text


def test_the_middle_of_a_long_array_is_left_out():
    text = show(np.arange(1_000.0))
    assert text == "[  0.,   1.,   2., ..., 997., 998., 999.]"


def test_of_many_axes_the_shape_and_the_beginning_are_shown():
    text = show(np.arange(6.0**8).reshape((6,) * 8))
    assert text.startswith("an array of shape (6, 6, 6, 6, 6, 6, 6, 6), beginning\n[[[")
    assert "0." in text


def test_a_text_that_could_not_be_printed_is_escaped():
    assert show("\ud800\x1b") == r"'\ud800\x1b'"
    assert show(np.array(["\x1b"])) == r"['\x1b']"


shapes = hnp.array_shapes(min_dims=0, max_dims=6, min_side=0, max_side=9)
long_values = (
    st.text(min_size=500)
    | st.integers(0, 9_999).map(lambda n: list(range(n)))
    | st.integers(0, 9_999).map(lambda n: "line\n" * n)
    | hnp.arrays(st.sampled_from(["f8", "i8", "?", "c16", "U4"]), shapes)
    | hnp.arrays("U600", (3, 9))
    | st.dictionaries(st.text(), hnp.arrays("f8", (30, 30)), max_size=4)
)


@given(long_values)
@settings(deadline=None, max_examples=60)
def test_nothing_is_longer_than_a_card(value):
    lines = show(value).split("\n")
    assert len(lines) <= MAX_LINES
    assert max(map(len, lines)) <= MAX_WIDTH + 2


small_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | hnp.arrays("f8", (2,)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=9,
)


@given(st.lists(small_values, max_size=3))
@settings(deadline=None, max_examples=60)
def test_what_is_short_is_shown_as_python_prints_it(value):
    whole = repr(value)
    assert show(value) == whole or len(whole) > MAX_WIDTH or whole.count("\n") >= MAX_LINES


# Each took NumPy minutes: all of it was printed, and then cut to a few lines.
@pytest.mark.parametrize(
    "value",
    [
        [np.full(1_000, 1e-300) * np.longdouble("1e-4000")] * 2_000,
        {"arrays": [np.linspace(0.1, 0.9, 1_000)] * 5_000},
        [10**4_299] * 10_000,
        [[[0.1] * 100_000] * 10],
        ["\x01" * 30_000_000],
        {"\x01" * 30_000_000: 1},
    ],
    ids=["far from 1", "arrays", "large numbers", "numbers", "a text", "a key"],
)
def test_of_a_long_value_only_the_beginning_is_printed(value):
    started = time.process_time()
    assert len(show(value)) < 4_000
    assert time.process_time() - started < 1.0
