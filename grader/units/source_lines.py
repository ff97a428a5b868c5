"""Lines of a unit's source: where its cells, its tasks and its functions stand in the file."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.judging.observe import Failure

# What an error says of the name that was not found.
_NAMED = re.compile(r"(?:name|variable|attribute|module named) '(?:\w+\.)*(\w+)'")


def place(path: Path, line: int) -> str:
    """A file with its line; 0 is a line that is not known."""
    return f"{path}, line {line}" if line else str(path)


def first_lines(text: str, sources: Sequence[str]) -> list[int]:
    """The line at which each cell of a source begins; 0 for one that is not found.

    What Python cannot read, a text or a magic, is written behind a # in the file.
    """
    found, start = [], 0
    for source in sources:
        whole, first = re.escape(source), re.escape(source.split("\n", 1)[0])
        patterns = (rf"^{whole}$", rf"^(?:# )?{first}$")
        at = next(filter(None, (re.compile(p, re.MULTILINE).search(text, start) for p in patterns)), None)
        found.append(text.count("\n", 0, at.start()) + 1 if at else 0)
        start = at.end() if at else start
    return found


_MAKERS = ("Task", "Quiz", "FreeText")


def task_line(tree: ast.AST, name: str) -> int:
    """The line that makes the task of this name; 0 where the name is not written out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in _MAKERS:
            given = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "name")]
            if any(isinstance(value, ast.Constant) and value.value == name for value in given):
                return node.lineno
    return 0


def entry_line(tree: ast.AST, line: int, name: str) -> int:
    """The line of a keyword of the call at this line; the call's own if the name is none of its keywords."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.lineno == line)
    found = (keyword.lineno for call in calls for keyword in call.keywords if keyword.arg == name)
    return next(found, line)


def failing_line(definition: ast.FunctionDef, failure: Failure) -> int:
    """The line of a function with the name that an error tells, else its first."""
    found = _NAMED.search(failure.message)
    lines = [line for node in ast.walk(definition) for name, line in _read_names(node) if found and name == found[1]]
    return min(lines, default=definition.lineno)


def _read_names(node: ast.AST) -> Iterator[tuple[str, int]]:
    """The names that a piece of code reads or imports, each with its line."""
    if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield node.id if isinstance(node, ast.Name) else node.attr, node.lineno
    elif isinstance(node, ast.Import | ast.ImportFrom):
        modules = [*(alias.name for alias in node.names), getattr(node, "module", None) or ""]
        yield from ((part, node.lineno) for module in modules for part in module.split("."))
