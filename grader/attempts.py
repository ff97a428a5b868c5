"""Which tasks a notebook leaves as it was handed out, by its text alone: nothing runs. Pure.

A task is untouched where nothing binds its name but a definition that still raises NotImplementedError, or where its
question is answered with `...`.
"""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from grader.notebook import statements


def untouched(cells: Iterable[Mapping[str, Any]], tasks: Collection[str]) -> list[str]:
    """The tasks, in their order, for which these cells hold no answer."""
    answered: set[str] = set()
    for cell in cells:
        if cell["cell_type"] == "code":
            for statement in statements(cell["source"]):
                answered |= set(_answered(statement))
    return [task for task in tasks if task not in answered]


def _answered(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        if not any(_is_stub(node) for node in ast.walk(statement)):
            yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name
        elif isinstance(node, ast.Call):
            yield from _choice(node)


def _is_stub(node: ast.AST) -> bool:
    """`raise NotImplementedError`, as a starter leaves it."""
    return isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name) and node.exc.id == "NotImplementedError"


def _choice(call: ast.Call) -> Iterator[str]:
    """The question that `….answer("name", choice)` answers; `...` is no answer."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "answer" or len(call.args) < 2:
        return
    task, choice = call.args[:2]
    answered = not isinstance(choice, ast.Constant) or choice.value is not ...
    if isinstance(task, ast.Constant) and isinstance(task.value, str) and answered:
        yield task.value
