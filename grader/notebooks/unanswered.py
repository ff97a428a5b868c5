"""What a notebook's cells say, by their text alone: which names they bind, what they answer. Nothing runs. Pure.

A task is untouched where nothing binds its name but a definition that still raises NotImplementedError, or where its
question is answered with `...`.
"""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.notebooks.bound_names import SCOPES, bound_names
from grader.notebooks.cells import MOST_CODE, statements


@dataclass(frozen=True)
class Placed:
    """A statement at the top level of a cell."""

    cell: int
    statement: ast.stmt


class Definitions:
    """The statements of a notebook, in the order of its cells, and which names they bind."""

    def __init__(self, cells: Sequence[Mapping[str, Any]]) -> None:
        self._by_name: dict[str, list[Placed]] = {}
        self.statements: list[Placed] = []
        left = MOST_CODE
        for number, cell in enumerate(cells):
            source = code_of(cell)
            left -= len(source)
            if left >= 0:
                self.statements += [Placed(number, statement) for statement in statements(source)]
        for one in self.statements:
            for name in bound_names(one.statement):
                self._by_name.setdefault(name, []).append(one)

    def of(self, name: str, upto: int | None = None) -> list[Placed]:
        """Those of a name, in the cells up to one."""
        return [one for one in self._by_name.get(name, ()) if upto is None or one.cell <= upto]


def code_of(cell: Mapping[str, Any]) -> str:
    """What of a cell is run and can bind names: nothing of `%%timeit`, which keeps none."""
    source = str(cell.get("instead", "") if cell.get("skip") else cell["source"])
    return source if cell["cell_type"] == "code" and not source.lstrip().startswith("%%timeit") else ""


def untouched(cells: Iterable[Mapping[str, Any]], tasks: Collection[str]) -> list[str]:
    """The tasks, in their order, for which these cells hold no answer."""
    answered: set[str] = set()
    for cell in cells:
        if cell["cell_type"] == "code":
            for statement in statements(cell["source"]):
                answered |= set(_answered(statement))
    return [task for task in tasks if task not in answered]


def answers_given(source: str) -> dict[str, Any]:
    """The choice that a cell gives to each question at its top level, where it is a literal; `...` is none.

    Of several answers to one question the last counts. What `if`, loops and functions hold may never run.
    """
    given: dict[str, Any] = {}
    for statement in statements(source):
        for call in _calls_that_run(statement):
            task, choice = _answer(call)
            try:
                value = ast.literal_eval(choice) if choice else ...
            except (ValueError, TypeError, RecursionError, MemoryError):  # no literal, or one without end
                continue
            given[task] = value
    return {task: choice for task, choice in given.items() if task and choice is not ...}


def _answered(statement: ast.stmt) -> Iterator[str]:
    """The tasks that a statement answers: by a definition that is no stub, another binding, or a choice."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        if not any(is_stub(node) for node in ast.walk(statement)):
            yield statement.name
        return
    yield from bound_names(statement)
    for node in ast.walk(statement):
        if isinstance(node, ast.Call):
            task, choice = _answer(node)
            if choice and not (isinstance(choice, ast.Constant) and choice.value is ...):
                yield task


def is_stub(node: ast.AST) -> bool:
    """Whether this is `raise NotImplementedError`, as a starter leaves it."""
    return isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name) and node.exc.id == "NotImplementedError"


def is_unwritten(statement: ast.stmt) -> bool:
    """Whether it defines a function that does nothing but raise NotImplementedError."""
    return isinstance(statement, ast.FunctionDef) and [is_stub(node) for node in _body(statement)] == [True]


def outline(statement: ast.stmt) -> str:
    """What a statement says to Python: without comments, layout and a docstring."""
    try:
        if isinstance(statement, SCOPES):
            parts = [getattr(statement, "args", None), *statement.decorator_list, *_body(statement)]
            return "\n".join([type(statement).__name__, statement.name, *(ast.dump(part) for part in parts if part)])
        return ast.dump(statement)
    except RecursionError:
        return ""


def _body(definition: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[ast.stmt]:
    """The statements of a definition below its docstring."""
    return definition.body[1 if ast.get_docstring(definition, clean=False) is not None else 0 :]


def _answer(call: ast.Call) -> tuple[str, ast.expr | None]:
    """The question that `….answer("name", choice)` answers, and the choice; no name where it is another call."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "answer":
        return "", None
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    task, choice = [*call.args, None, None][:2]
    task, choice = task or named.get("task"), choice or named.get("choice")
    return (task.value, choice) if isinstance(task, ast.Constant) and isinstance(task.value, str) else ("", None)


def _calls_that_run(statement: ast.stmt) -> list[ast.Call]:
    """The call that a statement is, or whose value it names, and the calls that are its arguments: `print(call)`."""
    value = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
    if not isinstance(value, ast.Call):
        return []
    return [value, *(argument for argument in value.args if isinstance(argument, ast.Call))]
