"""Cells that a source need not write: the check below a task cell, and the answer below a question."""

import pytest

from grader.authoring.build import learner_text
from grader.authoring.proof.verify import verify
from grader.core.errors import SourceError
from tests.grader.toy import TOY, write_source

QUIZ = TOY[TOY.index('# %%\n### BEGIN SOLUTION\nlab.answer("quiz", "b")') :]
QUESTION = """\
# %% [markdown] question="quiz"
# ### Question
#
# Which one?
#
# - (a) This one.
#   > Not a: read again.
# - (b) That one.
#   > Right.
#
# Hint: Try both.
"""
SHORT = TOY.replace('# %%\nlab.check("double")\n', "").replace('# %%\nlab.check("total")\n', "")
SHORT = SHORT.replace(QUIZ, QUESTION)


def sources(cells: list[dict]) -> list[str]:
    return [cell["source"] for cell in cells]


def refused(tmp_path, text: str) -> str:
    course = write_source(tmp_path, text)
    with pytest.raises(SourceError) as caught:
        course.unit("toy")
    return str(caught.value).removeprefix(str(course.sources["toy"]))


def test_checks_and_answers_are_built_where_one_would_write_them(tmp_path):
    unit, written = write_source(tmp_path / "a", SHORT).unit("toy"), write_source(tmp_path / "b").unit("toy")
    choices = "### Question\n\nWhich one?\n\n- (a) This one.\n- (b) That one."
    assert sources(unit.starter_cells) == [*sources(written.starter_cells)[:-1], choices, 'lab.answer("quiz", ...)']
    assert sources(unit.reference_cells)[-1] == 'lab.answer("quiz", "b")'


def test_a_question_in_one_cell_is_the_task_that_a_quiz_makes(tmp_path):
    unit, written = write_source(tmp_path / "a", SHORT).unit("toy"), write_source(tmp_path / "b").unit("toy")
    assert list(unit.tasks) == list(written.tasks)
    task, other = unit.tasks["quiz"], written.tasks["quiz"]
    assert (task.points, list(task.hints), task.probes) == (1, ["Try both."], other.probes)
    assert dict(task.misconceptions) == dict(other.misconceptions)
    assert unit.choices(task) == {"a": "This one.", "b": "That one."}


def test_a_question_has_the_points_of_its_cell(tmp_path):
    course = write_source(tmp_path, SHORT.replace('question="quiz"', 'question="quiz" points=2.5'))
    assert course.unit("toy").tasks["quiz"].points == 2.5


def test_a_learner_gets_neither_the_mark_nor_the_explanations(tmp_path):
    text = learner_text(write_source(tmp_path, SHORT).unit("toy"))
    assert "That one." in text
    assert not any(secret in text for secret in ("Right.", "Not a", "Try both", "question"))


def test_a_check_that_is_written_is_not_built_again(tmp_path):
    later = SHORT + '\n# %%\nlab.check("double")\n'
    assert sources(write_source(tmp_path, later).unit("toy").starter_cells).count('lab.check("double")') == 1
    loop = SHORT + '\n# %%\nfor name in ("double", "total"):\n    lab.check(name)\n'
    assert 'lab.check("double")' not in sources(write_source(tmp_path, loop).unit("toy").starter_cells)


def test_the_cells_speak_of_the_lab_by_its_name(tmp_path):
    found = write_source(tmp_path, SHORT.replace("lab = Lab", "mine = Lab")).unit("toy").starter_cells
    assert [s for s in sources(found) if "mine." in s] == [
        'mine.check("double")', 'mine.check("total")', 'mine.answer("quiz", ...)',
    ]  # fmt: skip


def test_what_is_built_is_proved_like_any_other(tmp_path, sandbox):
    assert verify(write_source(tmp_path, SHORT).unit("toy"), "any", sandbox).findings == []


HINTED = SHORT.replace(', hints=["What is x + x?"]', "").replace(
    "# %%\ndef double", "# %% [markdown]\n# Write `double(x)`.\n#\n# Hint: What is x + x?\n\n# %%\ndef double"
)


def test_hints_are_in_the_text_above_an_exercise_and_no_learner_reads_them(tmp_path):
    unit = write_source(tmp_path, HINTED).unit("toy")
    assert list(unit.tasks["double"].hints) == ["What is x + x?"]
    assert "Write `double(x)`." in sources(unit.starter_cells)
    assert "Hint" not in learner_text(unit)


def test_a_hint_elsewhere_is_text(tmp_path):
    apart = HINTED.replace("# %%\ndef double", "# %%\nx = 1\n\n# %%\ndef double")
    unit = write_source(tmp_path, apart).unit("toy")
    assert list(unit.tasks["double"].hints) == []
    assert "Hint: What is x + x?" in learner_text(unit)


def test_hints_at_two_places_are_refused_with_the_line(tmp_path):
    text = HINTED.replace('Task("double", points=2', 'Task("double", points=2, hints=["No."]')
    line = text[: text.index("# Write `double")].count("\n") + 1
    assert refused(tmp_path, text) == f", line {line}: task 'double' has hints here and in its cell: keep one"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("#   > Right.\n", "", "question 'quiz': it marks no choice as right: write `  > Right.` below one"),
        ('question="quiz"', 'question="my quiz"', "a task's name must be a Python name; 'my quiz' is none"),
        ('question="quiz"', 'question="quiz" points=0', "task 'quiz': points must be above 0, not 0"),
        (
            ' question="quiz"', "",
            "the cell marks a right choice, which learners would read: begin it "
            '# %% [markdown] question="quiz_1", with the name of its task',
        ),
    ],
)  # fmt: skip
def test_a_question_that_is_none_is_refused_with_its_line(tmp_path, old, new, said):
    line = SHORT[: SHORT.index("# ### Question")].count("\n") + 1
    assert refused(tmp_path, SHORT.replace(old, new)) == f", line {line}: {said}"


def test_a_question_in_a_cell_of_code_is_refused(tmp_path):
    text = SHORT + '\n# %% question="other"\nx = 1\n'
    assert "question 'other' is a cell of text: write # %% [markdown] question='other'" in refused(tmp_path, text)


def test_a_source_needs_no_task_cell_if_it_has_a_question(tmp_path):
    head = TOY[: TOY.index("\n\n# %%\ndef double")]
    assert list(write_source(tmp_path, f"{head}\n\n{QUESTION}").unit("toy").tasks) == ["quiz"]
