"""What a card says of a name that is not defined, and of an answer that cannot be judged: only what is certain."""

import json
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.core.messages import Message, message
from grader.judging.causes import MOST_NOTES, Causes
from grader.judging.observe import Failure, Observation
from grader.judging.run_record import CellRun, FailedStatement
from grader.judging.verdict import Known, State
from grader.notebooks.cells import MOST_CODE
from grader.notebooks.mentions import HandedOut
from grader.notebooks.notebook_file import read_submission
from tests.grader.said import says, words
from tests.grader.toy import DOUBLE, SETUP, TOTAL, notebook

STUB = "def double(x):\n    # Your code here.\n    raise NotImplementedError"
BROKEN = "def total(x):\n    x += 1\n    return x.sum()"
TASKS = ("double", "total", "quiz")
STARTER = (SETUP, STUB, "lab.check('double')", BROKEN, "lab.check('total')", "lab.answer('quiz', ...)")
LACKS = "import pandas as pd"
NO_PANDAS = FailedStatement(LACKS, "ModuleNotFoundError", "No module named 'pandas'")


def cells_of(*cells: str | tuple[str, str]) -> list[dict]:
    made = json.loads(notebook(*(cell if isinstance(cell, str) else cell[1] for cell in cells)))
    for cell, wanted in zip(made["cells"], cells, strict=True):
        cell["cell_type"] = "code" if isinstance(wanted, str) else wanted[0]
    return [{**cell, "skip": ""} for cell in read_submission(json.dumps(made).encode())]


def ran(*failed: FailedStatement, stopped: str = "", bound: bool = False, says: str = "") -> CellRun:
    errors = [{"output_type": "error", "ename": one.kind, "evalue": one.message} for one in failed]
    errors += [{"output_type": "error", "ename": stopped, "evalue": says}] if stopped else []
    return CellRun(errors, 0.1, message("limit.seconds", seconds=1) if bound else None, failed)


def causes(*cells: str | tuple[str, str], runs: dict[int, CellRun | None] | None = None, skip: int = -1) -> Causes:
    """The causes of a notebook whose code cells ran, but as `runs` says; None for one that did not."""
    made = cells_of(*cells)
    if skip >= 0:
        made[skip]["skip"] = "not run"
    found = Causes(made, HandedOut(cells_of(*STARTER)), TASKS)
    every = {number: ran() for number, cell in enumerate(made) if cell["cell_type"] == "code" and number != skip}
    found.ran = {number: run for number, run in {**every, **(runs or {})}.items() if run}
    return found


def undefined(name: str, line: str = "", kind: str = "NameError") -> dict[str, Observation]:
    message = name if kind == "missing" else f"name {name!r} is not defined"
    return {"seen": Observation(failure=Failure(kind, message, f"line 2: {line or f'return {name}.sum(x)'}"))}


def of_name(found: Causes, name: str, cell: int = 99, line: str = "") -> list[Message]:
    """What is told of a name that an answer lacks."""
    return says(found.known("total", cell, undefined(name, line), State.FAILED).lost.get(name))


def of_task(found: Causes, task: str, cell: int = 99) -> list[Message]:
    """What is told of a task whose own name is not defined."""
    return says(found.known(task, cell, undefined(task, kind="missing"), State.NOT_ATTEMPTED).nothing)


def lacks_pandas(name: str) -> Message:
    """That a name was to come from the import that failed."""
    return message("name.line_failed", name=name, line=LACKS, cell=1, error="No module named 'pandas'")


def raising(found: Causes, task: str = "total", cell: int = 99) -> Known:
    """What is told of an answer of which every probe saw NotImplementedError."""
    seen = {"seen": Observation(failure=Failure("NotImplementedError"))}
    return found.known(task, cell, seen, State.NOT_ATTEMPTED)


USES_NP, USES_PD = "def total(x):\n    return np.sum(x)", "def total(x):\n    return pd.sum(x)"


