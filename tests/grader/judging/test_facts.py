"""What an author's function says of values that a learner made."""

import numpy as np
import pytest

from grader.judging.facts import FORM, asked_for, bound, facts_of, holds_text, meant, room_for, size
from grader.judging.observe import Failure, Observation

INPUTS = {"rows": 4, "x": np.arange(3.0), "names": ["a", "b"]}


def parts(came_back, rows):
    train, test = came_back
    return {"each row is in one part": sorted([*train, *test]) == list(range(rows))}


def test_it_gets_what_came_back_and_the_inputs_that_it_names():
    assert asked_for(parts) == ["rows"]
    said = facts_of(bound(parts, INPUTS), Observation([[0, 2], [1, 3]]))
    assert said.value == {"each row is in one part": True}
    assert facts_of(bound(parts, INPUTS), Observation([[0, 2], [1, 2]])).value == {"each row is in one part": False}


@pytest.mark.parametrize("made", [None, 3, "text", [[1], [2], [3]], [None, None], {"a": 1}, np.zeros((0, 2))])
def test_a_value_that_it_cannot_read_has_another_form(made):
    failure = facts_of(bound(parts, INPUTS), Observation(made)).failure
    assert failure is not None and failure.kind == FORM and failure.where == ""


@pytest.mark.parametrize("said", [object(), lambda: 1, {1, 2}, [iter(())]])
def test_what_it_says_must_be_plain_too(said):
    assert facts_of(lambda value: said, Observation(1)).failure.kind == FORM


def test_a_failure_stays_as_it_is_and_so_does_what_was_changed():
    failed = Observation(failure=Failure("ValueError", "no"))
    assert facts_of(lambda value: 1 / 0, failed) is failed
    assert facts_of(lambda value: value, Observation(1, changed=("x",))).changed == ("x",)
    assert facts_of(lambda value: 1 / 0, Observation(1, changed=("x",))).changed == ("x",)


def test_it_can_change_neither_inputs_nor_what_came_back():
    def spoil(came_back, x, names):
        names.append("c")
        came_back["list"].append(1)
        x[0] = 9.0

    seen = Observation({"list": [0]})
    assert facts_of(bound(spoil, INPUTS), seen).failure.kind == FORM  # the array refuses
    assert (seen.value, INPUTS["names"], INPUTS["x"][0]) == ({"list": [0]}, ["a", "b"], 0.0)


def test_only_probes_with_such_a_function_are_read():
    seen = {"one": Observation(2), "two": Observation(3)}
    said = meant(seen, {"one": lambda value: value > 1})
    assert (said["one"].value, said["two"]) == (True, seen["two"])


@pytest.mark.parametrize(
    ("value", "items"),
    [
        (1.5, 1), (None, 1), ("text", 4), ([], 1), ([1, 2], 3), (([1], {"ab": 2}), 8),
        (np.zeros((3, 4)), 12), (np.array(["abc"]), 3), (np.zeros((9, 0)), 9), (np.zeros((0, 9, 0, 7)), 63),
        (np.zeros(0, "U500"), 500),
    ],
)  # fmt: skip
def test_what_a_value_holds_is_counted_at_any_depth(value, items):
    assert size(value) == items


@pytest.mark.parametrize(
    "made",
    [
        [np.zeros(2_000, "u1"), []], [[0] * 2_000, []], ["a" * 2_000, ""], {"a": [[0] * 1_000], "b": "b" * 1_000},
        [{"a" * 2_000: 0}, []], np.zeros((10**9, 0)), [np.zeros((0, 2, 10**9)), []], [np.zeros(0, "U100000000"), []],
    ],
)  # fmt: skip
def test_a_value_far_larger_than_the_reference_is_not_looked_at(made):
    def never(came_back):
        raise AssertionError("it was asked")

    failure = facts_of(bound(never, {}, room_for(Observation([[0, 1], [2, 3]]))), Observation(made)).failure
    assert failure is not None and (failure.kind, failure.message[:11]) == (FORM, "ValuesError")


@pytest.mark.parametrize("made", ["ab", ["a" * 200, 1], [[0], [{"a": "b"}]], (np.array(["0"]), 1), {"a": ["b"]}])
def test_text_is_not_looked_at_if_the_reference_has_none(made):
    def never(came_back):
        raise AssertionError("it was asked")

    assert holds_text(made)
    assert facts_of(bound(never, {}, text=False), Observation(made)).failure.message[:11] == "ValuesError"


@pytest.mark.parametrize("made", [1, None, [0, (1.5, [])], {"a": np.zeros(2)}])
def test_what_holds_no_text_is(made):
    assert not holds_text(made)
    assert facts_of(bound(lambda came_back: True, {}, text=False), Observation(made)).value is True


def test_a_value_somewhat_larger_than_the_reference_is():
    most = room_for(Observation([[0, 2], [1, 3]]))
    said = facts_of(bound(parts, INPUTS, most), Observation([[0, 2, 2] * 50, [1, 3]]))
    assert said.value == {"each row is in one part": False}
