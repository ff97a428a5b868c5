"""A tiny course of NumPy alone, written as a person would write it, and the notebooks that answer it."""

import json
import textwrap
from collections.abc import Callable
from pathlib import Path

from grader.judging.observe import PlannedProbe
from grader.judging.run_record import RunJob
from grader.sandbox import Limits, Run, Sandbox, TaskPlan
from grader.units.course import Course

TOY = '''\
# %% [markdown]
# # A toy

# %%
import numpy as np

from grader import Lab

lab = Lab("toy")


# %%
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    referenced = 2 * x
    return referenced
    ### END SOLUTION


# %% tags=["task"]
import numpy as np

from grader import Quiz, Task, array, normal

double_task = Task("double", points=2, hints=["What is x + x?"])


@double_task.probe(x=array([1.0, 2.5]))
def on_fixed(double, x):
    return double(x)


@double_task.probe(x=normal(5))
def on_drawn(double, x):
    return double(x)


@double_task.probe(x=array([987654.25]), hidden=True)
def on_hidden(double, x):
    return double(x)


@double_task.misconception("That is the square: add x to itself.")
def squared(x):
    return x**2


@double_task.alternative
def added(x):
    return x + x


# %%
lab.check("double")


# %%
def total(x):
    """The sum of all numbers of x."""
    ### BEGIN SOLUTION
    return float(np.sum(x))
    ### END SOLUTION


# %% tags=["task"]
total_task = Task("total", points=3)


@total_task.probe(x=normal(3, 4))
def of_matrix(total, x):
    return total(x)


@total_task.probe(x=array([[1.0, 2.0]]))
def of_row(total, x):
    return total(x)


@total_task.misconception("That is the mean: do not divide.")
def averaged(x):
    return float(np.mean(x))


# %%
lab.check("total")

# %%
### BEGIN SOLUTION
lab.answer("quiz", "b")
### STARTER
# lab.answer("quiz", ...)
### END SOLUTION

# %% tags=["task"]
quiz_task = Quiz("quiz", wrong={"a": "Not a: read again."})
'''
DOUBLE, TOTAL = "def double(x):\n    return 2 * x", "def total(x):\n    return float(np.sum(x))"
SETUP = "import numpy as np\n\nfrom grader import Lab\n\nlab = Lab('toy')"
RIGHT = (SETUP, DOUBLE, "lab.check('double')", TOTAL, "lab.check('total')", "lab.answer('quiz', 'b')")


def notebook(*sources: str, **more: object) -> str:
    """The text of a notebook with these code cells."""
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more})


def write_source(root: Path, text: str = TOY, name: str = "toy") -> Course:
    """A course whose only unit, or one unit more, has this source."""
    source = root / "solutions" / f"{name}.py"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(text.replace('Lab("toy")', f'Lab("{name}")'), encoding="utf-8")
    return Course(root)


def runner(sandbox: Sandbox) -> Callable[..., Run]:
    """A function that runs code cells in a sandbox. Cells may be indented as they stand in a test."""

    def run_cells(*cells: str, probe: str = "return task()", inputs: dict | None = None, files: dict | None = None,
                  patience: float = 2.0, **limits: float) -> Run:  # fmt: skip
        parameters = ", ".join(["task", *(inputs or {})])
        planned = PlannedProbe("seen", f"def seen({parameters}):\n    {probe}\n", inputs or {})
        made = [{"cell_type": "code", "source": textwrap.dedent(cell)} for cell in cells]
        texts = {name: text.encode() for name, text in (files or {}).items()}
        bounds = Limits(**{"seconds": 10.0, "memory": 2**28, **limits})
        return sandbox.run_submission(RunJob(made, {"task": TaskPlan([planned], patience)}, texts, bounds))

    return run_cells


def value(run: Run) -> object:
    """What was observed of the task."""
    observation = run.observed["task"].observations["seen"]
    return observation.failure or observation.value


def text(run: Run, cell: int = 0) -> str:
    """All that a cell printed and how it failed."""
    outputs = run.cells[cell].outputs
    return "".join(o.get("text", "") + (f"{o['ename']}: {o['evalue']}" if "ename" in o else "") for o in outputs)
