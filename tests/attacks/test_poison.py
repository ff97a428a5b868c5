"""Poisoned models handed in beside a notebook, opened by Keras in the sandbox: nothing is gained, nothing is left."""

import shutil
from pathlib import Path

import pytest

from grader.classroom.grade_class import grade
from grader.collecting.collect import find_submissions
from grader.core.messages import render
from grader.gradebook.gradebook import Gradebook
from grader.sandbox import Sandbox
from tests.attacks.poison import MARK, POISON
from tests.grader.toy import notebook, write_source

NAME = "assessment_8_poison"
SOURCE = """\
# %%
from grader import Lab

lab = Lab("assessment_8_poison")

# %%
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% tags=["task"]
import numpy as np
from grader import Task, array, equal

double_task = Task("double")

@double_task.probe(x=array([1.0, 2.0]))
def doubled(double, x):
    return double(x)

# %%
lab.check("double")

# %%
### BEGIN SOLUTION
network.fit()
network.save("model.keras")
### END SOLUTION

# %% tags=["task"]
model_task = Task("model", points=3, file="model.keras", seconds=20)

@model_task.probe(x=array([[1.0, 2.0, 3.0]]), judge=equal())
def scores(model, x):
    import keras

    return list(keras.models.load_model(model, compile=False).predict(x, verbose=0).shape)

# %%
lab.check("model")
"""
HONEST = (
    "from grader import Lab\nlab = Lab('assessment_8_poison')",
    "def double(x): return 2 * x",
    "lab.check('double')",
)
LIMITS = {"seconds": 40.0, "memory": 2**31, "file_bytes": 2**28}

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]  # of NumPy, in Keras


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Every poisoned file, and after them all an honest one, on one fork server: points and messages by learner."""
    import keras

    root = tmp_path_factory.mktemp("poison")
    course = write_source(root / "course", SOURCE, NAME)
    right = course.unit(NAME).reference_file("model.keras")
    right.parent.mkdir(parents=True)
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save(right)
    files = {name: make() for name, make in POISON.items()} | {"z_honest": right.read_bytes()}
    for learner, data in files.items():
        folder = root / "class" / learner
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_text(notebook(*HONEST))
        (folder / "model.keras").write_bytes(data)
    found, problems = find_submissions([root / "class"], course)
    book = Gradebook(str(root / "grades.db"))
    with Sandbox(["keras", "tensorflow"]) as sandbox:
        tally = grade(found, course, book, LIMITS, sandbox=sandbox)
    rows = {(row.learner, row.task): row for row in book.score_rows()}
    book.close()
    shutil.rmtree(root / "class")
    assert (problems, tally.problems, len(files)) == ([], [], tally.graded)
    return rows


@pytest.mark.parametrize("name", POISON)
def test_a_poisoned_file_earns_nothing_and_costs_no_other_task(graded, name):
    assert (graded[name, "model"].points, graded[name, "double"].points) == (0.0, 1.0)
    assert not Path(MARK).exists()


def test_the_next_submission_on_the_same_server_is_graded_as_ever(graded):
    assert graded["z_honest", "model"].points == 3.0


def test_a_lambda_is_refused_by_keras_itself(graded):
    assert "Lambda" in render(graded["code_in_a_lambda", "model"].messages)
