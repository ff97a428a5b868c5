"""Refuses a text that uses a name which nobody defines: no linter reads what is in a text."""

import ast
import builtins
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.core.errors import SourceError
from grader.notebooks.bound_names import bound_names
from grader.notebooks.cells import statements
from grader.units.slicing import free_names
from grader.units.source_lines import place
from grader.units.task import Task
from grader.units.unit import SourceCell
from grader.units.written import Called, Written

_OF_JUPYTER = {"display", "get_ipython", "In", "Out"}


def check_names(path: Path, tree: ast.Module, cells: Iterable[SourceCell], tasks: Iterable[Task]) -> None:
    """Raise SourceError, with the line, for a text of a task that uses a name which neither the task cells nor the
    notebook define. After `from … import *` nobody can tell."""
    code = [*tree.body, *(one for cell in cells if cell.kind == "code" for one in statements(cell.source))]
    if any(isinstance(one, ast.ImportFrom) and one.names[0].name == "*" for one in code):
        return
    known = {name for statement in code for name in bound_names(statement)} | set(dir(builtins)) | _OF_JUPYTER
    for task in tasks:
        for what, text in _texts(task):
            assert text.definition is not None
            if unknown := sorted({*free_names(text.definition)} - known - {task.name}):
                raise SourceError(
                    f"{place(path, text.definition.lineno)}: the {what} {text.name!r} of task {task.name!r} uses the "
                    f"name {unknown[0]!r}, which neither a task cell nor the notebook defines"
                )


def _texts(task: Task) -> Iterator[tuple[str, Called | Written]]:
    """What of a task is written as a text, and what it is."""
    functions: list[tuple[str, object]] = [
        *(("probe", probe.function) for probe in task.probes.values()),
        *(("misconception", wrong.function) for wrong in task.misconceptions.values()),
        *(("alternative", right) for right in task.alternatives.values()),
    ]
    yield from ((what, one) for what, one in functions if isinstance(one, Called | Written))