def test_a_name_that_a_failed_import_was_to_give_is_told_with_the_import():
    found = causes(f"{LACKS}\n{SETUP}", USES_PD, runs={0: ran(NO_PANDAS)})
    assert of_name(found, "pd") == [lacks_pandas("pd")]


def test_a_name_that_was_lost_by_way_of_another_is_told_from_the_first():
    made = FailedStatement("frame = pd.DataFrame()", "NameError", "name 'pd' is not defined")
    found = causes(
        f"{LACKS}\nframe = pd.DataFrame()", "def total(x):\n    return frame.sum()", runs={0: ran(NO_PANDAS, made)}
    )
    needs = message("name.line_needs", name="frame", line="frame = pd.DataFrame()", cell=1, other="pd")
    assert of_name(found, "frame") == [needs, lacks_pandas("pd")]


def test_a_name_that_is_lost_by_itself_comes_to_an_end():
    failed = [FailedStatement(f"a{n} = a{n + 1}", "NameError", f"name 'a{n + 1}' is not defined") for n in range(50)]
    lines = "\n".join(one.statement for one in failed)
    found = causes(f"{lines}\na50 = a0", "def total(x):\n    return a0", runs={0: ran(*failed[:20])})
    assert len(words(of_name(found, "a0", line="return a0"))) < 1_000


WHY = [
    ((USES_NP,), {}, message("name.nowhere_now", name="np", cell=1)),
    ((USES_NP, SETUP), {}, message("name.below", name="np", cell=2)),
    ((("markdown", SETUP), USES_NP), {}, message("name.text_cell", name="np", cell=1)),
    ((("raw", SETUP), USES_NP), {}, message("name.raw_cell", name="np", cell=1)),
    ((SETUP, USES_NP), {0: None}, message("name.not_run", name="np", cell=1)),
    ((SETUP, USES_NP), {}, message("name.gone", name="np", cell=1)),
    (("1 / 0\n" + SETUP, USES_NP), {0: ran(stopped="ZeroDivisionError")},
     message("name.before_error", name="np", cell=1, error="ZeroDivisionError")),
    (("%%time\nimport torch\n" + SETUP, USES_NP),
     {0: ran(stopped="ModuleNotFoundError", says="No module named 'torch'")},
     message("name.before_error", name="np", cell=1, error="No module named 'torch'")),
    ((SETUP, USES_NP), {0: ran(bound=True)},
     message("name.before_limit", name="np", cell=1)),
    (("import numpy as np as np\n", USES_NP), {},
     message("name.syntax", name="np", cell=1, line=1, problem="invalid syntax.")),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "runs", "why"), WHY)
def test_a_name_is_told_with_what_the_text_and_the_run_say_of_it(cells, runs, why):
    assert of_name(causes(*cells, runs=runs), "np", cell=0 if why.code == "name.below" else 9) == [why]


UNCERTAIN = {
    "under a condition": ("try:\n    import numpy as np\nexcept ImportError:\n    pass", USES_NP),
    "it may have been taken away before its cell stopped": (f"{SETUP}\ndel np\n1 / 0", USES_NP),
    "no line of the notebook's lacks it": (SETUP, "import helper\ndef total(x):\n    return helper.total(x) or np"),
    "the notebook does not read it": (SETUP, "def total(x): return 1"),
}


@pytest.mark.parametrize("cells", UNCERTAIN.values(), ids=UNCERTAIN)
def test_what_is_not_certain_is_not_told(cells):
    found = causes(*cells, runs={0: ran(stopped="ZeroDivisionError")} if "1 / 0" in cells[0] else {})
    assert of_name(found, "np", line="return helper.total(x)" if "helper" in cells[1] else "") == []


@pytest.mark.parametrize("name", ["x700123", "Ünbekannt", "np)", "a" * 200, ""])
def test_no_name_is_quoted_that_the_text_does_not_hold(name):
    assert of_name(causes(USES_NP), name) == []


