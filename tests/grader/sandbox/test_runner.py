import numpy as np
import pytest

from grader.observe import Failure, PlannedProbe
from grader.sandbox import Limits, TaskPlan
from tests.grader.toy import text, value

ONE = "def task():\n    return 1"


def test_values_arrive_as_plain_values(run):
    ran = run(
        "import numpy as np\ndef task(): return {'a': (np.float32(0.5), [None, True]), 'b': np.arange(6).reshape(2, 3)}"
    )
    seen = value(ran)
    assert seen["a"] == (0.5, [None, True])
    np.testing.assert_array_equal(seen["b"], [[0, 1, 2], [3, 4, 5]])
    assert (ran.stopped, ran.observed["task"].cell) == ("", 1)


def test_a_probes_inputs_arrive_and_what_was_changed_in_place_is_told(run):
    ran = run("def task(x):\n    x += 1\n    return x.sum()", probe="return task(x)", inputs={"x": np.ones((2, 3))})
    observation = ran.observed["task"].observations["seen"]
    assert (observation.value, observation.changed) == (12.0, ("x",))


def test_an_error_in_a_cell_does_not_keep_the_next_ones_from_running(run):
    ran = run("1 / 0", "def task(:", "if 1:\n        a = 1\n    b = 2", "a\x00b", "import sys; sys.exit(3)", ONE)
    names = [ran.cells[number].outputs[0].get("ename") for number in range(5)]
    null_byte = names.pop(3)
    assert null_byte in ("SyntaxError", "ValueError")  # Python 3.11.4 changed its mind
    assert names == ["ZeroDivisionError", "SyntaxError", "IndentationError", "SystemExit"]
    assert (value(ran), ran.stopped) == (1, "")


@pytest.mark.parametrize(
    "cell", ["", "   \n", "# nothing", "%%time\n1", "await __import__('asyncio').sleep(0)", "?int"]
)
def test_any_cell_of_a_notebook_runs(run, cell):
    ran = run(cell, ONE)
    assert (value(ran), ran.stopped, text(ran).count("Error")) == (1, "", 0)


def test_what_asks_for_input_gets_none(run):
    assert text(run("input('name? ')")) == "name? EOFError: EOF when reading a line"


def test_a_shell_command_runs_and_its_text_is_shown(run):
    ran = run("word = 'hello'", "!echo $word; echo {1 + 1} >&2; exit 3", "print(_exit_code)", "!yes", ONE, seconds=60)
    assert [text(ran, number) for number in (1, 2)] == ["hello\n2\n", "3\n"]
    assert ran.cells[3].outputs[-1]["ename"] == "OutputLimit"
    assert value(ran) == 1


def test_a_task_is_observed_where_its_check_stands(run):
    ran = run(ONE, "task.check('task')", "def task(): return 2")
    assert (value(ran), ran.observed["task"].cell) == (1, 1)


def test_a_task_whose_check_was_deleted_is_observed_at_the_end(run):
    ran = run(ONE, "def task(): return 2")
    assert (value(ran), ran.observed["task"].cell) == (2, 2)


def test_a_check_before_its_answer_does_not_count(run):
    ran = run("x.check('task')", ONE, "1")
    assert (value(ran), ran.observed["task"].cell) == (1, 3)


def test_a_second_check_after_an_unattempted_one_counts(run):
    stub = "def task(): raise NotImplementedError"
    ran = run(stub, "x.check('task')", ONE, "x.check('task')", "def task(): return 3")
    assert (value(ran), ran.observed["task"].cell) == (1, 3)


def test_a_later_check_that_finds_nothing_takes_nothing_away(run):
    ran = run(ONE, "x.check('task')", "del task", "x.check('task')")
    assert (value(ran), ran.observed["task"].cell) == (1, 1)


def test_a_check_counts_though_its_cell_raises_or_has_a_magic(run):
    ran = run(ONE, "%time\nno_lab.check('task')\n1 / 0", "del task")
    assert (value(ran), ran.observed["task"].cell) == (1, 1)


def test_a_learners_input_transformer_does_not_hide_a_check(run):
    ran = run("get_ipython().input_transformers_cleanup.append(lambda lines: [])", ONE, "x.check('task')")
    assert (value(ran), ran.observed["task"].cell) == (Failure("missing", "task"), 2)


