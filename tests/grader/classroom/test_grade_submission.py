"""What a learner is told of a whole run: notebooks graded for real, with what failed in them on the way."""

import time
from dataclasses import replace

import pytest

from grader.authoring.reference import observe_reference
from grader.classroom.grade_submission import JudgedUnit, grade_one
from grader.collecting.collect import Content, digest
from grader.core.messages import Message, message
from grader.gradebook.gradebook import Gradebook
from grader.judging.expectation import JudgedTask
from grader.judging.judges import Judge, close
from grader.judging.verdict import State
from grader.report import feedback_html, scores_csv
from grader.report.report_folder import _feedback
from tests.grader.said import codes, says, sentence
from tests.grader.toy import DOUBLE, RIGHT, SETUP, TOTAL, TOY, notebook, write_source

REPAIR = """

# %%
def keep(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### STARTER
    # x *= 2
    # return x
    ### END SOLUTION

# %% tags=["task"]
keep_task = Task("keep")


@keep_task.probe(x=array([1.0, 2.5]))
def kept(keep, x):
    return keep(x)


# %%
lab.check("keep")
"""
KEEP, HANDED_OUT = "def keep(x):\n    return x + x", "def keep(x):\n    x *= 2\n    return x"
STUB = "def double(x):\n    raise NotImplementedError"
LIMITS = {"seconds": 20, "memory": 2**28}


class Graded:
    """One graded notebook."""

    def __init__(self, outcome, rows) -> None:
        self.outcome, self.rows = outcome, {row.task: row for row in rows}

    def points(self, *tasks: str) -> float:
        return sum(self.rows[task].points for task in tasks or self.rows)

    def told(self, task: str) -> tuple[State, list[Message]]:
        return self.rows[task].verdict, says(self.rows[task])


@pytest.fixture(scope="module")
def graded(tmp_path_factory, sandbox):
    """Grades a notebook of these code cells, as many times as it is called."""
    unit = write_source(tmp_path_factory.mktemp("course"), TOY + REPAIR).unit("toy")
    book = Gradebook("sqlite://")
    expectations = observe_reference(unit, book.seed, sandbox)
    tasks = {name: unit.judged(task, book.seed, expectations[name]) for name, task in unit.tasks.items()}

    def grade(*cells: str, judge: Judge | None = None) -> Graded:
        data = notebook(*cells).encode()
        run = book.hand_in("001", "toy", unit.digest, digest(data)).run
        asked = {name: judged_by(task, judge) if judge else task for name, task in tasks.items()}
        grade_one(Content(data), run, JudgedUnit(unit, book.seed, asked, False), book, sandbox, LIMITS)
        return Graded(book.outcome("001", "toy"), book.score_rows())

    yield grade
    book.close()


def judged_by(task: JudgedTask, judge: Judge) -> JudgedTask:
    return replace(task, probes=[replace(probe, judge=judge) for probe in task.probes])


def page(found: Graded) -> str:
    return feedback_html(_feedback(found.outcome, "A toy"))


def test_one_missing_import_costs_nothing_that_does_not_need_it_and_is_named(graded):
    found = graded(f"import no_such_library as lost\n{SETUP}", *RIGHT[1:])
    assert found.points() == 6.0
    (cause,) = found.outcome.causes
    error = "ModuleNotFoundError: No module named 'no_such_library'"
    assert says(cause) == [message("failed.line", cell=1, line="import no_such_library as lost", error=error)]
    assert "<code>import no_such_library as lost</code>" in page(found)


def test_what_needs_it_is_told_on_its_card_and_in_the_table(graded):
    needs = "def total(x):\n    return lost.sum(x)"
    found = graded(f"import no_such_library as lost\n{SETUP}", DOUBLE, needs)
    assert found.points("double") == 2.0
    error, line = "No module named 'no_such_library'", "import no_such_library as lost"
    why = message("name.line_failed", name="lost", line=line, cell=1, error=error)
    assert found.told("total") == (State.FAILED, [why])
    assert len(found.outcome.causes) == 1  # told once
    assert sentence(why.code, **why.arguments) in scores_csv(found.rows.values())


def test_a_lost_set_up_is_named_on_every_card_that_suffers_and_once_above(graded):
    found = graded(DOUBLE, TOTAL, "lab.check('total')", "lab.answer('quiz', 'b')", SETUP)
    why = message("name.below", name="np", cell=5)
    assert found.told("total") == (State.FAILED, [why])
    assert (found.points("double", "quiz"), found.outcome.causes) == (3.0, [(why,)])


def test_a_page_of_a_notebook_in_which_nothing_failed_has_no_such_note(graded):
    found = graded(*RIGHT, KEEP)
    assert (found.points(), found.outcome.causes) == (7.0, [])
    assert "failed on the way" not in page(found)
    del found.outcome.executed["causes"]  # as gradebooks of before have it
    assert "failed on the way" not in page(found)


def test_an_answer_that_needs_an_unwritten_one_failed_and_is_told_which(graded):
    found = graded(SETUP, STUB, "def total(x):\n    return double(x)")
    assert found.told("double") == (State.NOT_ATTEMPTED, [message("answer.as_handed_out")])
    needed = message("answer.needs_first", function="double")
    assert found.told("total") == (State.FAILED, [needed])
    assert found.points() == 0.0


