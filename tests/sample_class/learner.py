"""What a learner does to a notebook: answers exercises, adds and removes cells."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.units.unit import Unit

Cells = list[dict[str, Any]]
Story = Callable[[Unit, Cells], None]
Files = dict[str, bytes]
HERE = Path(__file__).resolve().parent
EVERYTHING = "everything"
IN_PART = "in part"  # some points, and not all


def deserves(**misconceptions: str) -> Callable[[Story], Story]:
    """Say beside a story which misconception each of its wrong answers shows, by task."""
    return _with(deserves=misconceptions)


def earns(*tasks: str) -> Callable[[Story], Story]:
    """Say beside a story which tasks pass, or EVERYTHING; all others were not attempted."""
    return _with(earns=tasks)


def gets(**verdicts: str) -> Callable[[Story], Story]:
    """Say beside a story which verdict tasks get, as scores.csv has it, or IN_PART; of others nothing is said."""
    return _with(gets=verdicts)


def _with(**said: object) -> Callable[[Story], Story]:
    def told(story: Story) -> Story:
        vars(story).update(said)
        return story

    return told


def answer(unit: Unit, cells: Cells, **answers: str) -> None:
    """Write these answers into their exercise cells."""
    for task, code in answers.items():
        exercise(unit, cells, task)["source"] = code.strip("\n")


def answer_right(unit: Unit, cells: Cells, *tasks: str) -> None:
    """Answer these tasks, or all, as the reference does."""
    for task in tasks or unit.tasks:
        exercise(unit, cells, task)["source"] = unit.solution(task)


def exercise(unit: Unit, cells: Cells, task: str) -> dict[str, Any]:
    """The cell in which a task is answered; in which its file is made, before any cell is added or taken away."""
    if unit.tasks[task].file:
        return cells[[c.source for c in unit.cells if not c.is_task].index(unit.exercises[task])]
    starts = (f"def {task}(", f"{task} = ", f'lab.answer("{task}"')
    return next(c for c in cells if c["source"].startswith(starts))


def check(cells: Cells, task: str) -> dict[str, Any]:
    """The cell that checks a task."""
    return next(c for c in cells if c["source"] == f'lab.check("{task}")')


def code_cell(source: str) -> dict[str, Any]:
    """A cell that a learner added."""
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source.strip("\n")}


def insert_after(cells: Cells, cell: dict[str, Any], source: str) -> None:
    """Add a code cell below another."""
    cells.insert(cells.index(cell) + 1, code_cell(source))


@earns(EVERYTHING)
def full_marks(unit: Unit, cells: Cells) -> None:
    answer_right(unit, cells)


@earns()
def untouched(unit: Unit, cells: Cells) -> None:
    pass
