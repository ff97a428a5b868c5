"""One lab from its source to a graded class, as an author and an instructor work: built, proved, handed in, graded.

Its class is the one that breaks, hangs, floods and spies; what each story deserves stands beside it. The classes of the
other units are graded where those are proved: `make prove`.
"""

import csv
import html
import io
import re
import shutil

import pytest

from grader.core.messages import render
from grader.units.source import load_unit
from tests.stories import CLASS, ROOT, grade, grader, rows, undeserved, verify, written

UNIT = "01_activation_and_loss"
FUNCTIONS = ["sigmoid", "sigmoid_derivative", "relu", "leaky_relu", "mse", "softmax", "cross_entropy",
             "cross_entropy_gradient"]  # fmt: skip
SUBMISSIONS = len([*CLASS.glob(f"*/{UNIT}.ipynb")])

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def proved(tmp_path_factory):
    """What `grader verify` says of the lab, and the gradebook that keeps what it observed."""
    book = tmp_path_factory.mktemp("class") / "grades.db"
    return verify(UNIT, book), book


@pytest.fixture(scope="module")
def graded(proved):
    """What `grader grade` says, and the gradebook, with the report beside it."""
    _, book = proved
    return grade(UNIT, book, "--report", book.parent / "report"), book


@pytest.fixture(scope="module")
def found(graded):
    """The scores by learner and task."""
    return rows(graded[1])


def _points(found, learner):
    return sum(row.points for (who, _), row in found.items() if who == learner)


def _states(found, learner):
    return {str(row.verdict) for (who, _), row in found.items() if who == learner}


def _page(graded, learner):
    path = graded[1].parent / "report" / "feedback" / learner / f"{UNIT}.html"
    return html.unescape(path.read_text(encoding="utf-8"))


def test_the_class_is_what_its_script_writes():
    there = {p.relative_to(CLASS).as_posix(): p.read_text(encoding="utf-8") for p in CLASS.glob("*/*.ipynb")}
    assert there == written().submissions()
    handed_in = {
        p.relative_to(CLASS).as_posix(): p.read_bytes() for p in CLASS.glob("[0-9]*/*") if p.suffix != ".ipynb"
    }
    assert handed_in == written().files()


def test_what_a_story_deserves_is_a_misconception_of_its_unit():
    for name, stories in written().CLASS.items():
        tasks = load_unit(ROOT / "solutions" / f"{name}.py").tasks
        said = [pair for story in stories.values() for pair in getattr(story, "deserves", {}).items()]
        assert [(task, wrong) for task, wrong in said if wrong not in tasks[task].misconceptions] == []


def test_the_source_gives_the_files_that_learners_have(tmp_path):
    source = tmp_path / "solutions" / f"{UNIT}.py"
    source.parent.mkdir()
    shutil.copyfile(ROOT / "solutions" / source.name, source)
    said = grader("build", UNIT, "--course", tmp_path, seconds=600)
    assert said.returncode == 0, said.stdout + said.stderr
    notebook = f"labs/{UNIT}.ipynb"
    assert (tmp_path / notebook).read_bytes() == (ROOT / notebook).read_bytes()
    assert grader("build", "--check", "--course", tmp_path).returncode == 0


def test_the_lab_is_proved(proved):
    said, _ = proved
    assert (said.returncode, said.stderr) == (0, "")
    assert [line.split(":")[0] for line in said.stdout.splitlines()] == [UNIT]


def test_each_story_gets_what_it_deserves(found):
    assert {learner for learner, _ in found} == written().CLASS[UNIT].keys() | {"015"}
    lines = undeserved(UNIT, found)
    assert not lines, "\n".join(lines)


def test_what_verify_observed_is_not_observed_again(graded):
    assert "Observing the reference" not in graded[0].stdout + graded[0].stderr


def test_some_could_not_be_graded_and_the_exit_status_says_so(graded):
    said, _ = graded
    assert said.returncode == 1
    assert f"{SUBMISSIONS} of {SUBMISSIONS} submissions graded now" in said.stdout
    assert "Traceback" not in said.stdout + said.stderr


def test_points_are_those_of_the_tasks_that_passed(found):
    """All, none, and what was answered before the learner stopped."""
    assert [_points(found, learner) for learner in ("001", "006", "002")] == [20, 0, 6]


def test_a_syntax_error_costs_its_own_task_only(found):
    assert found["009", "relu"].points == 0
    assert "`relu`" in render(found["009", "relu"].messages)
    assert _points(found, "009") == 19


@pytest.mark.parametrize(("learner", "reason"), [("011", r"\b0\b"), ("017", r"\b\d+ s\b")])
def test_work_before_the_end_keeps_its_points(found, learner, reason):
    """The notebook ends by its own exit, or by the limit of time, and the message says by which."""
    assert _points(found, learner) == 8
    assert re.search(reason, render(found[learner, "softmax"].messages))


def test_looking_for_the_reference_finds_nothing(graded, found):
    assert _points(found, "014") == 2
    page = _page(graded, "014")
    assert f"{UNIT}.py FileNotFoundError" in page or f"{UNIT}.py PermissionError" in page
    assert "could be read: True" not in page


def test_a_file_that_is_no_notebook_is_told_apart_from_a_wrong_one(found):
    assert _states(found, "015") == {"ungraded"}
    assert "Dear instructor" in render(found["015", "sigmoid"].messages)


def test_feedback_shows_no_reference_to_who_did_not_write_it(graded):
    unit = load_unit(ROOT / "solutions" / f"{UNIT}.py")
    page = _page(graded, "006")
    for task in FUNCTIONS:
        answer = [line for line in unit.solution(task).split("\n") if "return" in line][-1].strip()
        assert answer not in page or task == "relu"  # `return x` is a part of relu's broken starter


def test_a_second_grade_of_the_same_bytes_grades_nothing(graded):
    again = grade(UNIT, graded[1])
    assert f"0 of {SUBMISSIONS} submissions graded now; {SUBMISSIONS} had been graded before." in again.stdout
    assert again.returncode == 1


def test_scores_as_csv_are_the_rows_of_the_report(graded, found):
    said = grader("scores", "--csv", "--gradebook", graded[1])
    assert said.stdout == (graded[1].parent / "report" / "scores.csv").read_text(encoding="utf-8")
    read = {(row["learner"], row["task"]): row["points"] for row in csv.DictReader(io.StringIO(said.stdout))}
    assert {key: float(points) for key, points in read.items()} == {key: row.points for key, row in found.items()}
