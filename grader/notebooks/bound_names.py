"""Which names a statement binds where it runs, and which words it holds. Pure."""

import ast
from collections.abc import Iterator

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_MOST_TEXT = 100
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def bound_names(statement: ast.stmt) -> set[str]:
    """The names that a statement binds at its own level: not those within a function, a class or a comprehension.

    >>> sorted(bound_names(ast.parse("for i, (a, b) in pairs: import os.path as p").body[0]))
    ['a', 'b', 'i', 'p']
    """
    found: set[str] = set()
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        found |= _of(node)
        if isinstance(node, _COMPREHENSIONS):  # `:=` binds outside of it
            waiting.extend(inner for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr))
        elif not isinstance(node, (*SCOPES, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))
    return found - {"*"}


def words_of(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement holds, at any depth, those of modules in their parts, and its short texts.

    >>> sorted(words_of(ast.parse("from os import path; x = f(y=path.sep)").body[0]))
    ['os', 'path']
    """
    for node in ast.walk(statement):
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and len(node.value) <= _MOST_TEXT:
                yield node.value
            continue
        for field in ("id", "attr", "arg", "name", "asname", "module"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                yield from name.split(".")


def _of(node: ast.AST) -> set[str]:
    """The names that one node binds by itself."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return {node.id}
    if isinstance(node, ast.alias):
        return {(node.asname or node.name).split(".")[0]}
    name = node.rest if isinstance(node, ast.MatchMapping) else None
    if isinstance(node, (*SCOPES, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        name = node.name
    return {name} if name else set()
