"""Reads what a unit's cells ask of their `Lab`: a name that is written wrong would leave a learner without checks."""

import ast
import difflib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from grader.core.errors import SourceError
from grader.notebooks.cells import asked_tasks, speaks_otherwise
from grader.notebooks.cells import parsed as parse_cell
from grader.units.marks import without_solution
from grader.units.source_lines import place, task_line

_ASKING = ("check", "answer")
_CALLS = (*_ASKING, "hint", "solution")


class Cell(Protocol):
    """What is read of a source's cell."""

    @property
    def kind(self) -> str:
        """Code, markdown or raw."""

    @property
    def source(self) -> str:
        """Its text."""

    @property
    def is_task(self) -> bool:
        """Whether no learner sees it."""

    @property
    def line(self) -> int:
        """Its first line in the file; 0 if it is not known."""


@dataclass(frozen=True)
class _View:
    """A cell as somebody runs it: as the reference, or as a learner who opens it."""

    tree: ast.Module
    text: str
    source: str
    first: int

    def line(self, call: ast.Call) -> int:
        """The call's line in the file."""
        if not self.first:
            return 0
        if self.text == self.source:
            return self.first + call.lineno - 1
        code = ast.get_source_segment(self.text, call) or ""
        lines = self.source.split("\n")
        return next((self.first + n for n, line in enumerate(lines) if code.split("\n")[0] in line), self.first)


def lab_name(cells: Sequence[Cell]) -> str:
    """The variable that holds the unit's Lab."""
    views = list(_views(cells, opened=False))
    return next(iter(_lab_names(views)), "lab")


def asked_names(cells: Sequence[Cell]) -> set[str | None]:
    """The tasks that a learner's cells ask a verdict on; None for one whose name is not written out."""
    opened = list(_views(cells, opened=True))
    labs = _lab_names([*_views(cells, opened=False), *opened])
    return {name for view in opened for name in _asked(view.tree, labs)}


def check_lab_calls(path: Path, cells: Sequence[Cell], tasks: Collection[str], tree: ast.Module) -> None:
    """Raise SourceError for another unit's name, for a name that is no task's, and for a task without a check.

    Only names that are written out are judged, and only calls of the variable that holds the Lab.
    """
    views = [*_views(cells, opened=False), *_views(cells, opened=True)]
    makers, labs = _maker_names(views), _lab_names(views)
    for view in views:
        for call in _calls(view.tree):
            if ast.unparse(call.func) in makers:
                _check_unit(path, view, call)
            elif _asked_of(call, labs) in _CALLS:
                _check_task(path, view, call, tasks)
    asked = asked_names(cells)
    for name in tasks:
        if name not in asked and None not in asked:
            raise SourceError(
                f"{place(path, task_line(tree, name))}: no cell that a learner gets asks for a verdict on task "
                f'{name!r}: write lab.check("{name}"), or lab.answer("{name}", ...) for a question'
            )


def _views(cells: Sequence[Cell], *, opened: bool) -> Iterator[_View]:
    for cell in cells:
        if cell.kind != "code" or cell.is_task or speaks_otherwise(cell.source):
            continue
        seen = without_solution(cell.source) if opened else cell.source
        try:
            yield _View(parse_cell(seen), seen, cell.source, cell.line)
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # told where the reference runs
            continue


def _maker_names(views: Sequence[_View]) -> set[str]:
    return {name for view in views for name in _makers(view.tree)}


def _lab_names(views: Sequence[_View]) -> list[str]:
    makers = _maker_names(views)
    return list(dict.fromkeys(name for view in views for name in _labs(view.tree, makers)))


def _makers(tree: ast.Module) -> Iterator[str]:
    """How the code may call `grader.Lab`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in ("grader", "grader.learner.lab"):
            yield from (alias.asname or alias.name for alias in node.names if alias.name == "Lab")
        elif isinstance(node, ast.Import):
            yield from (f"{alias.asname or alias.name}.Lab" for alias in node.names if alias.name == "grader")


def _labs(tree: ast.Module, makers: Collection[str]) -> Iterator[str]:
    """The variables that hold a Lab."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and isinstance(node.value, ast.Call):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if ast.unparse(node.value.func) in makers:
                yield from (target.id for target in targets if isinstance(target, ast.Name))


def _calls(tree: ast.Module) -> list[ast.Call]:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return sorted(found, key=lambda call: (call.lineno, call.col_offset))


def _asked_of(call: ast.Call, labs: Collection[str]) -> str:
    """The method of a Lab that is called, or ""."""
    of_lab = (
        isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id in labs
    )
    return call.func.attr if of_lab else ""  # type: ignore[attr-defined]


def _asked(tree: ast.Module, labs: Collection[str]) -> Iterator[str | None]:
    """The tasks that code asks a verdict on; None for one whose name is not written out.

    A unit that gets its Lab from elsewhere may call it whatever it likes.
    """
    if not labs:
        yield from asked_tasks(tree)
    for call in _calls(tree):
        if _asked_of(call, labs) in _ASKING:
            yield _first_argument(call, "task")


def _first_argument(call: ast.Call, name: str) -> str | None:
    """A call's first argument, where that is a text which is written out."""
    given = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == name)]
    value = given[0] if given else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def _check_unit(path: Path, view: _View, call: ast.Call) -> None:
    name = _first_argument(call, "unit")
    if name is not None and name != path.stem:
        raise SourceError(
            f'{place(path, view.line(call))}: Lab("{name}") is no Lab of this unit, which has its file\'s name; '
            f'did you mean Lab("{path.stem}")?'
        )


def _check_task(path: Path, view: _View, call: ast.Call, tasks: Collection[str]) -> None:
    name = _first_argument(call, "task")
    if name is None or name in tasks:
        return
    near = difflib.get_close_matches(name, tasks, 1)
    what = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(tasks)}."
    called = ast.unparse(call.func)
    raise SourceError(f"{place(path, view.line(call))}: {called} names {name!r}, which is no task of this unit; {what}")
