import json

import pytest

from grader.authoring.mutants import Outcome, tasks_to_try, try_mutants
from grader.core.errors import SourceError
from tests.grader.toy import TOY, write_source

pytestmark = pytest.mark.slow
REFERENCE = "    referenced = 2 * x\n    return referenced\n"


@pytest.fixture
def tried(tmp_path, sandbox):
    """What becomes of the mutants of the toy's tasks, by their place, after some of its text was replaced."""

    def outcomes(*changes: tuple[str, str], only=("double",), kept=None, on_done=lambda done, total: None):
        text = TOY
        for old, new in changes:
            assert text.count(old) == 1
            text = text.replace(old, new)
        unit = write_source(tmp_path / "course", text).unit("toy")
        tasks = tasks_to_try(unit, only)
        return {one.place: one for one in try_mutants(unit, tasks, sandbox, 2, kept, on_done)}

    return outcomes


def test_each_mutant_is_graded_and_what_its_learner_is_told_is_said(tried):
    found = tried((REFERENCE, "    return x + x\n"))
    assert found["line 3: x + x -> x - x"].outcome in (Outcome.UNTOLD, Outcome.DIAGNOSIS)
    assert all(one.task == "double" and one.told for one in found.values())


def test_a_mutant_that_is_a_misconception_gets_its_hint(tried):
    found = tried((REFERENCE, "    return x * 2\n"), ("    return x**2\n", "    return x / 2\n"))
    assert found["line 3: x * 2 -> x / 2"].outcome is Outcome.MISCONCEPTION


def test_a_mutant_that_no_input_tells_apart_survives(tried):
    found = tried((REFERENCE, "    return 2 * np.where(x > 0, x, x)\n"))
    assert found["line 3: x > 0 -> x >= 0"].outcome is Outcome.SURVIVED
    assert found["line 3: x > 0 -> x >= 0"].told == ""


def test_a_statement_that_is_missing_leaves_nothing_of_the_reference(tmp_path, sandbox):
    value = "\n\n# %%\n### BEGIN SOLUTION\nparts = [1.0, 2.0]\nwhole = sum(parts)\n### END SOLUTION\n\n"
    value += "# %% tags=['task']\nwhole_task = Task('whole')\nwhole_task.calls('it', 'whole')\n"
    unit = write_source(tmp_path / "course", TOY + value).unit("toy")
    found = {one.place: one for one in try_mutants(unit, tasks_to_try(unit, ["whole"]), sandbox, 1)}
    assert found["line 1: parts = [1.0, 2.0] -> "].outcome is not Outcome.SURVIVED


SAME = "double_task.equivalents({{{}: 'Twice x is twice x.'}})\n\n\n@double_task.alternative"


def test_a_survivor_that_is_marked_with_a_reason_may_pass(tried):
    change = (REFERENCE, "    return 2 * np.where(x > 0, x, x)\n")
    found = tried(change, ("@double_task.alternative", SAME.format("'x > 0 -> x >= 0'")))
    assert found["line 3: x > 0 -> x >= 0"].outcome is Outcome.MARKED
    assert found["line 3: x > 0 -> x >= 0"].told == "Twice x is twice x."
    assert found["line 3: x > 0 -> x < 0"].outcome is Outcome.SURVIVED


def test_a_mark_that_fits_no_mutant_is_refused(tried):
    with pytest.raises(SourceError, match="marks '2 \\* x -> 7 \\* x' as equivalent"):
        tried((REFERENCE, "    return 2 * x\n"), ("@double_task.alternative", SAME.format("'2 * x -> 7 * x'")))


def test_a_mark_of_a_mutant_that_fails_changes_nothing(tried):
    change = (REFERENCE, "    return 2 * x\n")
    found = tried(change, ("@double_task.alternative", SAME.format("'2 * x -> 3 * x'")))
    assert found["line 3: 2 * x -> 3 * x"].outcome not in (Outcome.MARKED, Outcome.SURVIVED)


