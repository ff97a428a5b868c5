import json

import pytest

from grader.authoring.build import stale
from tests.grader.toy import TOY, write_source

pytestmark = pytest.mark.slow
SLOW = 'print("this ran at", __import__("time").time_ns())\nimport numpy as np\n'
TEXT = TOY.replace("# %%\nimport numpy as np\n", f"# %%\n{SLOW}", 1)


@pytest.fixture
def rebuilt(grader, tmp_path):
    """Builds the toy, changes its source, builds one task anew: exit status, what was said, and the course."""

    def change(old, new, task="double"):
        course = write_source(tmp_path / "course", TEXT)
        assert grader("build", "--course", course.root)[0] == 0
        course = write_source(tmp_path / "course", TEXT.replace(old, new, 1))
        before = course.reference_notebook("toy").read_text()
        status, _, error = grader("build", "toy", "--task", task, "--course", course.root)
        return status, error, course, before

    return change


def outputs(text):
    """All outputs of a notebook."""
    return [cell.get("outputs") for cell in json.loads(text)["cells"]]


def test_a_new_hint_is_built_and_what_the_notebook_showed_is_kept(rebuilt):
    status, _, course, before = rebuilt("That is the square: add x to itself.", "Another hint.")
    assert status == 0 and stale(course.unit("toy"), course) == []
    assert outputs(course.reference_notebook("toy").read_text()) == outputs(before)
    assert "this ran at" in before
    assert "Another hint." in course.checks("toy").read_text()


def test_a_new_probe_is_observed_and_those_of_other_tasks_are_kept(rebuilt):
    probe = '@double_task.misconception("That'
    more = 'double_task.calls("of_three", x=array([3.0]))\n\n\n'
    status, _, course, _ = rebuilt(probe, more + probe)
    assert status == 0 and stale(course.unit("toy"), course) == []
    tasks = json.loads(course.checks("toy").read_text())["tasks"]
    assert "of_three" in tasks["double"]["expectation"]["reference"]
    assert tasks["total"]["expectation"]["reference"].keys() == {"of_matrix", "of_row"}


def test_a_changed_cell_means_that_the_notebook_runs_again(rebuilt):
    status, error, course, before = rebuilt("    referenced = 2 * x\n", "    referenced = x * 2\n")
    assert status == 2 and "without --task" in error
    assert course.reference_notebook("toy").read_text() == before


def test_what_changed_in_another_task_is_built_as_far_as_nothing_must_be_observed(rebuilt):
    status, _, course, _ = rebuilt('quiz_task = Quiz("quiz"', 'quiz_task = Quiz("quiz", points=2', "total")
    assert status == 0 and stale(course.unit("toy"), course) == []
    assert json.loads(course.checks("toy").read_text())["tasks"]["quiz"]["points"] == 2


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"cells": 3}'])
def test_a_damaged_file_is_told(grader, tmp_path, damage):
    course = write_source(tmp_path / "course", TEXT)
    assert grader("build", "--course", course.root)[0] == 0
    course.reference_notebook("toy").write_text(damage)
    status, _, error = grader("build", "--task", "double", "--course", course.root)
    assert status == 2 and "without --task" in error
