"""A question's choices: radio buttons where a person's front end shows them, a card everywhere else."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import grader
from grader import Lab
from grader.judging.expectation import Expectation
from grader.judging.observe import observe
from grader.judging.verdict import State
from grader.learner import jupyter as kernel
from grader.learner.question import offered
from grader.units.inputs import PUBLIC_SEED
from grader.units.marks import choices_in
from grader.units.public_checks import checks_text
from grader.units.source import load_unit
from tests.grader.said import check_title, sentence

TEXT = """\
# %% [markdown]
# ### Question
#
# What does `relu` keep?
#
# - (a) Every number, whatever it is, and that is a text which goes on over
#   a second line and is far too long for the label of a button.
# - (b) What is **above** `0`.
# - (c) Nothing.
"""
SOURCE = """
# %%
### BEGIN SOLUTION
lab.answer("quiz", "b")
### STARTER
# lab.answer("quiz", ...)
### END SOLUTION

# %% tags=["task"]
from grader import Quiz

quiz_task = Quiz("quiz", wrong={"a": "Not all.", "c": "Something is left."})
"""
CELL = 'lab.answer("quiz", ...)'


def made(folder: Path, text: str = TEXT, name: str = "x") -> dict:
    """Writes `.checks/<name>.json` and returns what stands in it of the question."""
    path = folder / f"{name}.py"
    path.write_text(text + SOURCE, encoding="utf-8")
    unit = load_unit(path)
    plan = unit.plan(unit.tasks["quiz"], PUBLIC_SEED)
    seen = {
        letter: {probe.name: observe(probe, {"quiz": letter} if letter != "-" else {}) for probe in plan}
        for letter in "abc-"
    }
    known = Expectation(seen["b"], seen["-"], {"choice_a": seen["a"], "choice_c": seen["c"]})
    (folder / ".checks").mkdir(exist_ok=True)
    (folder / ".checks" / f"{name}.json").write_text(checks_text(unit, {"quiz": known}), encoding="utf-8")
    return json.loads((folder / ".checks" / f"{name}.json").read_text())["tasks"]["quiz"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    made(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Shell:
    """What of IPython's shell in a kernel is asked for, and what was written into the cell."""

    def __init__(self, code: str, cell_id: str) -> None:
        self.request = {"metadata": {"cellId": cell_id} if cell_id else {}, "content": {"code": code}}
        self.events = SimpleNamespace(register=lambda *event: None)
        self.written: list[tuple[str, bool]] = []

    def get_parent(self):
        return self.request

    def set_next_input(self, text, replace=False):
        self.written.append((text, replace))


@pytest.fixture
def asked(folder, monkeypatch):
    """Runs a cell that asks, as a front end or a program does; returns the card, the lab and the shell."""

    def ask(code: str = CELL, cell_id: str = "c1", unit: str = "x", lab: Lab | None = None):
        shell = Shell(code, cell_id)
        monkeypatch.setattr(kernel, "_shell", lambda: shell)
        lab = lab or Lab(unit, {})
        return lab.answer("quiz", ...), lab, shell

    return ask


def buttons(card):
    return card.widget.children[0]


def shown(card) -> str:
    return card.widget.children[1].value


def test_a_front_end_shows_the_choices_and_none_is_chosen(asked):
    card, _, _ = asked()
    assert [label for label, _ in buttons(card).options] == [
        "(a) Every number, whatever it is, and that is a text which goes on over a second line and is far too long for"
        " the…",
        "(b) What is above 0.",
        "(c) Nothing.",
    ]
    assert buttons(card).value is None
    assert check_title("quiz", State.NOT_ATTEMPTED) in shown(card)


def test_the_widget_comes_with_the_card_as_text_and_html(asked):
    card, _, _ = asked()
    data = card._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
    assert data["text/plain"].startswith(f"{check_title('quiz', State.NOT_ATTEMPTED)}\n")


def test_choosing_checks_at_once_and_shows_the_line_to_keep(asked):
    card, lab, shell = asked()
    buttons(card).value = "a"
    assert "Not all." in shown(card) and "lab.answer(&quot;quiz&quot;, &quot;a&quot;)" in shown(card)
    assert "Run the cell above again to write this line into it" in shown(card)
    buttons(card).value = "b"
    assert check_title("quiz", State.PASSED) in shown(card)
    assert lab.check("quiz") and shell.written == []


def test_the_cell_that_runs_again_gets_the_line(asked):
    card, lab, _ = asked()
    buttons(card).value = "b"
    again, _, shell = asked(lab=lab)
    assert shell.written == [('lab.answer("quiz", "b")', True)]
    assert again.passed


