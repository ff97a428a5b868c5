"""Cuts one function out of the task cells, with just the imports, helpers and constants that it uses.

Only the cut text goes into a learner's process: the rest of the task cells stays outside.
"""

import ast
from collections.abc import Callable, Iterator
from typing import Any


class Slicer:
    """The top-level statements of a unit's task cells, in their order."""

    def __init__(self, tree: ast.Module) -> None:
        self._functions = [s for s in tree.body if isinstance(s, ast.FunctionDef)]
        self._statements = [s for s in tree.body if not _from_grader(s)]

    def cut(self, function: Callable[..., Any]) -> str:
        """The text of a function of the task cells, without its decorators, after everything that it needs."""
        definition = next(
            f for f in self._functions if f.name == function.__name__ and _first_line(f) == _line(function)
        )
        needed: list[ast.stmt] = []
        waiting = list(_free_names(definition))
        while waiting:
            wanted = waiting.pop()
            for statement in self._statements:
                if wanted in _bound_names(statement) and statement not in needed:
                    needed.append(statement)
                    waiting.extend(_free_names(statement))
        fields = {**{name: getattr(definition, name) for name in definition._fields}, "decorator_list": []}
        bare = ast.fix_missing_locations(ast.FunctionDef(**fields))
        return "\n".join(map(ast.unparse, [*sorted(needed, key=self._statements.index), bare])) + "\n"


def call_of(code: str, answer: str) -> str:
    """The first call of `answer` in a probe's code, as a learner would write it: `softmax(logits)`."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == answer:
            return ast.unparse(node)
    return answer


def _line(function: Callable[..., Any]) -> int:
    return function.__code__.co_firstlineno


def _first_line(definition: ast.FunctionDef) -> int:
    return min([definition.lineno, *(d.lineno for d in definition.decorator_list)])


def _from_grader(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.ImportFrom):
        return (statement.module or "").split(".")[0] == "grader"
    return isinstance(statement, ast.Import) and any(a.name.split(".")[0] == "grader" for a in statement.names)


def _bound_names(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        # A decorated function is a probe or a misconception, not a helper.
        return set() if statement.decorator_list else {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        return {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return set()


def _free_names(node: ast.stmt) -> Iterator[str]:
    """Names that a statement reads; a function's parameters and locals among them do no harm."""
    parts: list[ast.AST | None] = [node]
    if isinstance(node, ast.FunctionDef):
        parts = [*node.args.defaults, *node.args.kw_defaults, *node.body]
    for part in parts:
        if part is not None:
            yield from (n.id for n in ast.walk(part) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
