"""A learner at work in lab 01: a misconception, its hint, the right answer, what a restart leaves, handing in."""

import shutil
import subprocess
import sys

import pytest

from tests.browser.jupyter import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.browser]
LAB = "labs/01_activation_and_loss.ipynb"
WRONG = 'def relu(x):\n    """Wrong."""\n    return np.max(x, 0)\n'
RIGHT = 'def relu(x):\n    """Right."""\n    return np.maximum(x, 0)\n'
SETUP = "lab = Lab("


@pytest.fixture
def lesson(open_notebook, jupyter):
    """The lab as it was handed out, whatever another test saved, with its first cell run."""
    shutil.copyfile(ROOT / LAB, jupyter.folder / LAB)
    notebook = open_notebook(LAB)
    notebook.run(notebook.number(SETUP))
    return notebook


def _progress(notebook) -> int:
    notebook.run(notebook.number(SETUP))
    bar = notebook.cell(notebook.number(SETUP)).locator("[role=progressbar]")
    bar.wait_for()
    return int(bar.get_attribute("aria-valuenow"))


def test_from_a_misconception_to_a_pass_that_outlives_the_kernel(lesson, pictures):
    exercise, check = lesson.number("def relu(x)"), lesson.number('lab.check("relu")')
    assert _progress(lesson) == 0

    lesson.run(exercise)
    lesson.run(check)
    assert "○ relu: not attempted" in lesson.card(check).inner_text()
    lesson.keep(lesson.card(check), pictures, "card_not_attempted")

    lesson.type_into(exercise, WRONG)
    lesson.run(exercise)
    lesson.run(check)
    assert "✗ relu: not right yet" in lesson.card(check).inner_text()
    assert "reads 0 as an axis and returns one maximum for each column" in lesson.card(check).inner_text()
    lesson.keep(lesson.card(check), pictures, "card_misconception")

    lesson.type_into(exercise, RIGHT)
    lesson.run(exercise)
    lesson.run(check)
    assert "✓ relu: public checks passed" in lesson.card(check).inner_text()
    lesson.keep(lesson.card(check), pictures, "card_passed")
    assert _progress(lesson) == 1

    lesson.restart()
    assert _progress(lesson) == 1
    lesson.keep(lesson.cell(lesson.number(SETUP)), pictures, "progress")


def test_a_hint_a_solution_and_a_question_each_have_their_card(lesson, pictures):
    for call, words in {
        'lab.hint("relu")': "relu",
        'lab.solution("relu")': "np.maximum",
        'lab.answer("quiz_1", "a")': "✗ quiz_1",
    }.items():
        number = lesson.add(call)
        lesson.run(number)
        assert words in lesson.card(number).inner_text()
        kind = call.split("(")[0].removeprefix("lab.")
        lesson.keep(lesson.card(number), pictures, f"card_{kind}")


def test_what_is_handed_in_has_the_receipt_that_the_learner_sees(lesson, jupyter, pictures):
    lesson.type_into(lesson.number("def relu(x)"), RIGHT)
    hand_in = lesson.add("lab.submit()")
    lesson.save()
    lesson.run(hand_in)
    card = lesson.card(hand_in)
    assert "01_activation_and_loss: saved to hand in" in card.inner_text()
    lesson.keep(card, pictures, "card_submitted")

    seen = card.evaluate("card => card.textContent")
    bundle = jupyter.folder / "labs" / "01_activation_and_loss.zip"
    command = [sys.executable, "-P", "-m", "grader", "receipt", str(bundle)]
    receipt = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout
    code = receipt.strip().split("\n")[-1].removeprefix("receipt").strip()
    assert code in seen
    said = subprocess.run([*command, code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert said.returncode == 0
    wrong = subprocess.run([*command, code[::-1]], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert wrong.returncode == 1
