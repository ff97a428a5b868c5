"""Observing: a probe runs in a namespace, and whatever happens there becomes an observation."""

import linecache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.core.errors import ValuesError
from grader.core.text import MOST_STORED
from grader.core.values import dumps, loads
from grader.judging.observe import (
    Failure,
    Observation,
    PlannedProbe,
    TimeUp,
    observation_from_json,
    observation_to_json,
    observe,
    observe_variant,
    planned_from_json,
    planned_to_json,
)


def probe(code="return answer(x)", parameters="answer, x", **inputs) -> PlannedProbe:
    return PlannedProbe("seen", f"def seen({parameters}):\n    {code}\n", inputs)


def failure_of(answer, x=0.0) -> Failure:
    """How the probe `answer(x)` fails."""
    observation = observe(probe(x=x), {"answer": answer})
    assert observation.value is None
    return observation.failure


def raising(error):
    def answer(x):
        raise error

    return answer


def test_parameters_are_filled_from_the_inputs_first_and_then_from_the_namespace():
    namespace = {"answer": lambda x: x + 1, "x": "the learner's own"}
    assert observe(probe(x=2), namespace) == Observation(3)
    assert observe(probe(), namespace | {"x": 5}) == Observation(6)


def test_what_came_back_is_plain():
    observation = observe(probe(x=np.arange(3)), {"answer": lambda x: (x.mean(), {"sum": np.sum(x)})})
    assert observation == Observation((1.0, {"sum": 3}))


def test_an_absent_name_is_missing():
    assert observe(probe(x=1), {}).failure == Failure("missing", "answer")
    assert observe(probe(), {"answer": abs}).failure == Failure("missing", "x")


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit("no"), NotImplementedError("no"), GeneratorExit("no")])
def test_whatever_the_learners_code_raises_is_the_failure(error):
    assert failure_of(raising(error)) == Failure(type(error).__name__, "no")


def test_only_the_learners_own_interrupt_passes():
    with pytest.raises(KeyboardInterrupt):
        observe(probe(x=1), {"answer": raising(KeyboardInterrupt())})
    assert failure_of(raising(TimeUp())).kind == "time"


def test_an_exception_that_cannot_be_printed_is_a_failure_like_any_other():
    class OddError(Exception):
        def __str__(self):
            raise ValueError

    assert failure_of(raising(OddError())) == Failure("OddError", "")
    assert failure_of(raising(ValueError("\ud800" * 9_999))).message == "?" * MOST_STORED


def test_of_a_graphs_error_what_is_wrong_is_told_and_no_path():
    stack = "".join(f'  File "/a/place/of/keras/{number}.py", line {number}, in call\n\n' for number in range(99))
    text = f"Graph execution error:\n\nDetected at node Equal:\n{stack}Incompatible shapes: [8] vs. [8,10]"
    message = failure_of(raising(RuntimeError(text))).message
    assert message == "Graph execution error:\n\nDetected at node Equal:\nIncompatible shapes: [8] vs. [8,10]"


def test_an_endless_recursion_is_a_failure():
    def answer(x):
        return answer(x)

    assert failure_of(answer).kind == "RecursionError"


def test_what_is_not_plain_is_a_failure_that_names_it():
    assert failure_of(lambda x: {1, 2}) == Failure(
        "not plain", "a set is neither a number, a text, a list nor an array"
    )
    assert failure_of(lambda x: 10**5_000).kind == "not plain"
    assert failure_of(lambda x: 1j).kind == "not plain"


def test_the_learners_line_is_told_with_its_number():
    source = "def answer(x):\n    y = x\n    return y / 0\n"
    filename = "<ipython-input-7-abc>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    scope = {}
    exec(compile(source, filename, "exec"), scope)
    assert failure_of(scope["answer"]).where == "line 3: return y / 0"
    assert failure_of(raising(ValueError())).where == ""


def test_a_change_in_place_is_seen_and_stays_with_the_learner():
    inputs = {"x": np.array([1.0, np.nan]), "y": [1, [2]]}

    def answer(x, y):
        x *= 2
        y[1].append(3)
        return 0

    planned = probe("return answer(x, y)", "answer, x, y", **inputs)
    assert observe(planned, {"answer": answer}).changed == ("x", "y")
    assert (inputs["x"][0], inputs["y"]) == (1.0, [1, [2]])


