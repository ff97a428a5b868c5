"""Which names a statement binds where it runs. Pure."""

import ast

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
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
