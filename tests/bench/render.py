"""A learner's cells as each grader takes them: the same code, with that grader's own checks in it."""

import json
import textwrap
from collections.abc import Sequence
from typing import Any

from tests.bench.labs import BenchLab, Cell

SETUP = 'from grader import Lab\n\nlab = Lab("{name}")'
OTTER_SETUP = "import otter\n\ngrader = otter.Notebook()"
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def ours(cells: Sequence[Cell]) -> str:
    """The notebook as this grader takes it."""
    return _notebook([_cell(cell["cell_type"], cell["source"]) for cell in cells])


def bare(lab: BenchLab, cells: Sequence[Cell]) -> list[str]:
    """The learner's own code, without any grader's."""
    code = [_without_setup(lab, cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return [source for source in code if _checked(lab, source) is None]


def called(lab: BenchLab, cells: Sequence[Cell]) -> list[str]:
    """The learner's own code, and where a check stood, the calls that checks make of it."""
    code = [_without_setup(lab, cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return [nbgrader_test(lab, task) if (task := _checked(lab, source)) else source for source in code]


def otter(lab: BenchLab, cells: Sequence[Cell]) -> str:
    """The notebook as otter takes it: a check stands where this grader's stood."""
    made = []
    for cell in cells:
        task = _checked(lab, cell["source"])
        source = cell["source"].replace(SETUP.format(name=lab.name), OTTER_SETUP)
        made.append(_cell(cell["cell_type"], f'grader.check("{task}")' if task else source))
    return _notebook(made)


def otter_test(lab: BenchLab, task: str) -> str:
    """otter's test file for a task: a test case for each of the task's cases."""
    points = lab.unit.tasks[task].points if task in lab.unit.tasks else 1
    lines = ["import numpy as np", "from otter.test_files import test_case", "", "OK_FORMAT = False"]
    lines += [f'name = "{task}"', f"points = {points}"]
    for number, (names, code) in enumerate(lab.cases[task], 1):
        body = textwrap.indent(code, "    ")
        lines += ["", "", "@test_case()", f"def test_{number}({names}):", body]
    return "\n".join(lines) + "\n"


def nbgrader(lab: BenchLab, cells: Sequence[Cell]) -> str:
    """The notebook as nbgrader takes it: exercises are its solution cells, and its tests stand where our checks do."""
    made = []
    for number, cell in enumerate(cells):
        task, answered = _checked(lab, cell["source"]), _answered(lab, cell["source"])
        if task:
            made.append(_graded(f"test_{task}", nbgrader_test(lab, task), lab.unit.tasks[task].points))
        elif answered and cell["cell_type"] == "code":
            made.append(_marked(f"answer_{answered}", cell["source"], solution=True))
        else:
            made.append({**_cell(cell["cell_type"], _without_setup(lab, cell["source"])), "id": f"cell-{number}"})
    return _notebook(made)


def nbgrader_test(lab: BenchLab, task: str) -> str:
    """nbgrader's test cell for a task: all of its cases, one after another."""
    return "\n\n".join(code for _, code in lab.cases[task])


def _checked(lab: BenchLab, source: str) -> str | None:
    return next((task for task in lab.unit.tasks if source == f'lab.check("{task}")'), None)


def _answered(lab: BenchLab, source: str) -> str | None:
    return next((task for task in lab.unit.tasks if source.startswith(f"def {task}(")), None)


def _without_setup(lab: BenchLab, source: str) -> str:
    return source.replace(SETUP.format(name=lab.name) + "\n", "")


def _marked(grade_id: str, source: str, **marks: Any) -> dict[str, Any]:
    form = {"schema_version": 3, "grade_id": grade_id} | dict.fromkeys(("grade", "locked", "solution", "task"), False)
    cell = _cell("code", source)
    return {**cell, "id": grade_id.replace("_", "-"), "metadata": {"nbgrader": {**form, **marks}}}


def _graded(grade_id: str, source: str, points: float) -> dict[str, Any]:
    return _marked(grade_id, source, grade=True, locked=True, points=points)


def _cell(kind: str, source: str) -> dict[str, Any]:
    cell = {"cell_type": kind, "metadata": {}, "source": source}
    return {**cell, "execution_count": None, "outputs": []} if kind == "code" else cell


def _notebook(cells: Sequence[dict[str, Any]]) -> str:
    numbered = [{"id": f"cell-{number}", **cell} for number, cell in enumerate(cells)]
    metadata = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    form = {"cells": numbered, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(form, indent=1) + "\n"