def test_of_a_failed_statement_nothing_is_quoted_that_the_text_does_not_hold():
    forged = FailedStatement("np = 700123", "Saw700123", "700123")
    forged_import = FailedStatement("import numpy as np", "ModuleNotFoundError", "No module named '700123'")
    for failed in (forged, forged_import):
        told = of_name(
            causes(SETUP, USES_NP, runs={0: ran(failed, stopped="Saw700123", says="No module named '700123'")}), "np"
        )
        assert told and "700123" not in repr(told)


NONE = ("name.nowhere_now", {})
DEFINED = [
    (("markdown", DOUBLE), ("name.text_cell", {})),
    (("raw", DOUBLE), ("name.raw_cell", {})),
    ("# " + DOUBLE.replace("\n", "\n# "), ("name.commented_out", {})),
    ("%%bash\n" + DOUBLE, ("name.magic", {"magic": "%%bash"})),
    ("%%timeit\n" + DOUBLE, ("name.timeit", {})),
    (DOUBLE.replace("\n", "\n%%time\n", 1), ("name.late_magic", {"magic": "%%time"})),
    ("<<<<<<< HEAD\n" + DOUBLE, ("name.conflict", {"mark": "<<<<<<<"})),
    (DOUBLE.replace("):", ")"), ("name.syntax", {"line": 1, "problem": "expected ':'."})),
    (DOUBLE.replace("    ", "\u00a0"),
     ("name.syntax", {"line": 2, "problem": "invalid non-printable character U+00A0."})),
    (DOUBLE.replace("def double", "def my_double"), ("name.other", {"other": "my_double"})),
    ("", NONE),
    (("markdown", "double = 2x, by the text"), NONE),
    ("def total(x): return 1", NONE),
    ("def one(x): return 1\ndef two(x): return 2", NONE),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "why"), DEFINED)
def test_an_answer_that_is_not_there_is_told_with_where_it_seems_to_be(cell, why):
    found = causes(SETUP, cell, "lab.check('double')")
    code, more = why
    assert of_task(found, "double") == [Message(code, {"name": "double", "cell": 2, **more})]


def test_a_cell_with_ipythons_own_lines_is_no_syntax_error():
    found = causes(SETUP, f"files = !ls\nnp.sum?\n    \n%time 1\n{DOUBLE}")
    assert of_task(found, "double") == [message("name.gone", name="double", cell=2)]


def test_a_definition_in_the_lab_s_own_experiment_was_not_run():
    assert of_task(causes(SETUP, DOUBLE, skip=1), "double") == [message("name.not_run", name="double", cell=2)]


def test_what_was_handed_out_as_text_is_no_lost_answer():
    handed_out = HandedOut(cells_of(("markdown", DOUBLE), STUB))
    found = Causes(cells_of(("markdown", DOUBLE)), handed_out, TASKS)
    assert of_task(found, "double") == [message("name.nowhere_now", name="double", cell=2)]


OTHER = [message("unread.other", cell=2, task="quiz")]
ANSWERS = [
    (("markdown", "lab.answer('quiz', 'b')"), [message("unread.text_cell", cell=2)]),
    (("raw", "lab.answer('quiz', 'b')"), [message("unread.raw_cell", cell=2)]),
    ("# lab.answer('quiz', 'b')", [message("unread.commented_out", cell=2)]),
    ("lab.answer(“quiz”, “b”)",
     [message("unread.syntax", cell=2, line=1, problem="invalid character '“' (U+201C).")]),
    ("%%bash\nlab.answer('quiz', 'b')", [message("unread.magic", cell=2, magic="%%bash")]),
    ("lab.answer('quiz', b)", [message("unread.unquoted_letter", cell=2, task="quiz")]),
    ("lab.answer(quiz, 'b')", [message("unread.unquoted_name", cell=2, task="quiz")]),
    ("lab.answers('quiz', 'b')", OTHER),
    ("lab.answer['quiz', 'b']", OTHER),
    ("lab.answer('quiz', chosen())", OTHER),
    ("lab.answer('quiz', ...)", []),
    ("lab.answer('quiz')  # later", []),
    ("# lab.answer('quiz', ...)", []),
    ("lab.answer('quiz_2', 'b')", []),
    ("answer = 'quiz'", []),
    ("", []),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "told"), ANSWERS)