def test_an_answer_that_does_what_the_starter_does_and_is_not_it_failed_and_earns_nothing(graded):
    found = graded(SETUP, "def keep(x):\n    np.multiply(x, 2, out=x)\n    return x")
    assert found.told("keep") == (State.FAILED, [message("changed.too_much", names=("x",))])
    assert found.points() == 0.0
    assert graded(SETUP, HANDED_OUT).told("keep") == (State.NOT_ATTEMPTED, [message("answer.as_handed_out")])


@pytest.mark.parametrize("copy", [HANDED_OUT, "# as before\n" + HANDED_OUT])
def test_an_untouched_copy_below_a_right_answer_takes_nothing_away(graded, copy):
    found = graded(
        SETUP,
        KEEP,
        "lab.check('keep')",
        DOUBLE,
        "lab.check('double')",
        copy,
        "lab.check('keep')",
        STUB,
        "lab.check('double')",
    )
    assert found.points("keep", "double") == 3.0
    assert {verdict.task: cell for cell, verdict in found.outcome.verdicts if verdict.points} == {
        "keep": 2,
        "double": 4,
    }


def test_another_wrong_answer_below_a_right_one_counts(graded):
    found = graded(SETUP, KEEP, "lab.check('keep')", "def keep(x):\n    x += x\n    return x", "lab.check('keep')")
    assert found.points("keep") == 0.0


def test_a_copy_between_an_answer_and_its_check_is_told(graded):
    for answer, copy, name in ((KEEP, HANDED_OUT, "keep"), (DOUBLE, STUB, "double")):
        below = message("answer.starter_below_cell", cell=3, task=name, own=2)
        assert graded(SETUP, answer, copy, f"lab.check('{name}')").told(name) == (State.FAILED, [below])


def test_an_answer_to_a_question_that_was_not_read_is_told(graded):
    assert graded(SETUP, "# lab.answer('quiz', 'b')").told("quiz") == (
        State.NOT_ATTEMPTED, [message("unread.commented_out", cell=2)],
    )  # fmt: skip
    assert graded(SETUP).told("quiz") == (State.NOT_ATTEMPTED, [message("answer.none")])
    odd = graded(SETUP, "lab.answer('quiz', ('b',))")
    assert odd.told("quiz")[1] == [message("choice.no_letter", task="quiz")]


def test_a_hidden_input_in_the_name_of_an_error_is_on_no_card(graded):
    tells = "def double(x):\n    raise NameError(f\"name 'x{int(x[0])}' is not defined\")"
    found = graded(SETUP, tells, "lab.check('double')")
    assert found.told("double")[0] == State.FAILED
    assert not any("987654" in repr(verdict) for _, verdict in found.outcome.verdicts)


ON_DRAWN = "def double(x):\n    return 2 * x if len(x) != 5 else {}"
PYTHONS_OWN = {
    "np.float(x)": ("AttributeError", "module 'numpy' has no attribute 'float'"),
    "np.sum(x, axes=0)": ("TypeError", "sum() got an unexpected keyword argument 'axes'"),
    "3.5(x)": ("TypeError", "'float' object is not callable"),
    "open('weights.txt')": ("FileNotFoundError", "[Errno 2] No such file or directory: 'weights.txt'"),
    "x @ np.ones((3, 2))": ("ValueError", "matmul: Input operand … has a mismatch in its core dimension …, with "),
}


@pytest.mark.parametrize("fails", PYTHONS_OWN)
@pytest.mark.filterwarnings("ignore:'float' object is not callable:SyntaxWarning")
def test_pythons_own_text_of_an_error_on_drawn_inputs_is_told(graded, fails):
    found = graded(SETUP, ON_DRAWN.format(fails), "lab.check('double')")
    (said,) = [one for one in found.rows["double"].messages if one.code == "failure.error_in_line"]
    kind, text = PYTHONS_OWN[fails]
    assert (said.arguments["kind"], said.arguments["line"]) == (kind, 2)
    assert said.arguments["text"].startswith(text)


@pytest.mark.parametrize("tells", ["raise ValueError(x)", "raise KeyError(str(x[0]))", "{}[x[0]]", "int(str(x[0]))"])
def test_a_drawn_input_in_the_text_of_an_error_is_on_no_card(graded, tells):
    found = graded(SETUP, f"def double(x):\n    print(x)\n    if len(x) == 5: {tells}\n    return 2 * x")
    assert codes(found.rows["double"]) == ["failure.raises_in_line", "probes.some", "probes.check_tries"]


class Slow(close):
    """Takes a second where the value is right, as a judge may that looks at all of it."""

    def score(self, expected, observed):
        found = super().score(expected, observed)
        time.sleep(found)
        return found


def test_how_long_it_takes_to_judge_is_seen_by_nobody_who_still_runs(graded):
    asked = "lab.check('total')"
    timed = "import time; started = time.monotonic()", asked, "print(time.monotonic() - started)"
    found = graded(SETUP, TOTAL, asked, *timed, judge=Slow())
    assert found.points("total") == 3.0
    assert float(found.outcome.executed["cells"][5]["outputs"][0]["text"]) < 1.0
