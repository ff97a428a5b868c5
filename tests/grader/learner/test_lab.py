"""`Lab` in a learner's kernel: every call answers with a card, at once, whatever the folder looks like."""

import json
import re
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import Lab
from grader.judging.expectation import Expectation
from grader.judging.observe import observe, observe_variant
from grader.judging.verdict import State
from grader.learner.progress import Progress
from grader.units.inputs import PUBLIC_SEED
from grader.units.public_checks import checks_text, recorded_text
from grader.units.source import load_unit
from grader.units.unit import Unit
from tests.grader.said import check_title, sentence

SOURCE = """\
# %%
def relu(x):
    ### BEGIN SOLUTION
    return np.maximum(x, 0)
    ### END SOLUTION

# %% tags=["task"]
import numpy as np
from grader import Quiz, Task, array, normal

task = Task("relu", hints=["Which is larger?", "`np.maximum`"])

@task.probe(x=normal(3, 4))
def drawn(relu, x):
    return relu(x)

@task.misconception("Only negative numbers become 0.")
def absolute(x):
    return np.abs(x)

# %%
### BEGIN SOLUTION
lab.answer("loss", "b")
### STARTER
# lab.answer("loss", ...)
### END SOLUTION

# %% tags=["task"]
quiz = Quiz("loss", wrong={"a": "That is a metric."})

# %%
def secret(x):
    ### BEGIN SOLUTION
    return x
    ### END SOLUTION

# %% tags=["task"]
task = Task("secret")

@task.probe(x=1.0, hidden=True)
def unseen(secret, x):
    return secret(x)

# %%
lab.check("relu")
lab.check("secret")
"""
ANSWERS = {"relu": "def relu(x):\n    return np.maximum(x, 0)\n", "loss": "loss = 'b'\n", "secret": "secret = abs\n"}


def built_unit(folder: Path) -> Unit:
    path = folder / "x.py"
    path.write_text(SOURCE, encoding="utf-8")
    return load_unit(path)


