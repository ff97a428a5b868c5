"""The shell of a submission's cells: what a line that fails costs, and where a cell goes on below it."""

import pytest

from grader.judging.observe import PlannedProbe
from grader.judging.run_record import RunJob
from grader.sandbox import Limits, TaskPlan
from grader.sandbox.protocol import MOST_FAILED
from tests.grader.toy import text, value

SET_UP = "import no_such_library as lost\nimport numpy as np\ntimes = globals().get('times', 0) + 1\ntimes"


def kinds(ran, cell: int = 0) -> list[str]:
    return [output["ename"] for output in ran.cells[cell].outputs if "ename" in output]


def went_on(ran, name: str = "below") -> bool:
    return text(ran, 1) != f"NameError: name '{name}' is not defined"


def test_a_missing_library_costs_what_needs_it_and_no_more(run):
    ran = run(SET_UP, "def task(): return float(np.sum([1, 2])) + times", "lost.work()")
    assert (value(ran), kinds(ran), kinds(ran, 2)) == (4.0, ["ModuleNotFoundError"], ["NameError"])
    assert ran.cells[0].outputs[-1]["data"]["text/plain"] == "1"
    (failed,) = ran.cells[0].failed
    assert (failed.statement, failed.kind) == ("import no_such_library as lost", "ModuleNotFoundError")
    assert failed.message == "No module named 'no_such_library'"


SURROUNDINGS = [
    "from no_such_library import (\n    lost,\n)",
    "from numpy import no_such_name",
    "open('/content/drive/data.csv')",
    "name = input('Your name: ')",
    "import os; os.chdir('/content/drive')",
    "%tensorflow_version 2.x",
    "import urllib.request; urllib.request.urlopen('http://192.0.2.1')",
    "try:\n    import no_such_library\nexcept ImportError:\n    raise",
]


@pytest.mark.parametrize("line", SURROUNDINGS)
@pytest.mark.parametrize("cell", ["{}\nbelow = 1", "{}\ndef task(): return 1\nbelow = 1"])
def test_any_cell_goes_on_below_a_line_that_fails_for_want_of_something(run, line, cell):
    ran = run(cell.format(line), "below")
    (failed,) = ran.cells[0].failed
    assert failed.statement in cell.format(line) and failed.kind in text(ran)
    assert went_on(ran)


def test_any_cell_goes_on_below_what_needs_a_name_that_was_lost_so(run):
    ran = run(
        "import no_such_library as lost",
        "tool = lost.Tool()\nkind = tool.kind\nbelow = 1",
        "below",
        "kind\nbelow_2 = 1",
    )
    assert text(ran, 2) == "" and ran.cells[2].outputs[0]["data"]["text/plain"] == "1"
    assert [failed.statement for failed in ran.cells[1].failed] == ["tool = lost.Tool()", "kind = tool.kind"]
    assert [failed.message for failed in ran.cells[1].failed] == [
        "name 'lost' is not defined",
        "name 'tool' is not defined",
    ]


FAILING = ["assert 1 > 2", "{}['x']", "print(undefined)", "math.no_such_name", "1 / 0"]


@pytest.mark.parametrize("line", FAILING)
@pytest.mark.parametrize(
    "cell",
    [
        "import math\n{}\nbelow = 1",
        "import math\ndef helper(): return 1\n{}\nbelow = 1",
        "import math; from grader import Lab\n{}\nlab = Lab('toy')\ndef task(): pass\nlab.check('task')\nbelow = 1",
    ],
)
def test_a_cell_that_sets_up_goes_on_below_whatever_fails(run, line, cell):
    assert went_on(run(cell.format(line), "below"))


@pytest.mark.parametrize("line", FAILING)
@pytest.mark.parametrize(
    "cell",
    [
        "{}\nbelow = 1",
        "import math\n{}\ndef task(): return 1\nbelow = 1",
        "import math\n{}\ntask = max\nbelow = 1",
        "import math\n{}\nlab.check('task')\nbelow = 1",
    ],
)
def test_every_other_cell_stops_there_as_in_jupyter(run, line, cell):
    assert not went_on(run(cell.format(line), "below"))


STOPS = [
    "raise ValueError('stop here')",
    "raise SystemExit",
    "import sys; sys.exit()",
    "raise KeyboardInterrupt",
    "[0] * 10**12",
    "print('x' * 10**6)",
]


@pytest.mark.parametrize("line", STOPS)
def test_who_means_to_stop_and_who_reaches_a_limit_stops(run, line):
    assert not went_on(run(f"import math\n{line}\nbelow = 1", "below", cell_text=1_000))


def test_no_cell_goes_on_without_end(run):
    ran = run("import no_such_library\n" * (MOST_FAILED + 1) + "below = 1", "below")
    assert (len(ran.cells[0].failed), len(kinds(ran))) == (MOST_FAILED, MOST_FAILED + 1)
    assert not went_on(ran)


