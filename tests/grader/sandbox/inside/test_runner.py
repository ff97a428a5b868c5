import json

import numpy as np
import pytest

from grader.core.messages import message
from grader.judging.expectation import FORMAT
from grader.judging.observe import Failure, PlannedProbe
from grader.judging.run_record import RunJob
from grader.sandbox import Limits, TaskPlan
from tests.grader.said import says, words
from tests.grader.toy import text, value

ONE = "def task():\n    return 1"


def test_values_arrive_as_plain_values(run):
    ran = run(
        "import numpy as np\ndef task(): return {'a': (np.float32(0.5), [None, True]), 'b': np.arange(6).reshape(2, 3)}"
    )
    seen = value(ran)
    assert seen["a"] == (0.5, [None, True])
    np.testing.assert_array_equal(seen["b"], [[0, 1, 2], [3, 4, 5]])
    assert (words(ran), ran.observed["task"].cell) == ("", 1)


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
    assert (value(ran), words(ran)) == (1, "")


@pytest.mark.parametrize(
    "cell", ["", "   \n", "# nothing", "%%time\n1", "await __import__('asyncio').sleep(0)", "?int"]
)
def test_any_cell_of_a_notebook_runs(run, cell):
    ran = run(cell, ONE)
    assert (value(ran), words(ran), text(ran).count("Error")) == (1, "", 0)


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


FIGURES = [
    "plt.figure(); plt.plot(x)",
    "fig, ax = plt.subplots(); ax.plot(x)",
    "plt.plot(x); plt.show()",
    "import matplotlib.pyplot as own; own.plot(x)",
    "plt.figure(1); plt.plot(x); plt.figure().show()",
]


@pytest.mark.parametrize("imported", ["import matplotlib.pyplot as plt", ""])
@pytest.mark.parametrize("drawing", FIGURES)
def test_no_figure_that_a_probe_leaves_open_is_shown(run, imported, drawing):
    if not imported:
        drawing = f"import matplotlib.pyplot as plt; {drawing}"
    answer = f"def task(x):\n    {drawing}\n    return 1"
    after = "import matplotlib.pyplot as plt\nprint(plt.get_fignums())"
    ran = run(
        imported, answer, "x.check('task')", "1", after, inputs={"x": np.ones(3)}, probe="return task(x)",
        seconds=60.0, patience=30.0,
    )  # fmt: skip
    assert (value(ran), text(ran, 4)) == (1, "[]\n")
    assert "image/png" not in str(ran.cells)


OWN = "import matplotlib.pyplot as plt\n%config InlineBackend.close_figures = False\nplt.plot([1, 2])"
LEFT = "print(plt.get_fignums(), len(plt.gca().lines))"


def test_a_figure_of_the_notebooks_own_stays_open_and_gets_nothing_that_a_probe_draws(run):
    ran = run(
        OWN, "def task():\n    plt.plot([3, 4]); plt.close('all'); plt.plot([5])\n    return 1", "x.check('task')", LEFT
    )
    assert (value(ran), text(ran, 3)) == (1, "[1] 1\n")
    assert ["image/png" in str(ran.cells[cell].outputs) for cell in range(4)] == [True, False, False, False]


def test_a_figure_that_closes_with_an_error_leaves_the_notebook_as_it_was(run):
    angry = "def angry(event): raise ValueError\n" + ONE.replace(
        "return", "plt.figure().canvas.manager.destroy = angry; return"
    )
    assert text(run(OWN, angry, "x.check('task')", LEFT), 3) == "[1] 1\n"


def test_nothing_that_a_probe_updates_or_clears_changes_what_cells_show(run):
    shows = "shown = display('mine', display_id='one')\ndef task():\n    shown.update('SECRET'); return 1"
    clears = "from IPython.display import clear_output, display\nold = task\ndef task(): clear_output(); return old()"
    later = "display('other', display_id='two'); x.check('task')"
    ran = run(shows, clears, later, "print('kept')")
    assert value(ran) == 1 and "SECRET" not in str(ran.cells)
    assert ["mine" in str(ran.cells[0].outputs), "other" in str(ran.cells[2].outputs), text(ran, 3)] == [
        True,
        True,
        "kept\n",
    ]


def test_what_a_probe_logs_warns_and_counts_is_not_shown(run):
    cell = """
        import logging, warnings
        from tqdm import tqdm
        logging.basicConfig()
        def task():
            logging.warning("SECRET"); warnings.warn("SECRET")
            for _ in tqdm([1, 2], desc="SECRET"):
                raise ValueError("SECRET")
    """
    ran = run(cell, "x.check('task')", "import gc; gc.collect(); print('next')")
    assert "SECRET" not in str(ran.cells) and text(ran, 2) == "next\n"


def test_no_figure_of_a_variant_is_shown(sandbox):
    probe = PlannedProbe("seen", "def seen(task):\n    return task()\n", {})
    drawing = "import matplotlib.pyplot as plt\ndef task():\n    plt.figure()\n    return 2\n"
    cells = [{"cell_type": "code", "source": source} for source in (ONE, "x.check('task')", "1")]
    ran = sandbox.run_submission(RunJob(cells, {"task": TaskPlan([probe], 5.0, {"two": drawing})}, {}, Limits()))
    assert ran.variants["task", "two"]["seen"].value == 2 and "image/png" not in str(ran.cells)