def build(folder: Path, text: str = "") -> None:
    """Write `.checks/x.json`, with expectations that the reference's, the starter's and the wrong code give."""
    unit, known = built_unit(folder), {}
    for name, task in unit.tasks.items():
        plan, namespace = unit.plan(task, PUBLIC_SEED), {"np": np}
        exec(ANSWERS[name], namespace)
        reference = {probe.name: observe(probe, namespace) for probe in plan}
        quiet = {"np": np, "lab": SimpleNamespace(answer=print)}
        starter = observe_variant(unit.variants(task)["starter"]["starter"], name, plan, quiet)
        wrong = unit.variants(task)["misconceptions"]
        seen = {key: observe_variant(code, name, plan, {"np": np}) for key, code in wrong.items()}
        known[name] = Expectation(reference, starter, seen)
    (folder / ".checks").mkdir(exist_ok=True)
    (folder / ".checks" / "x.json").write_text(text or checks_text(unit, known), encoding="utf-8")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A lab's folder, and the one a learner works in."""
    build(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lab(**namespace) -> Lab:
    return Lab("x", namespace)


def test_a_right_answer_passes(folder):
    card = lab(relu=lambda x: np.where(x > 0, x, 0.0)).check("relu")
    assert card.title == check_title("relu", State.PASSED)
    assert bool(card) is True


def test_a_misconception_gets_its_hint_and_the_call(folder):
    card = lab(relu=np.abs).check("relu")
    assert (card.title, bool(card)) == (check_title("relu", State.FAILED), False)
    assert card.paragraphs[0] == "Only negative numbers become 0."
    assert card.blocks[0][1].startswith("relu(x)\nx = [[")


def test_an_untouched_or_absent_answer_is_not_attempted(folder):
    untouched = {"np": np}
    exec(built_unit(folder).starter_cells[0]["source"], untouched)
    assert Lab("x", untouched).check("relu").title == check_title("relu", State.NOT_ATTEMPTED)
    assert lab().check("relu").title == check_title("relu", State.NOT_ATTEMPTED)


def test_an_answer_that_needs_an_unwritten_function_is_told_which(folder):
    names = {"np": np}
    exec("def secret(x): raise NotImplementedError\ndef between(x): return [secret(y) for y in x]\n", names)
    exec("def relu(x): return between(x)", names)
    card = Lab("x", names).check("relu")
    assert card.title == check_title("relu", State.FAILED)
    assert card.paragraphs[0] == sentence("answer.needs_first", function="secret")


@pytest.mark.parametrize(
    "code",
    [
        "def relu(x): raise NotImplementedError",
        "def relu(x):\n    raise NotImplementedError\n    return secret(x)",
        "def relu(x): return other(x)",
        "relu = type('R', (), {'__call__': lambda self, x: other(x)})()",
    ],
)
def test_an_answer_that_is_not_written_itself_is_not_told_another(folder, code):
    names = {"np": np}
    exec("def secret(x): raise NotImplementedError\ndef other(x): raise NotImplementedError", names)
    exec(code, names)
    card = Lab("x", names).check("relu")
    assert card.title == check_title("relu", State.NOT_ATTEMPTED)
    assert card.paragraphs[0] == sentence("answer.unwritten", name="relu")


def test_a_lab_looks_into_the_notebook_that_makes_it(folder):
    scope = {"Lab": Lab, "relu": lambda x: np.maximum(x, 0)}
    exec("lab = Lab('x')\ncard = lab.check('relu')", scope)
    assert scope["card"].passed
    exec("relu = abs", scope)
    assert not scope["lab"].check("relu")


def test_a_check_answers_at_once(folder):
    course = lab(relu=lambda x: np.maximum(x, 0))
    course.check("relu")
    start = time.perf_counter()
    course.check("relu")._repr_html_()
    assert time.perf_counter() - start < 0.1


def test_each_call_gives_one_hint_more(folder):
    course = lab()
    first, second, third = (course.hint("relu") for _ in range(3))
    assert (first.title, list(first.paragraphs)[0]) == ("relu: hint 1 of 2", "1. Which is larger?")
    assert first.paragraphs[-1].startswith("1 more")
    assert second.paragraphs[:2] == ["1. Which is larger?", "2. `np.maximum`"]
    assert third == second


def test_a_task_without_hints_says_so(folder):
    assert lab().hint("loss").title == "loss has no hints"


def test_the_solution_is_the_references_code(folder):
    ((_, code),) = lab().solution("relu").blocks
    assert code == "def relu(x):\n    return np.maximum(x, 0)"


def test_a_quiz_is_answered_and_checked_in_one_call(folder):
    course = lab()
    assert course.answer("loss", " B ").passed
    assert course.answer("loss", "a").paragraphs[0] == "That is a metric."
    assert course.answer("loss", ...).title == course.answer("loss").title == check_title("loss", State.NOT_ATTEMPTED)


@pytest.mark.parametrize("choice", ["(b)", "b)", "B.", "[b]", "choice b", "answer: b", "'b'"])
def test_a_choice_is_taken_as_the_list_writes_it(folder, choice):
    course = lab()
    assert course.answer("loss", choice).passed
    assert course._namespace["loss"] == "b"


@pytest.mark.parametrize("choice", [["b"], ("b",), 2, None, "a or b"])
def test_what_is_no_choice_gets_a_card_that_says_what_is_asked_for(folder, choice):
    card = lab().answer("loss", choice)
    assert card.paragraphs[0] == sentence("choice.no_letter", task="loss")


@pytest.mark.parametrize("choice", ["a", "z", 3])
def test_a_wrong_choice_does_not_tell_the_right_one(folder, choice):
    card = lab().answer("loss", choice)
    assert not card.passed and not card.blocks
    assert "'b'" not in repr(card) + card._repr_html_()


def test_an_answer_to_no_task_leaves_the_learners_names_alone(folder):
    namespace = {"model": "mine"}
    card = Lab("x", namespace).answer("model", "b")
    assert "'model'" in card.title and not card.passed
    assert namespace == {"model": "mine"}


@pytest.mark.parametrize("call", ["check", "hint", "solution"])
def test_an_unknown_task_gets_the_one_that_was_meant(folder, call):
    card = getattr(lab(), call)("rellu")
    (near,), (known,) = card.paragraphs, getattr(lab(), call)("zzz").paragraphs
    assert "'rellu'" in card.title and "`relu`" in near
    assert "relu, loss, secret" in known


@pytest.mark.parametrize("task", [np.abs, ["relu"], None, 3])
def test_what_is_no_name_gets_a_card_too(folder, task):
    assert repr(task) in lab().check(task).title


def test_a_task_without_a_public_check_is_recorded(folder):
    card = lab(secret=abs).check("secret")
    assert card.title == "secret: recorded"


def test_an_interrupted_check_is_a_card(folder):
    def relu(x):
        raise KeyboardInterrupt

    course = lab(relu=relu)
    assert course.check("relu").title == "? relu: stopped"
    assert not (folder / ".progress").exists()


@pytest.mark.parametrize("error", [ValueError("<b>no</b>"), SystemExit(1), RecursionError()])
def test_whatever_an_answer_raises_is_a_card(folder, error):
    def relu(x):
        raise error

    card = lab(relu=relu).check("relu")
    assert card.title == check_title("relu", State.FAILED)
    assert type(error).__name__ in card.paragraphs[0]
    assert "<b>" not in card._repr_html_()


def test_progress_is_kept_for_the_next_kernel(folder):
    lab(relu=lambda x: np.maximum(x, 0)).check("relu")
    lab().hint("relu")
    after = lab()
    summary, first, *_ = repr(after).split("\n")
    assert re.findall(r"\d+", summary) == ["1", "2", "1"] and summary.endswith(": loss")
    assert first == f"  {check_title('relu', State.PASSED)}"
    assert after.hint("relu").title.endswith("2 of 2")
    assert 'aria-valuenow="1"' in after._repr_html_()


def test_a_later_failure_replaces_what_was_passed(folder):
    course = lab(relu=lambda x: np.maximum(x, 0))
    course.check("relu")
    lab(relu=np.abs).check("relu")
    assert f"✗ relu: {sentence('state.failed')}" in repr(lab())


json_documents = st.recursive(
    st.none() | st.booleans() | st.floats() | st.sampled_from(["passed", "failed", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["states", "hints", "relu"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.binary(max_size=30) | json_documents.map(lambda document: json.dumps(document).encode()))
@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_progress_file_is_begun_anew(tmp_path, content):
    path = tmp_path / "progress.json"
    path.write_bytes(content)
    progress = Progress(path)
    assert progress.state("relu") in State
    assert progress.record("relu", State.PASSED) == ""
    assert Progress(path).state("relu") == State.PASSED


def test_a_folder_that_cannot_be_written_is_told_under_the_check(folder):
    (folder / ".progress").write_text("a file where the folder would be")
    course = lab(relu=lambda x: np.maximum(x, 0))
    card = course.check("relu")
    assert card.passed
    assert card.paragraphs[-1].startswith("Your progress cannot be saved here (")
    assert "✓ relu" in repr(course)
    assert course.hint("relu").title == "relu: hint 1 of 2"


def test_without_a_checks_file_every_call_says_where_it_belongs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    course = lab()
    for card in (course.check("relu"), course.hint("relu"), course.solution("relu"), course.answer("loss", "b")):
        assert not card.passed and not card.blocks
        assert "labs/.checks/x.json" in card.paragraphs[0]
    assert "labs/.checks/x.json" in repr(course)
    assert "labs/.checks/x.json" in course._repr_html_()


def test_a_damaged_checks_file_is_a_card(folder):
    (folder / ".checks" / "x.json").write_text("{")
    assert "x.json is damaged" in lab().check("relu").paragraphs[0]


def test_checks_are_found_from_a_folder_below_and_from_the_courses_own(folder, monkeypatch):
    below = folder / "mine" / "tries"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert lab().hint("relu").title == "relu: hint 1 of 2"
    (folder / "labs").mkdir()
    (folder / ".checks").rename(folder / "labs" / ".checks")
    monkeypatch.chdir(folder)
    assert lab().hint("relu").title == "relu: hint 1 of 2"


def test_checks_are_looked_for_last_where_the_sandbox_keeps_them(folder, tmp_path_factory, monkeypatch):
    away = tmp_path_factory.mktemp("away")
    monkeypatch.chdir(away)
    monkeypatch.setenv("GRADER_CHECKS", str(folder))
    assert lab().hint("relu").title == "relu: hint 1 of 2"
    (away / ".checks").mkdir()
    (away / ".checks" / "x.json").write_text("{")
    assert "x.json is damaged" in lab().hint("relu").paragraphs[0]


def test_where_the_judge_stands_elsewhere_a_check_only_records(folder):
    build(folder, recorded_text(built_unit(folder)))
    course = lab(relu=np.abs)
    assert course.check("relu").title == "relu: handed in"
    assert not course.solution("relu").blocks
    course.answer("loss", "B")
    assert course._namespace["loss"] == "B"
