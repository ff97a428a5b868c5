"""Cuts one function out of the task cells, with just the imports, helpers and constants that it uses.

Only the cut text goes into a learner's process: the rest of the task cells stays outside.
"""

import ast
import symtable
from collections.abc import Callable, Iterator
from typing import Any

from grader.core.errors import SourceError
from grader.notebooks.bound_names import bound_names
from grader.units.written import Called, Written

Function = Callable[..., Any] | Called | Written


class Slicer:
    """The top-level statements of a unit's task cells, in their order."""

    def __init__(self, tree: ast.Module) -> None:
        self._functions = [s for s in tree.body if isinstance(s, ast.FunctionDef)]
        self._statements = [s for s in tree.body if not _from_grader(s)]
        self._bound = {s: _offered(s) for s in self._statements}  # once: each cut asks for all of them

    def cut(self, function: Function) -> str:
        """The text of a function of the task cells, without its decorators, after everything that it needs."""
        definition = self.definition(function)
        fields = {**{name: getattr(definition, name) for name in definition._fields}, "decorator_list": []}
        bare = ast.fix_missing_locations(ast.FunctionDef(**fields))
        needed: list[ast.stmt] = []
        waiting = list(free_names(bare))
        while waiting:
            wanted = waiting.pop()
            for statement in self._statements:
                if wanted in self._bound[statement] and statement not in needed:
                    needed.append(statement)
                    waiting.extend(free_names(statement))
        return "\n".join(map(ast.unparse, [*sorted(needed, key=self._statements.index), bare])) + "\n"

    def definition(self, function: Function) -> ast.FunctionDef:
        """The `def` of a function of the task cells, or of what was written shorter, with the lines of the source."""
        if isinstance(function, Called | Written):
            assert function.definition is not None
            return function.definition
        for definition in self._functions:
            if definition.name == function.__name__ and _first_line(definition) == _line(function):
                return definition
        raise SourceError(f"{function.__name__!r} must be a `def` at the top level of a task cell")


def _line(function: Callable[..., Any]) -> int:
    return function.__code__.co_firstlineno


def _first_line(definition: ast.FunctionDef) -> int:
    return min([definition.lineno, *(d.lineno for d in definition.decorator_list)])


def _from_grader(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.ImportFrom):
        return (statement.module or "").split(".")[0] == "grader"
    return isinstance(statement, ast.Import) and any(a.name.split(".")[0] == "grader" for a in statement.names)


def _offered(statement: ast.stmt) -> set[str]:
    """The names that a statement gives to others."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef) and any(map(_is_task_word, statement.decorator_list)):
        return set()  # a probe or a misconception, not a helper
    return bound_names(statement)


def _is_task_word(decorator: ast.expr) -> bool:
    word = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(word, ast.Attribute) and word.attr in ("probe", "misconception", "alternative")


def free_names(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement reads from outside: a parameter of the same name as a constant does not pull it in."""
    tables = [_table(statement)]
    for table in tables:
        tables.extend(table.get_children())
        at_top = table.get_type() == "module"
        yield from (s.get_name() for s in table.get_symbols() if s.is_referenced() and (at_top or s.is_global()))


def _table(statement: ast.stmt) -> symtable.SymbolTable:
    return symtable.symtable(ast.unparse(statement), "<cut>", "exec")
