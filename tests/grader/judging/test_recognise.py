"""Recognised misconceptions: only where it is sure that the answer is that one."""

import numpy as np
import pytest

from grader.judging.expectation import Expectation, JudgedProbe, JudgedTask
from grader.judging.judges import accuracy, close, equal
from grader.judging.observe import Failure, Observation
from grader.judging.verdict import decide

RIGHT = {"a": 1.0, "b": 2.0, "c": 3.0}
RAISES = Observation(failure=Failure("ValueError", "no 1.0"))
OTHERWISE = Observation(failure=Failure("ValueError", "no 2.0"))


def seen(**values) -> dict[str, Observation]:
    return {name: v if isinstance(v, Observation) else Observation(v) for name, v in values.items()}


STUB, ABSENT = (Observation(failure=Failure(*kind)) for kind in (("NotImplementedError",), ("missing", "task")))


def recognised(answer, hints=None, judges=None, starter=STUB, **known) -> str:
    """The misconception that an answer to a task with the probes a, b and c is taken for."""
    probes = [JudgedProbe(name, (judges or {}).get(name, close()), 1.0, "", {}, shown=True) for name in RIGHT]
    expectation = Expectation(
        seen(**RIGHT), dict.fromkeys(RIGHT, starter), {name: seen(**values) for name, values in known.items()}
    )
    hints = hints or {name: f"Of {name}." for name in known}
    return decide(JudgedTask("task", 1.0, probes, hints, expectation), seen(**RIGHT | answer)).misconception


def test_one_that_agrees_at_every_failing_probe_is_recognised():
    assert recognised({"a": 9.0, "b": 8.0}, square={"a": 9.0, "b": 8.0, "c": 3.0}) == "square"


def test_one_that_agrees_at_one_failing_probe_and_has_another_value_at_the_next_is_not():
    assert recognised({"a": 9.0, "b": 8.0}, square={"a": 9.0, "b": 7.0, "c": 3.0}) == ""
    assert recognised({"a": 9.0, "b": RAISES}, square={"a": 9.0, "b": 7.0, "c": 3.0}) == ""


def test_one_that_is_wrong_where_the_answer_is_right_is_not():
    assert recognised({"a": 9.0}, square={"a": 9.0, "b": 8.0, "c": 3.0}) == ""
    assert recognised({"a": 9.0}, square={"a": 9.0, "b": RAISES, "c": 3.0}) == ""


def test_how_it_fails_tells_for_it_and_not_against_it():
    assert recognised({"a": RAISES}, raises={"a": RAISES, "b": 2.0, "c": 3.0}) == "raises"
    assert recognised({"a": 9.0, "b": OTHERWISE}, square={"a": 9.0, "b": RAISES, "c": 3.0}) == "square"
    assert recognised({"b": OTHERWISE}, square={"a": 1.0, "b": RAISES, "c": 3.0}) == ""


def test_a_probe_that_was_not_reached_tells_nothing_against_it():
    known = {"square": {"a": 9.0, "b": 8.0}}
    assert recognised({"a": 9.0}, **known, judges={}) == ""
    assert recognised({"a": 9.0, "b": 8.0, "c": RAISES}, **known) == "square"


def test_of_two_that_fit_alike_neither_is_told_unless_they_say_the_same():
    both = {"one": {"a": 9.0, "b": 2.0, "c": 3.0}, "other": {"a": 9.0, "b": 2.0, "c": 3.0}}
    assert recognised({"a": 9.0}, **both) == ""
    assert recognised({"a": 9.0}, hints=dict.fromkeys(both, "Alike."), **both) == "one"


@pytest.mark.parametrize("order", [("more", "less"), ("less", "more")])
def test_of_two_that_fit_the_one_that_agrees_at_more_probes_is_told(order):
    known = {"more": {"a": 9.0, "b": 8.0, "c": 3.0}, "less": {"a": 9.0, "b": RAISES, "c": 3.0}}
    assert recognised({"a": 9.0, "b": 8.0}, **{name: known[name] for name in order}) == "more"


def test_predictions_are_measured_so_other_ones_contradict_nothing():
    labels = np.array([0, 1, 0, 1])
    judges = {"c": accuracy(labels, at_least=1.0), "a": equal()}
    values = {"a": 9.0, "b": 2.0, "c": np.array([0, 1, 1, 1])}
    answer = {"a": 9.0, "c": np.array([1, 1, 1, 0])}
    assert recognised(answer, judges=judges, untrained=values) == "untrained"
    assert recognised({"a": 9.0, "c": labels}, judges=judges, untrained=values) == ""


def test_what_is_no_function_may_be_right_by_luck_where_the_misconception_was_not():
    known = {"pads_are_read": {"a": 9.0, "b": 8.0, "c": 3.0}}
    for starter in (ABSENT, Observation(failure=Failure("TypeError", "'NoneType' object is not callable"))):
        assert recognised({"a": 9.0}, starter=starter, **known) == "pads_are_read"
        assert recognised({"a": 9.0, "b": 7.0}, starter=starter, **known) == ""
    for starter in (STUB, Observation(5.0)):
        assert recognised({"a": 9.0}, starter=starter, **known) == ""


def test_of_two_networks_the_one_that_is_wrong_no_further_than_the_answer_is_told():
    known = {"untrained": {"a": 9.0, "b": 8.0, "c": 7.0}, "too_short": {"a": 9.0, "b": 2.0, "c": 3.0}}
    assert recognised({"a": 9.0}, starter=ABSENT, **known) == "too_short"
