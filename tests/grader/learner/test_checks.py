"""The checks file: what a learner's kernel gets of a unit, and what it never gets."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.core.errors import ValuesError
from grader.judging.expectation import FORMAT, Expectation, expectation_from_json, expectation_to_json
from grader.judging.observe import Failure, Observation, observe_variant
from grader.judging.verdict import State, decide
from grader.learner.checks import read_checks
from grader.units.inputs import PUBLIC_SEED
from grader.units.public_checks import checks_text, rebuilt_text, recorded_text
from grader.units.source import load_unit
from grader.units.unit import Unit

SOURCE = """\
# %% [markdown]
# # Activations

# %%
def relu(x):
    ### BEGIN SOLUTION
    return np.maximum(x, 0)
    ### END SOLUTION

# %% tags=["task"]
import numpy as np
from grader import Task, array, close, normal

task = Task("relu", points=2, hints=["Which is larger?"])

@task.probe(x=normal(3), weight=3, judge=close(rtol=1e-3))
def drawn(relu, x):
    return relu(x)

@task.probe(x=array([-71.5, 6173.5]), hidden=True)
def secret_place(relu, x):
    return relu(x)

@task.misconception("Only negative numbers become 0.")
def absolute(x):
    return np.abs(x)

@task.alternative
def masked_values(x):
    return x * (x > 0)

# %%
lab.check("relu")
"""


def unit_in(folder: Path) -> Unit:
    path = folder / "02_activations.py"
    path.write_text(SOURCE, encoding="utf-8")
    return load_unit(path)


def expectations(unit: Unit) -> dict[str, Expectation]:
    """What the reference, the starter and the misconceptions give for the public seed."""
    known = {}
    for name, task in unit.tasks.items():
        plan, variants = unit.plan(task, PUBLIC_SEED), unit.variants(task)
        codes = {"reference": unit.solution(name), **variants["starter"], **variants["misconceptions"]}
        codes |= variants["alternatives"]
        observed = {key: observe_variant(code, name, plan, {"np": np}) for key, code in codes.items()}
        wrong = {key: observed[key] for key in variants["misconceptions"]}
        right = {key: observed[key] for key in variants["alternatives"]}
        known[name] = Expectation(observed["reference"], observed["starter"], wrong, right)
    return known


def written(folder: Path) -> Path:
    unit = unit_in(folder)
    path = folder / "02_activations.json"
    path.write_text(checks_text(unit, expectations(unit)), encoding="utf-8")
    return path


def test_a_checks_file_comes_back_with_its_unit(tmp_path):
    unit, checks = unit_in(tmp_path), read_checks(written(tmp_path))
    assert (checks.unit, checks.title, checks.digest) == ("02_activations", "Activations", unit.digest)
    assert (checks.points, checks.recorded) == ({"relu": 2.0}, False)
    assert checks.tasks["relu"].hints == ["Which is larger?"]
    assert checks.tasks["relu"].solution == unit.solution("relu")


def test_nothing_of_a_hidden_probe_and_no_alternative_is_in_the_file(tmp_path):
    text = written(tmp_path).read_text(encoding="utf-8")
    assert "drawn" in text
    assert not any(word in text for word in ("secret_place", "6173", "masked_values"))
    assert list(json.loads(text)["tasks"]["relu"]["expectation"]["reference"]) == ["drawn"]


def test_a_public_probe_keeps_its_judge_its_weight_and_its_inputs(tmp_path):
    public = read_checks(written(tmp_path)).tasks["relu"]
    (probe,), (planned,) = public.judged.probes, public.plan
    assert (probe.weight, probe.judge.rtol, probe.call, probe.shown) == (3, 1e-3, "relu(x)", True)
    unit = unit_in(tmp_path)
    assert np.array_equal(planned.inputs["x"], unit.plan(unit.tasks["relu"], PUBLIC_SEED)[0].inputs["x"])


@pytest.mark.parametrize(
    ("code", "state", "misconception"),
    [
        ("relu = lambda x: np.where(x > 0, x, 0.0)", State.PASSED, ""),
        ("relu = np.abs", State.FAILED, "absolute"),
        ("relu = np.sign", State.FAILED, ""),
        ("def relu(x):\n    raise NotImplementedError", State.NOT_ATTEMPTED, ""),
        ("", State.NOT_ATTEMPTED, ""),
    ],
)
def test_the_file_is_enough_to_judge(tmp_path, code, state, misconception):
    public = read_checks(written(tmp_path)).tasks["relu"]
    verdict = decide(public.judged, observe_variant(code, "relu", public.plan, {"np": np}))
    assert (verdict.state, verdict.misconception) == (state, misconception)


BY_FACTS = SOURCE.replace("array, close, normal", "array, by, close, normal").replace(
    """@task.probe(x=normal(3), weight=3, judge=close(rtol=1e-3))""",
    """SMALL = 1e-9

def facts(came_back, x):
    return {"negative": int(np.sum(came_back < 0)), "kept": bool(np.all(abs(came_back - x)[x > 0] < SMALL))}

