"""Code cells as they are read: what IPython alone understands is left out, and what a cell asks of its `Lab`. Pure."""

import ast
import re
import warnings
from collections.abc import Iterator

MAX_BRACKETS = 5_000_000
MOST_CODE = 200_000  # characters that are read as Python at a time: a tree takes a hundred times their room
# Of a name with dots in an import CPython keeps each beginning: one of 80,000 characters takes 2 GB and half a minute.
_LONG_NAME = re.compile(r"(?:\.[\w\x80-\U0010ffff]+){100}")
_WITHIN_A_NAME = re.compile(r"[ \t\f]+|\\\r?\n")
_OWN_LINE = re.compile(r"^([ \t]*)(?:[!%?].*|[\w.*]+\?\??[ \t]*)$", re.MULTILINE)
_OWN_VALUE = re.compile(r"^([ \t]*[\w.][\w., \t]*=[ \t]*)[!%].*$", re.MULTILINE)
_CELL_MAGIC = re.compile(r"\s*(%%[\w!]+)")
_PYTHON_MAGICS = ("%%capture", "%%debug", "%%prun", "%%time", "%%timeit")


def may_ask(source: str) -> bool:
    """Whether `checked_tasks` may find a task in a cell, or in what IPython makes of it; for most it is plain that not.

    A name may be spelt in other letters, which Python reads as these.
    """
    return not source.isascii() or "check" in source or "answer" in source


def checked_tasks(source: str) -> list[str]:
    """The tasks that a code cell asks a verdict for: `….check("name")` and `….answer("name", …)`, in order."""
    try:
        tree = tree_of(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return list(dict.fromkeys(asked_tasks(tree)))


def below_a_magic(source: str) -> list[str]:
    """The tasks that a cell asks a verdict for whose code is this notebook's own, below `%%time` or behind `%time`."""
    return list(dict.fromkeys(task for statement in statements(source) for task in asked_tasks(statement)))


def asked_tasks(tree: ast.AST) -> Iterator[str]:
    """The tasks that code asks a verdict for, in order, each as often as it does."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in ("check", "answer")
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
        ):
            yield node.args[0].value


def statements(source: str) -> list[ast.stmt]:
    """A code cell's statements without IPython's own lines; none where Python does not read it, or cannot."""
    if speaks_otherwise(source):
        return []
    try:
        return parsed(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def tree_of(source: str) -> ast.Module:
    """What Python reads in a text that may come from anybody.

    Raises SyntaxError, ValueError, RecursionError or MemoryError where it cannot, and ValueError where it would take
    too much time or memory.
    """
    if len(source) > MOST_CODE or _LONG_NAME.search(_WITHIN_A_NAME.sub("", source)):
        raise ValueError("it would take too long to read this as Python")
    with warnings.catch_warnings(action="ignore"):  # of a learner's "\\d", for one
        return ast.parse(source)


def parsed(source: str) -> ast.Module:
    """A code cell as Python reads it, with `pass` for IPython's own lines.

    Raises SyntaxError, ValueError, RecursionError or MemoryError where it cannot.
    """
    lines = (line.removeprefix("%time ") for line in source.split("\n"))
    plain = "\n".join("pass" if line.startswith(("%", "!", "?")) else line for line in lines)
    try:
        return tree_of(plain)
    except SyntaxError:
        bare = _OWN_LINE.sub(r"\1pass", _OWN_VALUE.sub(r"\1None", plain))
        if bare == plain:
            raise
        return tree_of(bare)


def speaks_otherwise(source: str) -> str:
    """The magic at a cell's head, such as `%%bash`, that gives the cell to something else than this Python; or ""."""
    found = _CELL_MAGIC.match(source)
    return found[1] if found and found[1] not in _PYTHON_MAGICS else ""
