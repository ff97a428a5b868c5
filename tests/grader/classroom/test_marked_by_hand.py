"""Questions that are answered in words, and whatever else a person marks: kept, shown, and waiting until then."""

import csv
import io

import pytest

from grader.core.messages import render
from grader.gradebook.gradebook import Gradebook
from grader.judging.verdict import State
from grader.learner.lab import Lab
from tests.grader.said import sentence
from tests.grader.toy import RIGHT, TOY, write_source

pytestmark = pytest.mark.slow
QUESTION = """

# %% [markdown] question="why" points=3
# ### Why is twice x the same as x + x?
#
# > Because a product with a whole number
# > is a sum of equal terms.
#
# Hint: What is a product?

# %%
### BEGIN SOLUTION
chart = {"title": "Twice x", "line": [2.0, 4.0]}
### STARTER
# chart = None
### END SOLUTION

# %% tags=["task"]
from grader import by_hand

chart_task = Task("chart", points=4)


@chart_task.probe(weight=1)
def its_line(chart):
    return chart["line"]


@chart_task.probe(judge=by_hand(), weight=3)
def how_it_looks(chart):
    return chart["title"]
"""
ANSWERS = (*RIGHT, "lab.answer('why', 'A Sum of equal terms: (B).')", "chart = {'title': 'T', 'line': [2.0, 4.0]}",
           "lab.check('chart')")  # fmt: skip


@pytest.fixture
def course(tmp_path):
    """The toy with a question in words, and a chart of which a person marks the looks."""
    return write_source(tmp_path / "course", TOY + QUESTION)


@pytest.fixture
def graded(course, hand_in, grader, tmp_path):
    """Grades what a learner handed in: the rows by task, and the folder of the report."""

    def grade(*cells):
        folder, report = hand_in("001", *cells), tmp_path / "report"
        book = tmp_path / "grades.db"
        words = ("grade", folder, "--course", course.root, "--gradebook", book, "--report", report)
        assert grader(*words)[0] == 0
        with Gradebook(str(book)) as opened:
            return {row.task: row for row in opened.score_rows()}, report

    return grade


def test_an_answer_in_words_waits_and_is_shown_as_it_was_written(graded):
    rows, report = graded(*ANSWERS)
    assert (rows["why"].verdict, rows["why"].points, rows["why"].max_points) == (State.WAITING, 0.0, 3.0)
    page = (report / "feedback" / "001" / "toy.html").read_text()
    assert "A Sum of equal terms: (B)." in page
    assert "equal terms" in page and "a product with a whole number" not in page
    table = list(csv.DictReader(io.StringIO((report / "scores.csv").read_text())))
    assert [row["verdict"] for row in table if row["task"] == "why"] == [sentence("state.waiting")]


def test_what_a_probe_judges_counts_at_once_and_the_rest_waits(graded):
    rows, _ = graded(*ANSWERS)
    assert (rows["chart"].verdict, rows["chart"].points) == (State.WAITING, 1.0)
    rows, _ = graded(*ANSWERS[:-2], "chart = {'title': 'T', 'line': [2.0, 5.0]}", "lab.check('chart')")
    assert (rows["chart"].verdict, rows["chart"].points) == (State.WAITING, 0.0)
    assert [one.code for one in rows["chart"].messages][0] == "answer.waiting" and len(rows["chart"].messages) > 1


@pytest.mark.parametrize("answer", ["...", "''", "'  \\n '"])
def test_no_answer_and_one_without_a_word_are_not_attempted(graded, answer):
    rows, _ = graded(*RIGHT, f"lab.answer('why', {answer})")
    assert (rows["why"].verdict, rows["why"].points) == (State.NOT_ATTEMPTED, 0.0)
    assert rows["chart"].verdict == State.NOT_ATTEMPTED


PLOT = """

# %%
### BEGIN SOLUTION
import matplotlib.pyplot as plt

plot, axes = plt.subplots()
axes.plot([0.0, 1.0, 2.0], [0.0, 2.0, 4.0])
axes.set(xlabel="x", ylabel="twice x")
### STARTER
# plot = None
### END SOLUTION

# %% tags=["task"]
plot_task = Task("plot", points=2)
plot_task.calls("its_curve", "[line.get_xydata() for line in plot.axes[0].lines]")
plot_task.calls("its_labels", "[bool(label) for label in (plot.axes[0].get_xlabel(), plot.axes[0].get_ylabel())]")
"""


def test_a_plot_is_judged_by_what_can_be_read_from_it(tmp_path, hand_in, grader):
    course = write_source(tmp_path / "course", TOY + PLOT)
    drawn = "import matplotlib.pyplot as plt\nplot, axes = plt.subplots()\naxes.plot([0.0, 1.0, 2.0], [0.0, 2.0, 4.0])"
    folder = hand_in("001", *RIGHT, f"{drawn}\naxes.set(xlabel='input', ylabel='output')", "lab.check('plot')")
    hand_in("002", *RIGHT, drawn, "lab.check('plot')")
    hand_in("003", *RIGHT)
    book = str(tmp_path / "grades.db")
    assert grader("grade", folder, "--course", course.root, "--gradebook", book)[0] == 0
    with Gradebook(book) as opened:
        rows = {row.learner: row for row in opened.score_rows() if row.task == "plot"}
    assert [(rows[name].verdict, rows[name].points) for name in ("001", "002", "003")] == [
        (State.PASSED, 2.0), (State.FAILED, 1.0), (State.NOT_ATTEMPTED, 0.0),
    ]  # fmt: skip


def test_a_plot_is_a_constant_by_nature_and_its_unit_verifies(tmp_path, grader):
    course = write_source(tmp_path / "course", TOY + PLOT)
    assert grader("build", "--course", course.root)[0] == 0
    status, out, _ = grader("verify", "--course", course.root)
    assert status == 0 and "constants" not in out


def test_markup_in_an_answer_is_text(graded):
    _, report = graded(*RIGHT, "lab.answer('why', '<script>alert(1)</script>')")
    assert "<script>alert" not in (report / "feedback" / "001" / "toy.html").read_text()


def test_what_is_answered_in_words_comes_through_if_the_lab_is_lost(graded):
    rows, report = graded(*RIGHT, "lab = 'lost'", "lab.answer('why', 'In My Words')")
    assert rows["why"].verdict == State.WAITING
    assert "In My Words" in (report / "feedback" / "001" / "toy.html").read_text()


def test_the_unit_verifies_and_the_learner_gets_neither_the_good_answer_nor_a_grade(grader, course, monkeypatch):
    assert grader("build", "--course", course.root)[0] == 0
    assert grader("verify", "--course", course.root)[0] == 0
    opened = course.learner_notebook("toy").read_text()
    assert "whole number" not in opened and 'lab.answer(\\"why\\", ...)' in opened
    monkeypatch.chdir(course.root)
    lab = Lab("toy", namespace={})
    assert not lab.answer("why")
    card = lab.answer("why", "Because.")
    assert not card and render([]) == "" and ("Your answer", "Because.") in card.blocks
    assert lab.answer("why").title.startswith("○")


def test_a_question_needs_choices_or_a_good_answer(tmp_path, grader):
    text = QUESTION.replace("# > Because a product with a whole number\n# > is a sum of equal terms.\n", "")
    course = write_source(tmp_path / "course", TOY + text)
    status, _, error = grader("build", "--course", course.root)
    assert status == 2 and "question 'why'" in error and "good answer" in error