def test_errors_keep_the_lines_and_the_order_in_which_they_came(run):
    ran = run("import no_such_library\n\nprint('between')\ndef task():\n    return 1 / 0\nprint('after')")
    kinds = [output.get("ename") or output["text"] for output in ran.cells[0].outputs]
    assert kinds == ["ModuleNotFoundError", "between\nafter\n"]
    assert ran.observed["task"].observations["seen"].failure.where == "line 5: return 1 / 0"
    assert "----> 1 import no_such_library" in "\n".join(ran.cells[0].outputs[0]["traceback"])


def test_a_cell_goes_on_also_where_it_awaits_or_is_captured(run):
    awaits = "import asyncio, no_such_library\nimport asyncio\nawait asyncio.sleep(0)\nimport nor_this\nbelow = 1"
    ran = run(awaits, "below", "%%capture\nimport no_such_library\ninner = 1", "def task(): return inner")
    assert went_on(ran) and value(ran) == 1


def test_a_cell_under_a_magic_that_runs_it_as_one_is_left_as_it_is(run):
    ran = run("%%time\nimport no_such_library\nbelow = 1", "below")
    assert not went_on(ran)


@pytest.mark.parametrize("call", ["exit()", "quit", "exit(0)", "quit(keep_kernel=True)"])
def test_who_ends_the_kernel_is_told_that_the_notebook_goes_on(run, call):
    ran = run(call, "def task(): return 1")
    assert (value(ran), text(ran)) == (1, "(In Jupyter this ends the kernel. Here the next cells are run.)\n")


LOST = {
    "never made": "",
    "no lab": "lab = 'lab 1'",
    "another unit's": "from grader import Lab\nlab = Lab('other')",
    "deleted": "lab = 1; del lab",
}


@pytest.mark.parametrize("lab", LOST.values(), ids=LOST)
@pytest.mark.parametrize(
    "answer",
    ["lab.answer('task', 'B.')", "card = lab.answer(task='task', choice='b')", "display(lab.answer('task', 'b'))"],
)
def test_an_answer_is_read_though_its_lab_is_lost(run, lab, answer):
    given = "B." if "B." in answer else "b"  # which letter that means is the judge's affair
    assert value(run(lab, answer, probe="return task")) == given


def test_all_answers_of_a_cell_are_read_though_the_first_raises(run):
    ran = run(
        "lab.answer('other', 'a')\nlab.answer('task', 'a')\nlab.answer('task', 'c')\n%time lab.answer('task', 'd')",
        probe="return task",
    )
    assert value(ran) == "d"


def test_the_last_answer_counts_whichever_lab_took_it(run, sandbox):
    made = "class Taker:\n    def answer(self, task, choice): globals()[task] = choice\nlab = Taker()"
    gives = "lab.answer('task', 'a')", "lab.answer('task', 'b')"
    assert value(run(made, gives[0], "del lab", gives[1], probe="return task")) == "b"
    assert value(run(gives[0], made, gives[1], probe="return task")) == "b"
    assert value(run(made, "lab.answer('task', 'a')\nfor c in 'bc': lab.answer('task', c)", probe="return task")) == "c"


NONE = [
    "lab.answer('task', ...)",
    "lab.answer('task')",
    "if False: lab.answer('task', 'b')",
    "def later(): lab.answer('task', 'b')",
    "[lab.answer('task', c) for c in 'b']",
    "lab.answer('task', chosen)",
    "lab.answer(task, 'b')",
    "answer('task', 'b')",
    "# lab.answer('task', 'b')",
    "%%bash\nlab.answer('task', 'b')",
    "%%markdown\nlab.answer('task', 'b')",
    "lab.answer('task', “b”)",
]


@pytest.mark.parametrize("cell", NONE)
def test_what_is_no_answer_is_not_taken_for_one(run, cell):
    assert value(run(cell, probe="return task")).kind == "missing"


def test_an_answer_in_a_cell_that_does_not_run_is_none(sandbox):
    answer = "lab.answer('task', 'b')"
    cells = [
        {"cell_type": "markdown", "source": answer}, {"cell_type": "raw", "source": answer},
        {"cell_type": "code", "source": answer, "skip": "an aside"},
    ]  # fmt: skip
    probe = PlannedProbe("seen", "def seen(task):\n    return task\n", {})
    ran = sandbox.run_submission(RunJob(cells, {"task": TaskPlan([probe], 1.0)}, {}, Limits()))
    assert value(ran).kind == "missing"


def test_an_answer_never_takes_a_functions_place(run):
    assert value(run("def task(): return 1", "lab.answer('task', 'b')")) == 1


def test_going_to_another_folder_and_home_again_fails_at_nothing(run):
    ran = run("import os\nhere = os.getcwd()\n%cd ..\n%cd /tmp\n%cd\ndef task(): return os.getcwd() == here")
    assert value(ran) is True and "Error" not in text(ran)


def test_a_magic_that_runs_its_cell_as_one_is_named_by_no_statement(run):
    assert run("%%time\nimport no_such_library\nbelow = 1").cells[0].failed == ()