def test_a_probe_that_does_not_end_is_too_slow_and_the_next_cells_run(run, sandbox):
    slow = PlannedProbe("slow", "def slow(task):\n    while True: pass\n", {})
    quick = PlannedProbe("quick", "def quick(task):\n    return task()\n", {})
    cells = [{"cell_type": "code", "source": source} for source in (ONE, "x.check('task')", "print('next')")]
    plans = {"task": TaskPlan([quick, slow, quick], 0.3)}
    ran = sandbox.run_submission(RunJob(cells, plans, {}, Limits(seconds=10)))
    seen = ran.observed["task"].observations
    assert (seen["slow"].failure.kind, text(ran, 2), words(ran)) == ("time", "next\n", "")


def test_variants_are_observed_beside_the_notebooks_answer(sandbox):
    probe = PlannedProbe("seen", "def seen(task):\n    return task()\n", {})
    variants = {"two": "def task(): return 2\n", "broken": "1 / 0\n"}
    cells = [{"cell_type": "code", "source": ONE}]
    ran = sandbox.run_submission(RunJob(cells, {"task": TaskPlan([probe], 2.0, variants)}, {}, Limits()))
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
    ran = sandbox.run_submission(RunJob(made, plans, {}, Limits(seconds=30)))
    assert (words(ran), ran.observed["other"].observations["o"].value) == ("", 1)
    assert {o.failure.kind for o in ran.observed["task"].observations.values()} == {"not plain"}


def test_markdown_and_skipped_cells_are_not_run(sandbox):
    cells = [
        {"cell_type": "markdown", "source": "raise ValueError"},
        {"cell_type": "code", "source": "1 / 0", "skip": True},
        {"cell_type": "code", "source": "print(1)"},
    ]
    ran = sandbox.run_submission(RunJob(cells, {}, {}, Limits(seconds=10)))
    assert (list(ran.cells), text(ran, 2), ran.current_cell) == ([2], "1\n", 2)


def test_the_files_stand_in_the_work_folder(run):
    ran = run("def task(): return open('.checks/toy.json').read()", files={".checks/toy.json": "é"})
    assert value(ran) == "é"


CHECKS = {
    ".checks/toy.json": json.dumps(
        {"format": FORMAT, "unit": "toy", "title": "", "digest": "", "tasks": {}, "recorded": True}
    )
}


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


def test_an_error_of_our_own_is_told_as_that_and_is_in_the_servers_log(sandbox, run):
    """Not as a fault of the learner's, and what was observed before it stays."""
    check = "from grader import Lab\nLab('toy').check('task')"
    ran = run(ONE, check, "import grader.sandbox.inside.runner as runner\nrunner.attempted = None", check, files=CHECKS)
    assert says(ran) == [message("end.fault", error="TypeError: 'NoneType' object is not callable")]
    assert value(ran) == 1
    assert "TypeError: 'NoneType' object is not callable" in (sandbox._root / "server.log").read_text()


ODD = [
    "from IPython.display import HTML\nimport numpy as np\nHTML(np.array(['<b>hi</b>'])[0])",
    "import numpy as np\nclass Shown:\n    def _repr_html_(self): return np.str_('<i>x</i>')\nShown()",
    "import numpy as np\nfrom IPython.display import display\ndisplay({'text/plain': 'x'}, raw=True, "
    "metadata={'text/plain': {'width': np.int64(3), 'height': np.float64(2.5), 'x': float('nan'), 'y': object()}})",
    "raise type(type('Name', (str,), {})('Odd'), (Exception,), {})(type('Text', (str,), {})('odd'))",
]


@pytest.mark.parametrize("cell", ODD)
def test_an_output_of_an_odd_class_costs_nothing_else(run, cell):
    ran = run(cell, ONE)
    assert (words(ran), value(ran), len(ran.cells[0].outputs)) == ("", 1, 1)


def test_what_a_displayed_object_says_of_itself_is_plain(run):
    data = ran_data(run(ODD[2], ONE))
    assert data["metadata"]["text/plain"] == {"width": 3, "height": 2.5}


def ran_data(ran):
    return ran.cells[0].outputs[0]


@pytest.mark.parametrize("cell", ["%%time\n{}", "%%capture\n{}", "%time {}"])
def test_a_check_below_a_magic_is_observed_there(run, cell):
    check = "Lab('toy').check('task')"
    ran = run("from grader import Lab", ONE, cell.format(check), "task = [1, 2]", files=CHECKS)
    assert (words(ran), value(ran), ran.observed["task"].cell) == ("", 1, 2)


def test_a_notebook_that_left_no_memory_is_told_that(run):
    taken = "a = []\ntry:\n    while True: a.append(bytearray(10**5))\nexcept MemoryError: pass"
    ran = run(taken, "def task():\n    return list(range(50_000))")
    assert "grader" not in words(ran)