def test_an_answer_that_was_not_read_is_told_with_what_is_wrong(cell, told):
    assert of_task(causes(SETUP, cell), "quiz") == told


def test_an_answer_that_python_cannot_read_is_told_with_what_python_says():
    (said,) = of_task(causes(SETUP, "lab.answer('quiz') = 'b'"), "quiz")
    assert (said.code, said.arguments["cell"], said.arguments["line"]) == ("unread.syntax", 2, 1)
    assert said.arguments["problem"].startswith("cannot assign")


def test_an_answer_in_a_cell_that_was_not_reached_is_told():
    found = causes(SETUP, "lab.answer('quiz', 'b')", runs={1: None})
    assert of_task(found, "quiz") == [message("unread.cell_not_run", cell=2)]


def test_what_the_text_says_is_as_handed_out_is_told_so():
    with_words = STUB.replace("    # Your code here.", '    """Twice."""\n\n    # I do not know.')
    above = "double = None\ntry:\n    from nowhere import double\nexcept ImportError:\n    pass"
    for cell in (STUB, with_words, "def double(x, y=1):\n    raise NotImplementedError"):
        assert raising(causes(SETUP, cell), "double") == Known(nothing=(message("answer.as_handed_out"),))
        assert raising(causes(SETUP, above, cell), "double") == Known(nothing=(message("answer.as_handed_out"),))


def test_an_answer_that_needs_an_unwritten_function_is_not_unattempted():
    between = "def between(x):\n    return [double(y) for y in x]"
    for cell in ("def total(x):\n    return double(x)", "def total(x):\n    return between(x)"):
        known = raising(causes(SETUP, STUB, between, cell))
        assert known == Known(True, (message("answer.needs_first", function="double"),))


def test_a_stub_s_line_that_was_left_in_is_told_with_its_cell():
    known = raising(causes(SETUP, f"{STUB}\n    return 2 * x"), "double")
    assert known == Known(True, (message("answer.unwritten_in_cell", name="double", cell=2),))


def test_a_copy_of_the_starter_below_an_answer_is_told_with_both_cells():
    found = causes(SETUP, DOUBLE, STUB)
    known = raising(found, "double")
    assert known == Known(True, (message("answer.starter_below_cell", cell=3, task="double", own=2),))
    assert found.as_handed_out(["double", "quiz"])["double"] == [range(2, sys.maxsize)]
    assert found.as_handed_out(["quiz"])["quiz"] == []


def test_an_answer_below_a_copy_of_the_starter_ends_it():
    assert causes(SETUP, STUB, DOUBLE, STUB).as_handed_out(["double"])["double"] == [range(1, 2), range(3, sys.maxsize)]


def test_an_answer_that_does_what_the_starter_does_and_is_not_it_is_attempted():
    seen = {"seen": Observation(1.0, changed=("x",))}
    assert causes(SETUP, TOTAL).known("total", 9, seen, State.NOT_ATTEMPTED) == Known(True)
    assert causes(SETUP, BROKEN).known("total", 9, seen, State.NOT_ATTEMPTED).attempted is False
    assert causes(SETUP, "exec('def total(x): pass')").known("total", 9, seen, State.NOT_ATTEMPTED) == Known()


def test_what_failed_on_the_way_is_noted_with_its_cell_and_its_own_words():
    odd = FailedStatement("os.chdir(\n    '/x')", "FileNotFoundError", "[Errno 2] '/x'\n\x1b[2J")
    forged = FailedStatement("forged", "", "")
    cells = f"{LACKS}\nos.chdir(\n    '/x')", "1"
    found = causes(*cells, runs={0: ran(NO_PANDAS, odd, forged), 7: ran(NO_PANDAS)})
    assert found.notes() == [
        (message("failed.line", cell=1, line=LACKS, error="ModuleNotFoundError: No module named 'pandas'"),),
        (message("failed.line", cell=1, line="os.chdir( …", error="FileNotFoundError: [Errno 2] '/x'\\n\\x1b[2J"),),
        (message("failed.a_line", cell=1, error=""),),
    ]