def test_what_only_hidden_inputs_tell_apart_is_said_to_be_hidden(tried):
    found = tried((REFERENCE, "    return 2 * np.where(x > 900000, x, x + 0)\n"))
    broken = found["line 3: np.where(x > 900000, x, x + 0) -> np.where(x > 900000, x)"]
    assert not broken.hidden
    found = tried((REFERENCE, "    y = x + 0\n    y[x > 900000] *= 3\n    return 2 * y\n"))
    assert found["line 4: y[x > 900000] *= 3 -> y[x > 900000] /= 3"].hidden


def test_a_mutant_that_ends_its_process_takes_no_other_with_it(tried):
    found = tried((REFERENCE, "    import os\n    code = os._exit(3) if x is None else 2\n    return code * x\n"))
    ended = found["line 4: x is None -> x is not None"]
    assert ended.outcome is Outcome.DIAGNOSIS and "ended" in ended.told
    assert found["line 5: code * x -> code / x"].told != ended.told


def test_a_mutant_that_never_ends_is_ended(tried):
    body = "    steps = 2\n    while steps > 0:\n        steps -= 1\n    return 2 * x\n"
    found = tried((REFERENCE, body), ('hints=["What is x + x?"]', "seconds=1"))
    assert found["line 5: steps -= 1 -> steps += 1"].outcome is Outcome.DIAGNOSIS


def test_what_was_tried_is_kept_and_only_the_rest_is_tried_again(tried, tmp_path):
    kept, steps = tmp_path / "kept" / "toy.json", []
    change = (REFERENCE, "    return x + x\n")
    found = tried(change, kept=kept)
    assert tried(change, kept=kept, on_done=lambda *step: steps.append(step)) == found
    assert steps == [(len(found), len(found))]
    form = json.loads(kept.read_text())
    form["tried"].pop(next(iter(form["tried"])))
    kept.write_text(json.dumps(form))
    steps.clear()
    assert tried(change, kept=kept, on_done=lambda *step: steps.append(step)) == found
    assert steps == [(len(found) - 1, len(found)), (len(found), len(found))]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"format": 1}'])
def test_a_damaged_file_of_what_was_tried_costs_a_second_trial_and_no_more(tried, tmp_path, damage):
    kept = tmp_path / "toy.json"
    kept.write_text(damage)
    assert tried(kept=kept) == tried()


def test_questions_and_what_trains_are_not_tried_unless_they_are_named(tmp_path):
    text = TOY.replace('Task("total", points=3)', 'Task("total", points=3, seconds=60)')
    unit = write_source(tmp_path / "course", text).unit("toy")
    assert [task.name for task in tasks_to_try(unit)] == ["double"]
    assert [task.name for task in tasks_to_try(unit, ["total", "quiz"])] == ["total"]


def test_the_command_prints_a_table_and_names_what_passes(grader, tmp_path):
    course = write_source(tmp_path / "course", TOY.replace(REFERENCE, "    return 2 * np.where(x > 0, x, x)\n"))
    status, out, _ = grader("mutants", "toy", "--course", course.root)
    assert status == 1
    assert "double, line 3: x > 0 -> x >= 0: passes" in out.splitlines()
    assert not (course.root / "build" / "mutants" / "toy.json").exists()  # what a stopped command leaves


def test_the_command_goes_on_where_a_stopped_one_was(grader, toy, monkeypatch):
    def stopped(unit, tasks, sandbox, jobs, kept, on_done):
        try_mutants(unit, tasks, sandbox, jobs, kept)
        raise SourceError("stopped")

    monkeypatch.setattr("grader.authoring.mutants.try_mutants", stopped)
    assert grader("mutants", "toy", "--course", toy.root)[0] == 2
    assert (toy.root / "build" / "mutants" / "toy.json").is_file()


def test_the_command_refuses_a_task_that_is_not_there(grader, toy):
    status, _, error = grader("mutants", "--task", "doubel", "--course", toy.root)
    assert status == 2 and "doubel" in error
