"""What is said of a wrong answer that is no known misconception: over all probes, and nothing of what is hidden."""

import numpy as np
import pytest

from grader.judging.expectation import Expectation, JudgedProbe, JudgedTask, literals_of
from grader.judging.judges import accuracy, close
from grader.judging.observe import Failure, Observation
from grader.judging.verdict import Known, Verdict, decide

SECRET = np.array([6173.5, -8841.25])
STUB = Observation(failure=Failure("NotImplementedError"))


def probe(name, *, shown=True, public=True, judge=None, inputs=None, **more) -> JudgedProbe:
    given = {"x": SECRET} if inputs is None and not shown else inputs or {}
    return JudgedProbe(name, judge or close(), 1.0, "f(x)", given, shown=shown, public=public, **more)


def of(probes, expected, observed, own=()) -> Verdict:
    """The verdict on what probes observed, each value in its place."""
    names = [one.name for one in probes]
    right = {name: Observation(value) for name, value in zip(names, expected, strict=True)}
    seen = {
        name: value if isinstance(value, Observation) else Observation(value)
        for name, value in zip(names, observed, strict=True)
    }
    task = JudgedTask("f", 1.0, probes, {}, Expectation(right, dict.fromkeys(names, STUB)))
    return decide(task, seen, known=Known(own=own))


def codes(verdict: Verdict) -> list[str]:
    return [one.code for one in verdict.messages]


def arguments(verdict: Verdict, code: str) -> dict:
    return dict(next(one.arguments for one in verdict.messages if one.code == code))


def test_which_public_probes_are_right_is_told():
    found = of([probe("one_column"), probe("a_column")], [1.5, 2.5], [9.0, 2.5])
    assert arguments(found, "probes.some") == {"right": ("a_column",), "wrong": ("one_column",)}


def test_a_hidden_probe_is_not_named():
    found = of([probe("open"), probe("secret_one", shown=False, public=False)], [1.5, 2.5], [1.5, 9.0])
    assert codes(found) == ["probes.hidden"]
    found = of([probe("open"), probe("secret_one", shown=False, public=False)], [1.5, 2.5], [7.0, 9.0])
    assert codes(found) == ["value.wrong"]
    assert "secret_one" not in repr(found)


def test_a_drawn_public_probe_is_told_where_such_a_call_is_shown():
    found = of([probe("drawn", shown=False), probe("other", shown=False)], [1.5, 2.5], [9.0, 2.5])
    assert codes(found) == ["probes.some", "probes.check_tries"]
    assert (found.call, found.came_back) == ("", "")


def test_the_authors_sentence_is_told_of_the_probe_that_speaks():
    found = of([probe("a", says="Only the gate."), probe("b", says="All.")], [1.5, 2.5], [9.0, 2.5])
    assert arguments(found, "probe.says") == {"text": "Only the gate."}
    assert "All." not in repr(found)


def test_the_parts_of_a_value_are_told_and_what_is_wrong_with_the_first():
    weights = np.array([[1.5, 2.0], [3.0, 4.5]])
    found = of([probe("a")], [{"w": weights, "b": 1.0}], [{"w": -weights, "b": 1.0}])
    assert codes(found) == ["parts.some", "value.sign", "parts.about"]
    assert arguments(found, "parts.about") == {"name": "w"}


def test_of_steps_it_is_told_up_to_which_they_are_right():
    path = np.arange(10.0).reshape(5, 2) ** 2
    wrong = path + np.where(np.arange(5) > 1, 7.0, 0)[:, None] * path
    assert codes(of([probe("the_path")], [path], [wrong])) == ["parts.step"]
    assert codes(of([probe("rows", inputs={"steps": 4})], [path], [wrong])) == ["parts.step"]
    assert codes(of([probe("rows")], [path], [wrong]))[0] == "parts.from"


def test_a_factor_is_told_only_if_all_failing_probes_show_it():
    values = [np.array([1.0, 2.5]), np.array([4.0, 0.5])]
    both = [probe("a"), probe("b")]
    assert codes(of(both, values, [value * 3 for value in values])) == ["factor.any", "factor.each"]
    assert "factor.any" not in codes(of(both, values, [values[0] * 3, values[1] * 5]))
    gated = [probe("a", literals=literals_of("def a(f):\n    return f(40.0)"))]
    assert "factor.any" not in codes(of(gated, values[:1], [values[0] * 40]))


def test_of_a_probe_that_is_measured_no_row_is_told():
    labels = np.array([0, 1, 0, 1, 1])
    found = of([probe("a", judge=accuracy(labels, 1.0))], [labels], [np.array([0, 1, 0, 1, 0])])
    assert not any(code.startswith("parts.") for code in codes(found))


def hidden(failure: Failure, own=(), inputs=None) -> Verdict:
    secret = probe("secret", shown=False, public=False, inputs=inputs)
    return of([probe("open"), secret], [1.5, 2.5], [1.5, Observation(failure=failure)], own)


def test_pythons_own_text_of_a_hidden_probe_is_told():
    found = hidden(Failure("NameError", "name 'stable' is not defined", "line 2: stable(6173.5)"), {"stable"})
    assert arguments(found, "failure.error_in_line") == {
        "kind": "NameError", "text": "name 'stable' is not defined", "line": 2,
    }  # fmt: skip
    assert "6173" not in repr(found)


@pytest.mark.parametrize(
    "failure",
    [
        Failure("NameError", "name 'x6173' is not defined"),
        Failure("KeyError", "'hidden word'"),
        Failure("ValueError", "6173.5"),
        Failure("FileNotFoundError", "[Errno 2] No such file or directory: 'hidden word'"),
    ],
)
def test_a_text_that_an_input_may_be_in_is_not_told(failure):
    """Even if the notebook holds the very words."""
    own = {"x6173", "6173.5", "hidden word"}
    found = hidden(failure, own, {"text": ["hidden word"], "x": SECRET})
    assert codes(found)[0] == "failure.raises"
    assert "6173" not in repr(found) and "hidden word" not in repr(found)


def test_literals_are_the_texts_and_numbers_of_the_code():
    assert literals_of("def a(f):\n    return f('w', 2.5)['b']", "x = 3") == {"w", 2.5, "b", 3}
