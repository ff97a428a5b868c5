"""What a notebook's text holds where it does not run as code: a definition or an answer in a text cell, behind a `#`,
below a magic, in a cell that is no Python. Pure."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from grader.core.text import one_line
from grader.notebooks.bound_names import SCOPES
from grader.notebooks.cells import MOST_CODE, parsed, speaks_otherwise, statements
from grader.notebooks.unanswered import Definitions, outline

_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: .*)?$", re.MULTILINE)
_MAGIC = re.compile(r"^%%\w+", re.MULTILINE)
_COMMENTED = re.compile(r"^[ \t]*#[# \t]*(?=\S)", re.MULTILINE)
_UNANSWERED = re.compile(r"""["'”’]?\s*(?:,\s*(?:choice\s*=\s*)?\.\.\.\s*)?\)\s*;?\s*(?:#|$)""")
_NAMES = {"markdown": "a text cell", "raw": "a raw cell"}


class HandedOut:
    """The notebook that learners open: looked into once for all that they hand in."""

    def __init__(self, cells: Sequence[Mapping[str, Any]]) -> None:
        self._cells = cells

    def is_question(self, task: str) -> bool:
        """Whether a task is answered by a choice."""
        asks = _answer_to(task)
        return any(cell["cell_type"] == "code" and asks.search(cell["source"]) for cell in self._cells)

    @cached_property
    def definitions(self) -> Definitions:
        """What its cells bind."""
        return Definitions(self._cells)

    @cached_property
    def outlines(self) -> frozenset[str]:
        """What its statements say."""
        return frozenset(outline(one.statement) for one in self.definitions.statements)

    @cached_property
    def texts(self) -> frozenset[tuple[str, str]]:
        """The kinds and texts of its cells."""
        return frozenset((cell["cell_type"], cell["source"]) for cell in self._cells)


class Mentions:
    """A notebook's cells beside those that were handed out."""

    def __init__(self, cells: Sequence[Mapping[str, Any]], handed_out: HandedOut) -> None:
        self._cells, self._handed_out = cells, handed_out

    def definition_that_is_none(self, name: str, ran: Collection[int]) -> str:
        """Where the text seems to define a name, and why it does not; after a colon, or ""."""
        functions = any(isinstance(one.statement, SCOPES) for one in self._handed_out.definitions.of(name))
        code, prose = (re.compile(_defining(name, only_def), re.MULTILINE) for only_def in (False, functions))
        for number, cell, text in self._changed():
            defines = code if cell["cell_type"] == "code" else prose
            if defines.search(text):
                if why := _why_not_run(number, cell, ran):
                    return f"cell {number + 1}, which would define it, {why}"
            elif cell["cell_type"] == "code" and defines.search(_COMMENTED.sub("", text)):
                return f"its definition in cell {number + 1} is commented out."
        return ""

    def unread_answer(self, task: str, ran: Collection[int]) -> str:
        """Why the answer to a question was not read, where the text seems to hold one; or ""."""
        asks, told = _answer_to(task), ""
        for number, cell, text in self._changed():
            answers = [found["before"] for found in asks.finditer(text) if not _UNANSWERED.match(found["rest"])]
            if answers:
                told = _unread(task, number, answers[-1], _why_not_run(number, cell, ran), text)
        return told

    def _changed(self) -> Iterator[tuple[int, Mapping[str, Any], str]]:
        """The cells that are not as they were handed out, each after its number and with its text."""
        left = MOST_CODE
        for number, cell in enumerate(self._cells):
            if (cell["cell_type"], cell["source"]) not in self._handed_out.texts and left > 0:
                yield number, cell, cell["source"][:left]
                left -= len(cell["source"])


def problem_of(source: str) -> str:
    """Why Python does not read a cell, after its name; "" where it does."""
    if magic := speaks_otherwise(source):
        return f"begins with `{magic}`, which does not run it as part of this notebook."
    if source.lstrip().startswith("%%timeit"):
        return "begins with `%%timeit`, which keeps nothing that it defines."
    if mark := _CONFLICT.search(source):
        return f"holds the marks of a merge conflict (`{mark[0][:7]}`)."
    if late := _MAGIC.search(source, len(source) - len(source.lstrip()) + 1):
        return f"has `{late[0]}` below its first line."
    try:
        parsed(source)
    except SyntaxError as error:
        told = one_line(error.msg, 120).rstrip(".")
        return f"has a syntax error in line {error.lineno}: {told}{'' if told.endswith('?') else '.'}"
    except (ValueError, RecursionError, MemoryError):
        return "cannot be read as Python."
    return ""


def _defining(name: str, only_def: bool) -> str:
    """What defines a name at a line's start; of a function in prose, `softmax = …` may be a formula."""
    function = rf"^[ \t]*(?:(?:async +)?def +|class +){name}\b"
    return function if only_def else rf"{function}|^[ \t]*{name} *=(?!=)|^[ \t]*(?:import|from) .*\b{name}\b"


def _why_not_run(number: int, cell: Mapping[str, Any], ran: Collection[int]) -> str:
    """Why a cell's text is not run as it is, after its name; "" where it is."""
    if cell["cell_type"] != "code":
        return f"is {_NAMES[cell['cell_type']]}; make it a code cell."
    if cell.get("skip") or number not in ran:
        return "was not run."
    return problem_of(cell["source"]) if len(cell["source"]) <= MOST_CODE else ""


def _answer_to(task: str) -> re.Pattern[str]:
    """A call that seems to answer a question, whatever is wrong with it."""
    return re.compile(
        rf"^(?P<before>.*)\banswers?\s*[(\[]\s*(?:task\s*=\s*)?[^\w\s]?{task}\b(?P<rest>.*)", re.MULTILINE
    )


def _unread(task: str, number: int, before: str, why: str, text: str) -> str:
    """Why an answer in a cell was not read; `before` is what its line holds before it."""
    if why:
        return f"Your answer in cell {number + 1} was not read: the cell {why}"
    return f"Your answer in cell {number + 1} is commented out." if "#" in before else _mended(task, number, text)


def _mended(task: str, number: int, text: str) -> str:
    """What is wrong with an answer that ran and gave no choice."""
    calls = [
        node for s in statements(text) for node in ast.walk(s) if isinstance(node, ast.Call) and len(node.args) == 2
    ]
    for name, choice in (call.args for call in calls):
        if isinstance(name, ast.Name) and name.id == task:
            return f'In cell {number + 1} the name of the question belongs in quotes: `lab.answer("{task}", "a")`.'
        if isinstance(name, ast.Constant) and name.value == task and isinstance(choice, ast.Name):
            return f'In cell {number + 1} the letter belongs in quotes, as in `lab.answer("{task}", "a")`.'
    return (
        f'Cell {number + 1} gives no answer that can be read: write `lab.answer("{task}", "a")` with your own letter.'
    )
