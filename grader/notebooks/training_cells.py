"""Which cells of a notebook train, and what of them runs where what training makes was handed in. Pure.

A cell trains that calls `fit`, itself or through a function of the notebook that does. Like it is a cell that goes on
from what only such cells made: it would fail. Of either, imports, definitions, constants and answers remain.
"""

import ast
from collections.abc import Sequence

from grader.notebooks.bound_names import bound_names
from grader.notebooks.cells import checked_tasks, statements

_FIT = ("fit", "train_on_batch")
_KEPT = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def without_training(sources: Sequence[str]) -> dict[int, str]:
    """What remains of each code cell that trains, or goes on from what training left, by the cell's number."""
    left: dict[int, str] = {}
    trainers: set[str] = set()  # functions of the notebook that train
    there: set[str] = set()  # names that cells make which run
    lost: set[str] = set()  # names that they do not
    for number, source in enumerate(sources):
        body = statements(source)
        definitions = [s for s in body if isinstance(s, ast.FunctionDef | ast.ClassDef)]
        trainers |= {d.name for d in definitions if _trains(d, trainers)}
        others = [s for s in body if not isinstance(s, _KEPT)]
        read = {name for statement in others for name in _read(statement)}
        stays = body
        if any(_trains(s, trainers) for s in others) or read & (lost - _made(body)):
            stays = [s for s in body if isinstance(s, _KEPT) or _is_constant(s) or _answers(s)]
            left[number] = "\n".join(map(ast.unparse, stays))
        there |= _made(stays)
        lost = (lost | _made(body)) - there
    return left


def _trains(statement: ast.stmt, trainers: set[str]) -> bool:
    called = [node.func for node in ast.walk(statement) if isinstance(node, ast.Call)]
    methods = {function.attr for function in called if isinstance(function, ast.Attribute)}
    functions = {function.id for function in called if isinstance(function, ast.Name)}
    return not methods.isdisjoint(_FIT) or not functions.isdisjoint(trainers)


def _is_constant(statement: ast.stmt) -> bool:
    """Whether it gives a name to what needs no computing."""
    quick = ast.Constant | ast.Tuple | ast.List | ast.Dict | ast.Set | ast.UnaryOp | ast.expr_context | ast.unaryop
    return isinstance(statement, ast.Assign) and all(isinstance(node, quick) for node in ast.walk(statement.value))


def _answers(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and bool(checked_tasks(ast.unparse(statement)))


def _made(statements: Sequence[ast.stmt]) -> set[str]:
    """The names that statements bind at the top level."""
    return {name for statement in statements for name in bound_names(statement)}


def _read(statement: ast.stmt) -> set[str]:
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
