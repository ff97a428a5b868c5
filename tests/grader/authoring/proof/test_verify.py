import pytest

from grader.authoring.proof.verify import verify
from tests.grader.said import sentence
from tests.grader.toy import RIGHT, TOY, write_source


@pytest.fixture
def found(tmp_path, sandbox):
    """What `verify` finds in the toy source after some of its text was replaced."""

    def findings(*changes: tuple[str, str], seed: str = "any") -> list[str]:
        text = TOY
        for old, new in changes:
            assert text.count(old) == 1
            text = text.replace(old, new)
        course = write_source(tmp_path / "course", text)
        return [finding.replace(str(course.root), "") for finding in verify(course.unit("toy"), seed, sandbox).findings]

    return findings


ALTERNATIVE = "    return x + x\n"
PASSED, FAILED = sentence("state.passed"), sentence("state.failed")
MISCONCEPTION = "    return x**2\n"
HOLDS = "toy: 3 tasks, 1 alternative, 3 misconceptions: all hold.\n"
REMARK = "toy: what 'on_hidden' of task 'double' sees, though hidden, is the same for every seed.\n"


@pytest.mark.parametrize("seed", ["1", "2", "public"])
def test_a_unit_that_keeps_its_promises_has_no_findings(found, seed):
    assert found(seed=seed) == []


def test_an_alternative_that_fails_is_found(found):
    (finding,) = found((ALTERNATIVE, "    return x + x + 100\n"))
    assert f"'added' of task 'double' fails: {FAILED}, 0 of 2" in finding
    assert "double(x)" in finding and "expected" in finding


def test_an_alternative_that_raises_or_that_is_half_right_is_found(found):
    (finding,) = found((ALTERNATIVE, "    raise RuntimeError('no')\n"))
    assert f"{FAILED}, 0 of 2: RuntimeError: no" in finding
    (finding,) = found((ALTERNATIVE, "    return x + x if x.size != 1 else x\n"))
    assert f"{FAILED}, 1.3333 of 2" in finding


def test_a_misconception_that_no_probe_tells_is_found(found):
    assert found((MISCONCEPTION, "    return x * 2.0\n")) == [
        f"toy: the misconception 'squared' of task 'double' is {PASSED}: no probe tells it"
    ]


def test_a_misconception_with_anothers_hint_is_found(found):
    twin = "\n\n@double_task.misconception('Another hint.')\ndef twin(x):\n    return x * x\n"
    findings = found((MISCONCEPTION, MISCONCEPTION + twin))
    assert "the misconception 'twin' of task 'double' gets another hint, none" in findings[1]
    assert findings[2] == (
        "toy: the misconceptions 'squared' and 'twin' of task 'double' look alike to the public probes: a learner's "
        "check gives neither hint"
    )
    assert (
        found((MISCONCEPTION, MISCONCEPTION + twin.replace("Another hint.", "That is the square: add x to itself.")))
        == []
    )


def test_misconceptions_that_a_hidden_probe_alone_tells_apart_are_found(found):
    twin = (
        "\n\n@double_task.misconception('Another hint.')\ndef twin(x):\n    return x * x * (1 + (x.max() > 987_000))\n"
    )
    (finding,) = found((MISCONCEPTION, MISCONCEPTION + twin))
    assert "'squared' and 'twin' of task 'double' look alike to the public probes" in finding


QUIZ = 'wrong={"a": "Not a: read again."}'
CHOICES = "# %% [markdown]\n# - (a) one\n# - (b) two\n# - (c) three\n\n"
ABOVE = ("# %%\n### BEGIN SOLUTION\nlab.answer", CHOICES + "# %%\n### BEGIN SOLUTION\nlab.answer")


@pytest.mark.parametrize(
    ("wrong", "answer", "told"),
    [
        ('wrong={"a": "No.", "(b)": "No.", "c": "No."}', "b", "`wrong` explains (b), which is the reference's answer"),
        ('wrong={"a": "No."}', "b", "`wrong` does not say why (c) is wrong"),
        ('wrong={"a": "No.", "c": "No.", "d": "No."}', "b", "`wrong` explains (d), which is no choice of the text"),
        (
            'wrong={"a": "No.", "b": "No.", "c": "No."}',
            "e",
            "the reference answers (e), which is no choice of the text",
        ),
    ],
)
def test_a_question_whose_choices_do_not_fit_together_is_found(found, wrong, answer, told):
    (finding,) = found(ABOVE, (QUIZ, wrong), ('"quiz", "b"', f'"quiz", "{answer}"'))
    assert finding.startswith(f"toy: question 'quiz': {told}")


def test_a_question_that_explains_each_wrong_choice_is_not(found):
    assert found(ABOVE, (QUIZ, 'wrong={"A.": "No.", "(c)": "No."}')) == []


def test_a_misconception_like_the_untouched_starter_is_found(found):
    (finding,) = found((MISCONCEPTION, "    raise NotImplementedError\n"))
    untouched = sentence("state.not_attempted")
    assert finding.startswith("toy: ") and f"'squared' of task 'double' is {untouched}: " in finding