def test_nothing_that_a_probe_prints_stands_in_the_outputs(run):
    ran = run(
        "def task():\n    print('SECRET')\n    display('SECRET')\n    return 1", "x.check('task')\nprint('shown')"
    )
    assert value(ran) == 1
    assert "SECRET" not in str(ran.cells)
    assert text(ran, 1).startswith("AttributeError") or "NameError" in text(ran, 1)


def test_a_probe_that_does_not_end_is_too_slow_and_the_next_cells_run(run, sandbox):
    slow = PlannedProbe("slow", "def slow(task):\n    while True: pass\n", {})
    quick = PlannedProbe("quick", "def quick(task):\n    return task()\n", {})
    cells = [{"cell_type": "code", "source": source} for source in (ONE, "x.check('task')", "print('next')")]
    plans = {"task": TaskPlan([quick, slow, quick], 0.3)}
    ran = sandbox.run(cells, plans, {}, Limits(seconds=10))
    seen = ran.observed["task"].observations
    assert (seen["slow"].failure.kind, text(ran, 2), ran.stopped) == ("time", "next\n", "")


def test_variants_are_observed_beside_the_notebooks_answer(sandbox):
    probe = PlannedProbe("seen", "def seen(task):\n    return task()\n", {})
    variants = {"two": "def task(): return 2\n", "broken": "1 / 0\n"}
    ran = sandbox.run([{"cell_type": "code", "source": ONE}], {"task": TaskPlan([probe], 2.0, variants)}, {}, Limits())
    assert (value(ran), ran.variants["task", "two"]["seen"].value) == (1, 2)
    assert ran.variants["task", "broken"]["seen"].failure.kind == "ZeroDivisionError"


def test_values_that_are_too_large_together_fail_their_own_task_alone(sandbox):
    probes = [PlannedProbe(name, f"def {name}(task):\n    return task()\n", {}) for name in ("a", "b")]
    cells = ["import numpy as np\ndef task(): return np.zeros(4_000_000)", "x.check('task')", "def other(): return 1"]
    made = [{"cell_type": "code", "source": source} for source in cells]
    plans = {
        "task": TaskPlan(probes, 9.0),
        "other": TaskPlan([PlannedProbe("o", "def o(other): return other()", {})], 1),
    }
    ran = sandbox.run(made, plans, {}, Limits(seconds=30))
    assert (ran.stopped, ran.observed["other"].observations["o"].value) == ("", 1)
    assert {o.failure.kind for o in ran.observed["task"].observations.values()} == {"not plain"}


def test_markdown_and_skipped_cells_are_not_run(sandbox):
    cells = [
        {"cell_type": "markdown", "source": "raise ValueError"},
        {"cell_type": "code", "source": "1 / 0", "skip": True},
        {"cell_type": "code", "source": "print(1)"},
    ]
    ran = sandbox.run(cells, {}, {}, Limits(seconds=10))
    assert (list(ran.cells), text(ran, 2), ran.current_cell) == ([2], "1\n", 2)


def test_the_files_stand_in_the_work_folder(run):
    ran = run("def task(): return open('.checks/toy.json').read()", files={".checks/toy.json": "é"})
    assert value(ran) == "é"


CHECKS = {".checks/toy.json": '{"format": 1, "unit": "toy", "title": "", "digest": "", "tasks": {}, "recorded": true}'}


@pytest.mark.parametrize(
    "move", ["%cd ..", "import os\nos.chdir('/tmp')", "%cd /", "%cd nowhere", "%mkdir new\n%cd new"]
)
def test_a_lab_finds_its_checks_wherever_the_notebook_has_gone(run, move):
    ran = run(move, "from grader import Lab\nlab = Lab('toy')\ndef task(): return repr(lab)", files=CHECKS)
    assert value(ran) == "toy: handed in\nThe grader judges this notebook."


def test_every_run_begins_anew(run):
    run("import numpy as np\nnp.pi = 3\nleft = 1\nopen('left', 'w').close()")
    ran = run("import os\nimport numpy as np\ndef task(): return ['left' in globals(), os.listdir('.'), np.pi > 3]")
    assert value(ran) == [False, ["tmp"], True]
