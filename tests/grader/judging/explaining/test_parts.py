"""Where a wrong value parts from the right one: by keys, places, rows, columns and steps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.core.messages import render
from grader.judging.explaining.parts import parted, parted_unseen
from grader.judging.judges import is_close
from tests.grader.judging.explaining.test_diagnose import anything


def same(one, other) -> bool:
    return is_close(one, other, 1e-5, 1e-8)


def told(expected, observed, **more) -> list:
    """The codes that are said of a pair of values, each with its arguments."""
    return [(one.code, dict(one.arguments)) for one in parted(expected, observed, same, **more).messages]


ONES, EYE = np.ones((3, 2)), np.eye(3)
TABLE = np.arange(12.0).reshape(6, 2)


def test_of_a_dictionary_the_keys_are_told():
    expected = {"w1": ONES, "b1": np.zeros(2), "w2": EYE}
    assert told(expected, {**expected, "w2": EYE + 1}) == [("parts.some", {"right": ("w1", "b1"), "wrong": ("w2",)})]
    assert told(expected, {"w1": ONES, "b1": np.zeros(2), "w3": EYE}) == [
        ("parts.missing", {"names": ("w2",)}), ("parts.unasked", {"names": ("w3",)}),
    ]  # fmt: skip


def test_of_a_tuple_the_places_are_told():
    assert told((0.5, 0.25, 0.75), (0.5, 0.3, 0.75)) == [
        ("parts.some", {"right": ("result[0]", "result[2]"), "wrong": ("result[1]",)})
    ]
    assert told((ONES, EYE), [ONES, EYE.T * 2])[0] == ("parts.some", {"right": ("result[0]",), "wrong": ("result[1]",)})


def test_within_the_first_wrong_part_it_goes_on():
    expected = {"train": TABLE, "test": TABLE[:2]}
    observed = {"train": TABLE, "test": TABLE[:2] + [[0, 0], [0, 5]]}
    assert told(expected, observed)[1] == ("parts.some", {"right": ("test[0]",), "wrong": ("test[1]",)})
    found = parted({"a": 1, "b": (EYE, -EYE)}, {"a": 1, "b": (EYE, EYE)}, same)
    assert (found.name, found.observed[0, 0], found.expected[0, 0]) == ("b[1]", 1.0, -1.0)


@pytest.mark.parametrize(
    ("wrong", "code", "arguments"),
    [
        ([2, 3, 4, 5], "parts.from", {"last": "result[1]", "first": "result[2]"}),
        ([5], "parts.some", {"right": tuple(f"result[{n}]" for n in range(5)), "wrong": ("result[5]",)}),
        ([0, 2], "parts.some",
         {"right": ("result[1]", "result[3]", "result[4]", "result[5]"), "wrong": ("result[0]", "result[2]")}),
    ],
)  # fmt: skip
def test_of_an_array_the_rows_are_told(wrong, code, arguments):
    observed = TABLE.copy()
    observed[wrong, 0] += 1
    assert told(TABLE, observed) == [(code, arguments)]


def test_of_steps_it_is_told_up_to_which_they_are_right():
    observed = TABLE + np.where(np.arange(6) > 3, 0.5, 0)[:, None]
    assert told(TABLE, observed, steps=True) == [("parts.step", {"last": 3, "first": 4})]
    assert told(TABLE, TABLE + np.where(np.arange(6) > 0, 0.5, 0)[:, None], steps=True) == [("parts.first_step", {})]
    assert told(list(range(9)), [*range(8), 99], steps=True)[0][0] == "parts.few_wrong"


def test_if_no_row_is_right_the_columns_are_told():
    assert told(TABLE, TABLE + [0, 1]) == [("parts.some", {"right": ("result[:, 0]",), "wrong": ("result[:, 1]",)})]
    assert told(TABLE, TABLE + 1) == []


def test_of_many_places_the_few_are_told():
    many = np.arange(100.0)
    assert told(many, np.where(many == 40, 0, many)) == [("parts.few_wrong", {"wrong": ("result[40]",), "right": 99})]
    assert told(many, np.where(many == 40, 40, -1)) == [("parts.few_right", {"right": ("result[40]",), "wrong": 99})]
    some = told(many, np.where(many % 2 == 0, many, -1))
    assert some == [("parts.first_wrong", {"first": "result[1]", "wrong": 50, "count": 100})]


def test_of_lists_of_words_it_is_told_how_far_they_are_the_same():
    words = ["fit", "a", "2d", "model"]
    assert told(words, ["fit", "a", "2", "d", "model"]) == [("parts.from", {"last": "result[1]", "first": "result[2]"})]
    assert told(words, words[:2]) == [("parts.ends_early", {"last": "result[1]"})]
    assert told(words, [*words, "too"]) == [("parts.goes_on", {"last": "result[3]"})]
    assert told(words, ["no"]) == []


def test_of_what_is_not_shown_only_which_few_parts_are_right_is_told():
    def unseen(expected, observed, words=()):
        return [(m.code, dict(m.arguments)) for m in parted_unseen(expected, observed, same, words).messages]

    assert unseen((1.5, 2.5), (1.5, 9.5)) == [("parts.some", {"right": ("result[0]",), "wrong": ("result[1]",)})]
    assert unseen(TABLE, np.where(TABLE > 3, TABLE, 99)) == []
    assert unseen([1.5, 2.5, 3.5], [1.5, 2.5, 9.5]) == []
    assert unseen(tuple(range(9)), (*range(8), 99)) == []
    counted = {"model": 1, "data": 2}
    assert unseen(counted, {"model": 1, "data": 3}) == []
    assert unseen(counted, {"model": 1, "data": 3}, {"model"}) == []
    assert unseen(counted, {"model": 1, "data": 3}, {"model", "data"})[0][1]["wrong"] == ("data",)
    assert unseen({"a": TABLE, "b": 1}, {"a": -TABLE, "b": 1}, {"a", "b"}) == [
        ("parts.some", {"right": ("b",), "wrong": ("a",)})
    ]


def test_no_more_rows_are_compared_than_a_person_waits_for():
    calls = []
    parted(np.zeros((100_000, 2)), np.ones((100_000, 2)), lambda one, other: calls.append(1))
    assert len(calls) < 10


@given(anything | st.dictionaries(st.text(max_size=2), anything), anything | st.dictionaries(st.text(), anything))
@settings(deadline=None, max_examples=150)
def test_no_pair_of_values_breaks_it(expected, observed):
    render(parted(expected, observed, same).messages)
    render(parted_unseen(expected, observed, same, set()).messages)
