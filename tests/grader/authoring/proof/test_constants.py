"""What constants earn is found, task by task."""

import numpy as np
import pytest

from grader.authoring.proof.verify import verify
from grader.judging.expectation import Expectation, JudgedProbe, JudgedTask
from grader.judging.judges import close
from grader.judging.observe import Observation
from grader.judging.verdict import State, decide
from tests.grader.toy import TOY, write_source

FIXED_ALONE = (
    "@total_task.probe(x=normal(3, 4))\ndef of_matrix(total, x):",
    "@total_task.probe(x=array([[1.0, 2.0], [3.0, 4.0]]))\ndef of_matrix(total, x):",
)
INSIDE = (
    "@total_task.probe(x=normal(3, 4))\ndef of_matrix(total, x):\n    return total(x)",
    "@total_task.probe(x=normal(3, 4))\ndef of_matrix(total, x):\n    return bool(np.isclose(total(x), x.sum()))",
)
OUTSIDE = (
    "@total_task.probe(x=normal(3, 4))\ndef of_matrix(total, x):",
    "def is_total(came_back, x):\n    return bool(np.isclose(came_back, np.sum(x)))\n\n\n"
    "@total_task.probe(x=normal(3, 4), judge=by(is_total, equal()))\ndef of_matrix(total, x):",
)
NAMES = ("Task, array, normal", "Task, array, by, equal, normal")


@pytest.fixture
def proof(tmp_path, sandbox):
    def prove(*changes):
        text = TOY
        for old, new in (NAMES, *changes):
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        return verify(write_source(tmp_path / "course", text).unit("toy"), "seed", sandbox)

    return prove


def test_a_unit_whose_answers_depend_on_its_inputs_has_no_findings(proof):
    assert proof().findings == []


@pytest.mark.parametrize("change", [FIXED_ALONE, INSIDE], ids=["fixed inputs", "a fact that is told inside"])
def test_a_task_that_constants_pass_is_found_and_so_is_what_they_earn_of_the_unit(proof, change):
    passed, earned = proof(change).findings
    assert passed.startswith("toy: constants pass task 'total': what its probes see is the same for every seed.")
    assert earned == "toy: constants earn 3 of 6 points (total 3); it must be less than 10%, questions aside"


def test_the_same_fact_told_outside_is_none_that_constants_know(proof):
    assert proof(OUTSIDE).findings == []


def test_a_hidden_probe_that_sees_the_same_for_every_seed_is_named(proof):
    (remark,) = proof().remarks
    assert remark == "toy: what 'on_hidden' of task 'double' sees, though hidden, is the same for every seed"
    drawn = ("x=array([987654.25]), hidden=True", "x=normal(1), hidden=True")
    assert proof(drawn).remarks == []


def test_a_question_is_a_constant_by_nature(proof):
    assert not any("quiz" in text for text in [*proof().findings, *proof().remarks])


def points(**observed: float) -> float:
    """What a task of 10 points gives, of whose four probes two are drawn; each is right where it observed 1."""
    probes = [
        JudgedProbe(name, close(), 1.0, "", {}, shown=True, drawn=name.startswith("drawn"))
        for name in ("drawn_1", "drawn_2", "fixed_1", "fixed_2")
    ]
    right = {probe.name: Observation(1.0) for probe in probes}
    task = JudgedTask("task", 10.0, probes, {}, Expectation(right, {}))
    verdict = decide(task, {name: Observation(float(observed.get(name, 0))) for name in right})
    assert (verdict.state == State.PASSED) == (len(observed) == 4)
    return verdict.points


@pytest.mark.parametrize(
    ("observed", "earned"),
    [
        ({"fixed_1": 1, "fixed_2": 1}, 0.0),
        ({"drawn_1": 1}, 2.5),
        ({"drawn_1": 1, "fixed_1": 1, "fixed_2": 1}, 7.5),
        ({"drawn_1": 1, "drawn_2": 1, "fixed_1": 1}, 7.5),
        ({"drawn_1": 1, "drawn_2": 1, "fixed_1": 1, "fixed_2": 1}, 10.0),
    ],
)
def test_fixed_inputs_count_only_as_far_as_drawn_ones_in_full_from_half(observed, earned):
    assert points(**observed) == earned


def test_below_half_of_the_drawn_weight_fixed_inputs_count_in_proportion():
    probes = [
        JudgedProbe("small", close(), 1.0, "", {}, shown=True, drawn=True),
        JudgedProbe("large", close(), 3.0, "", {}, shown=True, drawn=True),
        JudgedProbe("fixed", close(), 4.0, "", {}, shown=True),
    ]
    task = JudgedTask("task", 8.0, probes, {}, Expectation({p.name: Observation(1.0) for p in probes}, {}))
    seen = {"small": Observation(1.0), "large": Observation(np.zeros(2)), "fixed": Observation(1.0)}
    assert decide(task, seen).points == 1.0 + 4.0 / 2


def test_a_task_without_drawn_inputs_is_judged_by_its_fixed_ones_alone():
    probes = [JudgedProbe(name, close(), 1.0, "", {}, shown=True) for name in ("one", "two")]
    task = JudgedTask("task", 2.0, probes, {}, Expectation({p.name: Observation(1.0) for p in probes}, {}))
    assert decide(task, {"one": Observation(1.0), "two": Observation(2.0)}).points == 1.0