def test_the_line_names_the_lab_as_the_cell_does(asked):
    card, lab, _ = asked("  course.answer('quiz', ...);")
    buttons(card).value = "c"
    _, _, shell = asked("course.answer('quiz', ...)", lab=lab)
    assert shell.written == [('course.answer("quiz", "c")', True)]


def test_a_cell_that_holds_more_is_never_written_over(asked):
    code = f"x = 1\n{CELL}"
    card, lab, _ = asked(code)
    buttons(card).value = "b"
    assert "Replace the line with" in shown(card)
    again, _, shell = asked(code, lab=lab)
    assert shell.written == [] and not again.passed


def test_a_choice_that_was_written_is_not_written_twice(asked):
    card, lab, _ = asked()
    buttons(card).value = "b"
    asked(lab=lab)
    again, _, shell = asked(lab=lab)
    assert shell.written == [] and again.title == check_title("quiz", State.NOT_ATTEMPTED)


def test_what_runs_a_notebook_without_a_person_gets_a_card_and_no_widget(asked):
    card, lab, _ = asked(cell_id="")
    assert card.title == check_title("quiz", State.NOT_ATTEMPTED)
    assert card.paragraphs[0].find("`...`") > 0
    assert not hasattr(card, "widget") and not hasattr(card, "_repr_mimebundle_")
    assert check_title("quiz", State.NOT_ATTEMPTED) in repr(lab)


def test_without_a_kernel_there_is_a_card(folder):
    assert not hasattr(Lab("x", {}).answer("quiz", ...), "widget")


def test_without_ipywidgets_there_is_a_card(asked, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert not hasattr(asked()[0], "widget")


def test_a_formula_stands_above_and_the_letter_on_the_button(asked, folder):
    made(folder, TEXT.replace("above", "$> 0$"))
    assert [label for label, _ in buttons(asked()[0]).options] == ["(a)", "(b)", "(c)"]


def test_where_no_choices_are_found_the_letters_of_the_checks_are_offered(asked, folder):
    assert "choices" not in made(folder, "# %% [markdown]\n# # A title\n")
    assert [label for label, _ in buttons(asked()[0]).options] == ["(a)", "(b)", "(c)"]


def test_an_assessments_question_is_asked_and_its_choice_recorded(asked, folder):
    form = made(folder, name="assessment_9")
    assert (form["probes"], form["misconceptions"], list(form["choices"])) == ([], {}, ["a", "b", "c"])
    card, _, _ = asked(unit="assessment_9")
    assert sentence("state.not_attempted") in shown(card)
    buttons(card).value = "a"
    assert "quiz: recorded" in shown(card) and "Not all." not in shown(card)


@pytest.mark.parametrize("said", ["What is above 0", "(b) what is **above** `0`.", "B)"])
def test_a_choices_own_text_answers(folder, said):
    assert Lab("x", {}).answer("quiz", said).passed


def test_what_is_no_choice_is_told_also_where_nothing_is_judged(folder):
    made(folder, name="assessment_9")
    lab = Lab("assessment_9", {})
    assert lab.answer("quiz", "(B)").paragraphs[0] == "Your answer is 'b'."
    for choice in (("b",), "a or b", "z", None):
        card = lab.answer("quiz", choice)
        code, more = ("choice.unknown", {"choice": choice}) if choice == "z" else ("choice.none", {})
        assert card.title == "quiz: not recorded"
        assert card.paragraphs[0] == sentence(code, choices=("a", "b", "c"), task="quiz", **more)


def test_a_task_that_is_no_question_offers_nothing(folder):
    form = json.loads((folder / ".checks" / "x.json").read_text())
    form["tasks"]["quiz"]["probes"][0]["name"] = "rows"
    form["tasks"]["quiz"].pop("choices")
    (folder / ".checks" / "x.json").write_text(json.dumps(form))
    assert offered(Lab("x", {})._checks.tasks["quiz"]) == {}


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("- (a) One.\n- (b) Two\n  and more.", {"a": "One.", "b": "Two and more."}),
        ("Which?\n\n* (A) One.\n\nAfter.", {"a": "One."}),
        ("- (a) One.\n\n- (a) Two.", {}),
        ("- a) One.\n1. (b) Two.\n(c) Three.", {}),
        ("", {}),
    ],
)
def test_choices_are_the_items_with_a_letter(text, choices):
    assert choices_in(text) == choices


def test_an_answer_does_not_load_the_widgets(folder):
    code = (
        "import sys\nfrom grader import Lab\nlab = Lab('x')\nprint(lab.answer('quiz', 'a').title)\n"
        "lab.answer('quiz', ...)\nprint('ipywidgets' in sys.modules)"
    )
    there = {"PYTHONPATH": str(Path(grader.__file__).parents[1])}
    command = [sys.executable, "-P", "-c", code]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, env=there)
    assert said.stdout == f"{check_title('quiz', State.FAILED)}\nFalse\n"
