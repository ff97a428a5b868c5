"""A Lab of another unit, a task that is none, a task that nobody asks about: each is told with its line."""

import re

import pytest

from grader.core.errors import SourceError
from tests.grader.toy import TOY, write_source


@pytest.fixture
def refused(tmp_path):
    """How the toy source is refused after some of its text was replaced, without the file's path; "" if it is not."""

    def load(*changes: tuple[str, str]) -> str:
        text = TOY
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        course = write_source(tmp_path, text)
        try:
            course.unit("toy")
        except SourceError as error:
            return str(error).removeprefix(str(course.sources["toy"]))
        return ""

    return load


def line_of(text: str) -> int:
    return TOY[: TOY.index(text)].count("\n") + 1


LAB, CHECK = 'lab = Lab("toy")', 'lab.check("double")'
IMPORT = "from grader import Lab\n"


@pytest.mark.parametrize(
    "change",
    [
        [(LAB, 'lab = Lab("toi")')],
        [(LAB, 'lab = Lab(unit="toi")')],
        [(LAB, 'lab: object = Lab("toi")')],
        [(LAB, '(lab := Lab("toi"))')],
        [(IMPORT, "from grader import Lab as Unit\n"), (LAB, 'lab = Unit("toi")')],
        [(IMPORT, "import grader\n"), (LAB, 'lab = grader.Lab("toi")')],
        [(IMPORT, "from grader.learner.lab import Lab\n"), (LAB, 'lab = Lab("toi")')],
    ],
)
def test_a_lab_of_another_unit_is_refused(refused, change):
    said = f', line {line_of(LAB)}: Lab("toi") is no Lab of this unit, which has its file\'s name; '
    assert refused(*change) == said + 'did you mean Lab("toy")?'


@pytest.mark.parametrize(
    "change",
    [
        (LAB, f'{LAB}\nname = "toi"\nother = Lab(name)'),  # not written out
        (LAB, f"{LAB}\nother = Lab(*[])"),
        (IMPORT, f"{IMPORT}class Laboratory: pass\nLaboratory.Lab = print\nLaboratory.Lab('toi')\n"),
        (LAB, f'{LAB}\nother = {{}}\nother.get("toi"); print("toi")'),
        (LAB, f'{LAB}\nother.check("toi"); other.lab.check("toi"); lab.submit("toi")'),
        (LAB, f'{LAB}\nlab.hint(name := "toi"); lab.check(1); lab.check(*["toi"])'),
        (LAB, f"{LAB}\n%matplotlib inline\n!ls"),
        (CHECK, f'{CHECK}\n\n# %%\n# %%bash\n# lab.check("toi")'),
        (CHECK, "lab.check(task='double')"),
        (CHECK, "for name in ('double', 'total'):\n    lab.check(name)"),
        (CHECK, "if True:\n    lab.check('double')"),
        (f"\n{LAB}\n", "\nfrom elsewhere import lab\n"),
    ],
)
def test_what_is_right_or_cannot_be_known_is_taken(refused, change):
    assert refused(change) == ""


@pytest.mark.parametrize("call", ["check", "hint", "solution", "answer"])
@pytest.mark.parametrize("argument", ['"dubble"', 'task="dubble"'])
def test_a_call_about_no_task_is_refused_with_the_one_that_is_meant(refused, call, argument):
    said = refused((CHECK, f"lab.check('double')\nlab.{call}({argument})"))
    line = line_of(CHECK) + 1
    assert said == f", line {line}: lab.{call} names 'dubble', which is no task of this unit; did you mean 'double'?"


def test_where_no_name_is_near_all_are_told(refused):
    said = refused((CHECK, f"{CHECK}\nlab.check('relu')"))
    assert said.endswith("names 'relu', which is no task of this unit; it has double, total, quiz.")


def test_the_line_is_the_files_below_marks_and_texts_and_magics(refused):
    more = '# %% [markdown]\n# # Twice\n#\n# lab.check("relu")\n\n# %%\n# %matplotlib inline\n\n'
    more += 'def f():\n    """\n    # %%\n    """\n\n    lab.check("relu")\n\n\n# %%\n'
    said = refused((f"# %%\n{CHECK}", f"{more}{CHECK}"))
    assert said.startswith(f", line {line_of(CHECK) - 1 + 13}: lab.check names 'relu'")


def test_what_only_a_learner_gets_is_read_too(refused):
    started = '# lab.answer("quiz", ...)'
    said = refused((started, '# lab.answer("quizz", ...)'))
    assert said == (
        f", line {line_of(started)}: lab.answer names 'quizz', which is no task of this unit; did you mean 'quiz'?"
    )


def task_line(name: str, text: str = TOY) -> int:
    return text[: re.search(rf'\w+_task = (Task|Quiz)\("{name}"', text).start()].count("\n") + 1


ANSWER = '### STARTER\n# lab.answer("quiz", ...)\n'


@pytest.mark.parametrize("change", [(ANSWER, ""), (ANSWER, '### STARTER\n# other.answer("quiz", ...)\n')])
def test_a_question_that_no_cell_of_a_learner_asks_about_is_refused(refused, change):
    said = refused(change)
    assert said.startswith(f", line {task_line('quiz', TOY.replace(*change))}: no cell that a learner gets asks for a ")
    assert 'verdict on task \'quiz\': write lab.check("quiz"), or lab.answer("quiz", ...) for a question' in said