def test_an_input_that_was_only_read_did_not_change():
    inputs = {"x": np.array([np.nan, 1.0]), "y": [1.0, "a"], "z": {"k": float("nan")}}
    planned = probe("return answer(x, y, z)", "answer, x, y, z", **inputs)
    assert observe(planned, {"answer": lambda x, y, z: x + 1}).changed == ()


@pytest.mark.parametrize("foreign", [object(), np.int64(3), {1}, len])
def test_an_input_that_got_something_foreign_into_it_has_changed(foreign):
    def answer(x):
        x.append(foreign)
        return 1.0

    assert observe(probe(x=[1, 2]), {"answer": answer}) == Observation(1.0, changed=("x",))


def test_an_input_that_was_made_to_hold_itself_has_changed():
    assert observe(probe(x=[1]), {"answer": lambda x: x.append(x)}).changed == ("x",)
    assert observe(probe(x=np.zeros(4)), {"answer": lambda x: setattr(x, "shape", (2, 2))}).changed == ("x",)


def test_a_learners_warning_and_division_by_zero_make_no_noise():
    observation = observe(probe(x=np.array([0.0, 1.0])), {"answer": lambda x: 1 / x + np.log(x)})
    assert np.isnan(observation.value[0])
    assert observation.failure is None


def test_a_variant_takes_the_answers_place_and_leaves_the_namespace_alone():
    namespace = {"answer": lambda x: 0, "helper": lambda x: x + 1}
    seen = observe_variant("def answer(x):\n    return helper(x)\n", "answer", [probe(x=1)], namespace)
    assert seen == {"seen": Observation(2)}
    assert namespace["answer"](5) == 0


def test_a_starter_that_defines_nothing_leaves_the_name_missing():
    seen = observe_variant("# Your code here.", "answer", [probe(x=1)], {"answer": abs})
    assert seen["seen"].failure == Failure("missing", "answer")


@pytest.mark.parametrize(("code", "kind"), [("answer = 1 / 0", "ZeroDivisionError"), ("answer = (", "SyntaxError")])
def test_a_variant_that_cannot_be_defined_fails_at_every_probe(code, kind):
    seen = observe_variant(code, "answer", [probe(x=1), PlannedProbe("two", "def two():\n    return 1\n", {})], {})
    assert [observation.failure.kind for observation in seen.values()] == [kind, kind]


def test_a_planned_probe_comes_back_from_its_json_form():
    planned = planned_from_json(loads(dumps(planned_to_json(probe(x=np.eye(2), k=(1, "a"))))))
    assert (planned.name, planned.code, planned.inputs["k"]) == ("seen", probe().code, (1, "a"))
    assert np.array_equal(planned.inputs["x"], np.eye(2))


@pytest.mark.parametrize(
    "observation",
    [
        Observation(1.5),
        Observation(None),
        Observation([1, (2.0,)], changed=("x",)),
        Observation(failure=Failure("a", "b", "c")),
    ],
)
def test_an_observation_comes_back_from_its_json_form(observation):
    assert observation_from_json(loads(dumps(observation_to_json(observation)))) == observation


@pytest.mark.parametrize(
    "form",
    [None, [], {"score": 1}, {"failure": "x"}, {"failure": ["a", "b"]}, {"failure": ["a", "b", 1]}, {"failure": {}},
     {"value": {"object": 1}}, {"value": 1, "changed": "x"}, {"value": 1, "changed": [1]}],
)  # fmt: skip
def test_what_is_no_observation_is_refused(form):
    with pytest.raises(ValuesError):
        observation_from_json(form)


def test_forged_texts_are_cut_and_can_be_stored():
    form = {"failure": ["k" * 9_999, "\ud800" * 9_999, ""], "changed": ["\ud800" * 999] * 99}
    observation = observation_from_json(form)
    assert (len(observation.failure.kind), observation.failure.message) == (MOST_STORED, "?" * MOST_STORED)
    assert observation.changed == ("?" * 100,) * 20


@given(st.dictionaries(st.sampled_from(["failure", "value", "changed"]), st.lists(st.text(max_size=3) | st.integers())))
@settings(max_examples=60)
def test_a_forged_observation_is_one_or_a_values_error(form):
    try:
        observation = observation_from_json(form)
    except ValuesError:
        return
    assert observation_from_json(observation_to_json(observation)) == observation