@task.probe(x=normal(3), weight=3, judge=by(facts, close(rtol=1e-3)))""",
)


@pytest.mark.parametrize(
    ("code", "state", "misconception"),
    [
        ("relu = lambda x: np.where(x > 0, x, 0.0)", State.PASSED, ""),
        ("relu = lambda x: np.where(x > 0, x, 1.0)", State.PASSED, ""),  # of which these facts are true, too
        ("relu = lambda x: x", State.FAILED, ""),
        ("relu = lambda x: {'negative': 0, 'kept': True}", State.FAILED, ""),
        ("relu = lambda x: 'text'", State.FAILED, ""),
    ],
)
def test_a_public_check_judges_by_the_authors_facts_too(tmp_path, monkeypatch, code, state, misconception):
    monkeypatch.setitem(globals(), "SOURCE", BY_FACTS.replace("return np.abs(x)", "return np.minimum(x, 0)"))
    public = read_checks(written(tmp_path)).tasks["relu"]
    verdict = decide(public.judged, observe_variant(code, "relu", public.plan, {"np": np}))
    assert (verdict.state, verdict.misconception) == (state, misconception)
    unit = unit_in(tmp_path)
    graded = unit.judged(unit.tasks["relu"], PUBLIC_SEED, expectations(unit)["relu"])
    seen = observe_variant(code, "relu", unit.plan(unit.tasks["relu"], PUBLIC_SEED), {"np": np})
    assert decide(
        graded, {"drawn": seen["drawn"], "secret_place": graded.expectation.reference["secret_place"]}
    ).state == (state)


def test_the_file_holds_what_facts_say_and_no_value_that_they_are_made_from(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "SOURCE", BY_FACTS)
    unit = unit_in(tmp_path)
    form = json.loads(written(tmp_path).read_text())["tasks"]["relu"]["expectation"]
    kept = expectation_from_json(form)
    told = [kept.reference["drawn"], *(seen["drawn"] for seen in kept.misconceptions.values())]
    assert [sorted(one.value) for one in told] == [["kept", "negative"]] * 2  # the reference and its one misconception
    again = rebuilt_text(unit, {"relu": expectation_from_json(form)})
    assert json.loads(again)["tasks"]["relu"]["expectation"] == form


def test_the_copy_for_the_sandbox_holds_names_and_points_alone(tmp_path):
    path = tmp_path / "recorded.json"
    path.write_text(recorded_text(unit_in(tmp_path)), encoding="utf-8")
    checks = read_checks(path)
    assert (checks.recorded, checks.points, checks.tasks) == (True, {"relu": 2.0}, {})
    assert not any(word in path.read_text() for word in ("drawn", "maximum", "larger", "probe"))


def test_the_same_unit_gives_the_same_text(tmp_path):
    unit = unit_in(tmp_path)
    assert checks_text(unit, expectations(unit)) == checks_text(unit, expectations(unit))


def test_an_expectation_comes_back_from_its_json_form():
    failed = Observation(failure=Failure("ValueError", "no"))
    expectation = Expectation({"p": Observation(1.0)}, {"p": failed}, {"m": {"p": Observation(2)}}, {"a": {}})
    assert expectation_from_json(json.loads(json.dumps(expectation_to_json(expectation)))) == expectation


def test_a_file_of_another_version_says_to_build_again(tmp_path):
    path = written(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace(f'"format": {FORMAT}', '"format": 1'), encoding="utf-8")
    with pytest.raises(ValuesError, match=r"02_activations\.json was made by another version.*grader build"):
        read_checks(path)


def damaged(path: Path, change) -> str:
    """How a file is refused whose document was changed."""
    form = json.loads(path.read_text(encoding="utf-8"))
    change(form)
    path.write_text(json.dumps(form), encoding="utf-8")
    with pytest.raises(ValuesError) as caught:
        read_checks(path)
    return str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda form: form.pop("title"),
        lambda form: form.pop("tasks"),
        lambda form: form["tasks"].update(relu=5),
        lambda form: form["tasks"]["relu"].update(points="many"),
        lambda form: form["tasks"]["relu"]["probes"][0].update(code="def ("),
        lambda form: form["tasks"]["relu"]["probes"][0]["inputs"].update(x={"npy": "AAAA"}),
        lambda form: form["tasks"]["relu"]["probes"][0]["judge"].update(name="near"),
        lambda form: form["tasks"]["relu"]["probes"][0]["judge"].update(odd=1),
        lambda form: form["tasks"]["relu"]["expectation"]["reference"].update(drawn=1),
    ],
)
def test_a_damaged_file_is_named_with_what_to_do(tmp_path, change):
    message = damaged(written(tmp_path), change)
    assert message == f"{tmp_path / '02_activations.json'} is damaged: fetch it again, or run `grader build`"


@given(st.binary(max_size=60) | st.integers(0, 2_000))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_other_bytes_and_no_half_of_a_file_are_checks(tmp_path, content):
    path = tmp_path / "other.json"
    if isinstance(content, int):
        whole = tmp_path / "02_activations.json"
        data = (whole if whole.exists() else written(tmp_path)).read_bytes()
        content = data[: content % (len(data) - 1)]
    path.write_bytes(content)
    with pytest.raises(ValuesError, match=r"other\.json is damaged"):
        read_checks(path)


def test_what_a_probe_says_is_in_the_checks_if_it_says_anything(tmp_path):
    unit = unit_in(tmp_path)
    assert "says" not in checks_text(unit, expectations(unit))
    path = tmp_path / "02_activations.py"
    path.write_text(SOURCE.replace("weight=3,", 'weight=3, says="Only the sign.",'), encoding="utf-8")
    checks = tmp_path / "checks.json"
    changed = load_unit(path)
    checks.write_text(checks_text(changed, expectations(changed)), encoding="utf-8")
    task = read_checks(checks).tasks["relu"].judged
    assert [probe.says for probe in task.probes] == ["Only the sign."]
    verdict = decide(task, {"drawn": Observation(np.array([5.0, 7.0, 6.0]))})
    assert [one.code for one in verdict.messages] == ["probe.says"]