def test_what_cost_names_is_noted_once():
    found = causes(LACKS, runs={0: ran(NO_PANDAS)})
    of_pandas = (message("name.line_failed", name="pd", line="import pandas as pd", cell=1, error="…"),)
    of_numpy = (message("name.nowhere", name="np"),)
    assert found.notes([of_pandas, of_numpy]) == [*found.notes(), of_numpy]


def test_of_very_many_that_failed_the_first_are_noted():
    found = causes(*[LACKS] * 300, runs=dict.fromkeys(range(300), ran(*[NO_PANDAS] * 20)))
    notes = found.notes()
    assert (len(notes), notes[-1]) == (MOST_NOTES + 1, (message("failed.more", count=5_990),))


LARGE = [
    "x = 1\n", "\n", " ", "del ", "lab.answer( ", "answer(quiz", "#", "a, ", "(", "%%", "import ", "def double\n", "-",
    "def double(x): raise NotImplementedError\n", "lab.check('double')\n", "quiz = a0 = b0\n", "[x for x in y]\n",
    "x?\n", "answer(quiz#", "answer(quiz, b)\n", "lab.answer('quiz', 'b'\n",
]  # fmt: skip


@pytest.mark.parametrize("size", [MOST_CODE - 100, 3_000_000])
@pytest.mark.parametrize("kind", ["code", "markdown"])
@pytest.mark.parametrize("part", LARGE)
def test_whatever_a_notebook_holds_is_dealt_with_in_seconds(part, kind, size):
    started = time.process_time()
    found = causes((kind, part * (size // len(part))), USES_NP, "del np")
    of_task(found, "double"), of_task(found, "quiz"), of_name(found, "np"), raising(found, "double"), found.notes()
    assert time.process_time() - started < 5


sources = st.sampled_from([
    *STARTER, DOUBLE, TOTAL, USES_NP, USES_PD, LACKS, "%%bash\n" + DOUBLE, "# " + DOUBLE, "lab.answer('quiz', b)", "(",
    "def total(x): return double(total(x))", "class total:\n    raise NotImplementedError", "a = b\nb = a", "\x00",
    "%%time\n1", "del np",
]) | st.text(max_size=20)  # fmt: skip
failures = st.builds(
    FailedStatement,
    sources,
    st.sampled_from(["NameError", "x", ""]),
    st.sampled_from(["name 'a' is not defined", "name 'b' is not defined", ""]),
)
runs = st.dictionaries(
    st.integers(0, 9),
    st.builds(
        lambda failed, stopped: ran(*failed, stopped=stopped),
        st.lists(failures, max_size=2),
        st.sampled_from(["", "NameError", "x"]),
    ),
    max_size=5,
)
observations = st.dictionaries(
    st.sampled_from("pq"),
    st.builds(
        lambda kind, name: undefined(name, kind=kind)["seen"],
        st.sampled_from(["NameError", "missing", "NotImplementedError"]),
        st.sampled_from(["np", "total", "a", "quiz", "("]),
    ),
    min_size=1,
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["code", "code", "markdown", "raw"]), sources), max_size=6),
    runs,
    observations,
    st.sampled_from(State),
    st.sampled_from(TASKS),
    st.integers(0, 9),
)
def test_whatever_was_handed_in_and_however_it_ran_sentences_come_out(cells, runs, observations, state, task, cell):
    found = causes(*cells or ["1"], runs=runs)
    known = found.known(task, cell, observations, state)
    told = [known.nothing, *known.lost.values(), *found.notes()]
    assert all(len(words(said)) < 2_000 and "\n" not in words(said) for said in told)
    assert state == State.NOT_ATTEMPTED or not known.attempted