def test_a_starter_that_crashes_is_found(found):
    (finding,) = found(('lab.check("total")', 'assert total(1) == 1\nlab.check("total")'))
    what = "the untouched starter fails in cell 6 ('assert total(1) == 1'): NotImplementedError: "
    assert finding == f"toy: /solutions/toy.py: {what}"


def test_a_starter_that_is_the_answer_already_is_found(found):
    region = ("    return float(np.sum(x))\n", "    return float(np.sum(x))\n    ### STARTER\n    # return np.sum(x)\n")
    (finding,) = found(region)
    assert finding.startswith(
        f"toy: the reference fails its own task 'total': {sentence('state.not_attempted')}, 0 of 3"
    )


def test_a_reference_that_raises_is_found_with_its_cell_and_nothing_else_is_said(found):
    (finding,) = found(('lab.check("double")', 'print(double("x") / 2)\nlab.check("double")'))
    what = "TypeError: unsupported operand type(s) for /: 'str' and 'int'"
    assert finding == f"/solutions/toy.py: the reference fails in cell 4 ('print(double(\"x\") / 2)'): {what}"


def test_a_reference_that_ends_its_process_is_found(found):
    (finding,) = found(('lab.check("double")', '__import__("os")._exit(3)\nlab.check("double")'))
    assert finding.startswith("/solutions/toy.py: ") and "cell 4" in finding
    assert finding.endswith(sentence("end.status", status=3))


def test_a_reference_that_differs_from_run_to_run_is_found(found):
    findings = found(("referenced = 2 * x", "referenced = 2 * x + np.random.default_rng().random()"))
    assert f"task 'double': {FAILED}" in findings[0]


def test_a_probe_that_needs_a_name_that_nobody_defines_is_found(found):
    (finding,) = found(("def of_row(total, x):", "def of_row(total, x, nobody):"))
    line = TOY[: TOY.index("def of_row")].count("\n") + 1
    assert finding == f"/solutions/toy.py, line {line}: probe 'of_row' of task 'total' needs the name 'nobody'"


def test_what_holds_for_one_seed_alone_is_found_for_another(found):
    """A misconception that only a drawn input tells."""
    only = ("x=array([1.0, 2.5])", "x=array([0.0, 2.0])")
    hidden = ("x=array([987654.25])", "x=array([2.0])")
    assert found(only, hidden) == []
    assert (
        found(
            only, hidden, ("x=normal(5)", "x=integers(1, low=2, high=3)"), ("array, normal", "array, integers, normal")
        )
        != []
    )


def test_the_command_says_what_it_proved_or_what_is_wrong(grader, toy):
    assert grader("verify", "--course", toy.root)[:2] == (
        0,
        f"{HOLDS}{REMARK}",
    )
    write_source(toy.root, TOY.replace(ALTERNATIVE, "    return x\n").replace('Lab("toy")', 'Lab("wrong")'), "wrong")
    status, out, _ = grader("verify", "toy", "wrong", "--course", toy.root)
    assert status == 1
    assert {line.split(":")[0] for line in out.splitlines()} == {"toy", "wrong"}


def test_for_a_gradebook_it_takes_its_seed_and_keeps_what_it_observed(grader, toy, tmp_path, hand_in):
    book = ["--gradebook", str(tmp_path / "grades.db")]
    assert grader("verify", "--course", toy.root, *book)[:2] == (
        0,
        f"{HOLDS}{REMARK}",
    )
    status, _, said = grader("grade", hand_in("ada", *RIGHT), "--course", toy.root, *book)
    assert status == 0
    assert "Starting the sandbox" in said and "Observing the reference" not in said


def test_facts_that_fail_for_the_reference_itself_are_refused(found):
    facts = "def said(came_back):\n    return came_back['total']\n\n\n@total_task.probe(judge=by(said), x=normal(3, 4))"
    (finding,) = found(("@total_task.probe(x=normal(3, 4))", facts), ("Task, array", "Task, by, array"))
    what = "the function that judges probe 'of_matrix' of task 'total' fails for the reference's own value: TypeError"
    assert finding.startswith(f"/solutions/toy.py: {what}")


def test_some_tasks_are_proved_alone_and_the_notebook_runs_as_far_as_they_need(grader, tmp_path):
    later = TOY + "\n# %%\nraise RuntimeError('after all tasks')\n"
    course = write_source(tmp_path / "course", later.replace("    return x**2\n", "    return x * 2.0\n"))
    words = ("verify", "toy", "--course", course.root)
    assert grader(*words)[0] == 1
    assert grader(*words, "--task", "total") == (0, "toy: 1 task, 0 alternatives, 1 misconception: all hold.\n", "")
    status, out, _ = grader(*words, "--task", "double")
    assert status == 1 and "'squared'" in out and "RuntimeError" not in out


def test_a_task_that_is_not_there_is_refused_before_anything_runs(grader, toy):
    status, _, error = grader("verify", "--task", "doubel", "--course", toy.root)
    assert status == 2 and "did you mean 'double'?" in error
