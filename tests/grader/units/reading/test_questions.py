"""A question in one cell: the learner reads the choices, the grader the rest."""

import pytest

from grader.core.errors import SourceError
from grader.units.reading.questions import gives_away, read_question, split_hints

TEXT = """\
### Question 1

Which of them is even?

- (a) One.
  > It leaves
  > a rest.
- (b) Two, which is
  more.
  > Right.

Hint: Divide by two,
as often as you can.
Hint: Look at the last digit."""


def test_a_learner_reads_the_choices_without_what_is_said_of_them():
    assert read_question(TEXT).text == (
        "### Question 1\n\nWhich of them is even?\n\n- (a) One.\n- (b) Two, which is\n  more."
    )


def test_the_right_choice_the_explanations_and_the_hints_are_read():
    question = read_question(TEXT)
    assert (question.right, question.wrong) == ("b", {"a": "It leaves a rest."})
    assert question.hints == ["Divide by two, as often as you can.", "Look at the last digit."]


def test_text_below_choices_and_hints_stays():
    question = read_question(TEXT.replace("\n\nHint", "\n\nBelow.\n\nHint") + "\n\nAt the end.\n  > A quotation.")
    assert question.text.endswith("  more.\n\nBelow.\n\nAt the end.\n  > A quotation.")
    assert len(question.hints) == 2


def test_the_answer_is_written_with_the_units_lab():
    assert read_question(TEXT).answer_cell("quiz_1", "lab") == (
        '### BEGIN SOLUTION\nlab.answer("quiz_1", "b")\n### STARTER\n# lab.answer("quiz_1", ...)\n### END SOLUTION'
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  > Right.\n", "", "it marks no choice as right: write `  > Right.` below one"),
        ("  > It leaves\n  > a rest.", "  > Right.", "it marks (a), (b) as right"),
        ("  > It leaves\n  > a rest.\n", "", "it does not say why (a) is wrong: write `  > Why.` below the choice"),
        ("- (b)", "- (a)", "it has two choices (a)"),
        ("- (a) One.\n  > It leaves\n  > a rest.\n", "", "it has no wrong choice"),
        ("- (", "- [", "it has neither choices"),
    ],
)
def test_what_is_missing_is_told(old, new, said):
    with pytest.raises(SourceError) as caught:
        read_question(TEXT.replace(old, new))
    assert said in str(caught.value)


def test_a_mark_gives_the_right_choice_away():
    assert gives_away(TEXT)
    assert not gives_away(read_question(TEXT).text)


def test_hints_end_with_their_paragraph_or_the_next_hint():
    text = "Twice.\n\nHint: One\nmore.\nHint: Two.\n\nBelow.\n\nHint: Three.\n\nAt the end."
    assert split_hints(text) == ("Twice.\n\nBelow.\n\nAt the end.", ["One more.", "Two.", "Three."])


def test_a_text_without_hints_stays_as_it_is():
    text = "A Hint: none.\n\n\n hint: none"
    assert split_hints(text) == (text, [])
