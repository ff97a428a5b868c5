"""What a notebook's text holds where it does not run as code: a definition or an answer in a text cell, behind a `#`,
below a magic, in a cell that is no Python. Pure."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from grader.core.messages import Message, message
from grader.core.text import one_line
from grader.notebooks.bound_names import SCOPES
from grader.notebooks.cells import MOST_CODE, parsed, speaks_otherwise, statements
from grader.notebooks.unanswered import Definitions, outline

_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: .*)?$", re.MULTILINE)
_MAGIC = re.compile(r"^%%\w+", re.MULTILINE)
_COMMENTED = re.compile(r"^[ \t]*#[# \t]*(?=\S)", re.MULTILINE)
_UNANSWERED = re.compile(r"""["'”’]?\s*(?:,\s*(?:choice\s*=\s*)?\.\.\.\s*)?\)\s*;?\s*(?:#|$)""")


@dataclass(frozen=True)
class Problem:
    """Why a cell is not read as Python that is run. `quoted` is what is wrong in it, `line` where, if that is known.

    `kind`: "text cell", "raw cell", "not run", "magic", "timeit", "conflict", "late magic", "syntax" or "no Python".
    """

    kind: str
    quoted: str = ""
    line: int = 0


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

    def definition_that_is_none(self, name: str, ran: Collection[int]) -> Message | None:
        """Where the text seems to define a name, and why it does not."""
        functions = any(isinstance(one.statement, SCOPES) for one in self._handed_out.definitions.of(name))
        code, prose = (re.compile(_defining(name, only_def), re.MULTILINE) for only_def in (False, functions))
        for number, cell, text in self._changed():
            defines = code if cell["cell_type"] == "code" else prose
            if defines.search(text):
                if why := _why_not_run(number, cell, ran):
                    return _no_definition(name, number + 1, why)
            elif cell["cell_type"] == "code" and defines.search(_COMMENTED.sub("", text)):
                return message("name.commented_out", name=name, cell=number + 1)
        return None

    def unread_answer(self, task: str, ran: Collection[int]) -> Message | None:
        """Why the answer to a question was not read, if the text seems to hold one."""
        asks, told = _answer_to(task), None
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


def problem_of(source: str) -> Problem | None:
    """Why Python does not read a cell; None if it does."""
    if magic := speaks_otherwise(source):
        return Problem("magic", magic)
    if source.lstrip().startswith("%%timeit"):
        return Problem("timeit")
    if mark := _CONFLICT.search(source):
        return Problem("conflict", mark[0][:7])
    if late := _MAGIC.search(source, len(source) - len(source.lstrip()) + 1):
        return Problem("late magic", late[0])
    try:
        parsed(source)
    except SyntaxError as error:
        told = one_line(error.msg, 120).rstrip(".")
        return Problem("syntax", told if told.endswith("?") else f"{told}.", error.lineno or 0)
    except (ValueError, RecursionError, MemoryError):
        return Problem("no Python")
    return None


def _defining(name: str, only_def: bool) -> str:
    """What defines a name at a line's start; of a function in prose, `softmax = …` may be a formula."""
    function = rf"^[ \t]*(?:(?:async +)?def +|class +){name}\b"
    return function if only_def else rf"{function}|^[ \t]*{name} *=(?!=)|^[ \t]*(?:import|from) .*\b{name}\b"


def _why_not_run(number: int, cell: Mapping[str, Any], ran: Collection[int]) -> Problem | None:
    """Why a cell's text is not run as it is; None if it is."""
    if cell["cell_type"] != "code":
        return Problem("text cell" if cell["cell_type"] == "markdown" else "raw cell")
    if cell.get("skip") or number not in ran:
        return Problem("not run")
    return problem_of(cell["source"]) if len(cell["source"]) <= MOST_CODE else None


def _no_definition(name: str, cell: int, why: Problem) -> Message:
    """Of a cell that would define a name."""
    match why.kind:
        case "text cell":
            return message("name.text_cell", name=name, cell=cell)
        case "raw cell":
            return message("name.raw_cell", name=name, cell=cell)
        case "not run":
            return message("name.cell_not_run", name=name, cell=cell)
        case "magic":
            return message("name.magic", name=name, cell=cell, magic=why.quoted)
        case "timeit":
            return message("name.timeit", name=name, cell=cell)
        case "conflict":
            return message("name.conflict", name=name, cell=cell, mark=why.quoted)
        case "late magic":
            return message("name.late_magic", name=name, cell=cell, magic=why.quoted)
        case "syntax":
            return message("name.syntax", name=name, cell=cell, line=why.line, problem=why.quoted)
    return message("name.no_python", name=name, cell=cell)


def _unread_cell(cell: int, why: Problem) -> Message:
    """Of a cell that would answer a question."""
    match why.kind:
        case "text cell":
            return message("unread.text_cell", cell=cell)
        case "raw cell":
            return message("unread.raw_cell", cell=cell)
        case "not run":
            return message("unread.cell_not_run", cell=cell)
        case "magic":
            return message("unread.magic", cell=cell, magic=why.quoted)
        case "timeit":
            return message("unread.timeit", cell=cell)
        case "conflict":
            return message("unread.conflict", cell=cell, mark=why.quoted)
        case "late magic":
            return message("unread.late_magic", cell=cell, magic=why.quoted)
        case "syntax":
            return message("unread.syntax", cell=cell, line=why.line, problem=why.quoted)
    return message("unread.no_python", cell=cell)


def _answer_to(task: str) -> re.Pattern[str]:
    """A call that seems to answer a question, whatever is wrong with it."""
    return re.compile(
        rf"^(?P<before>.*)\banswers?\s*[(\[]\s*(?:task\s*=\s*)?[^\w\s]?{task}\b(?P<rest>.*)", re.MULTILINE
    )


def _unread(task: str, number: int, before: str, why: Problem | None, text: str) -> Message:
    """Why an answer in a cell was not read; `before` is what its line holds before it."""
    if why:
        return _unread_cell(number + 1, why)
    return message("unread.commented_out", cell=number + 1) if "#" in before else _mended(task, number + 1, text)


def _mended(task: str, cell: int, text: str) -> Message:
    """What is wrong with an answer that ran and gave no choice."""
    calls = [
        node for s in statements(text) for node in ast.walk(s) if isinstance(node, ast.Call) and len(node.args) == 2
    ]
    for name, choice in (call.args for call in calls):
        if isinstance(name, ast.Name) and name.id == task:
            return message("unread.unquoted_name", cell=cell, task=task)
        if isinstance(name, ast.Constant) and name.value == task and isinstance(choice, ast.Name):
            return message("unread.unquoted_letter", cell=cell, task=task)
    return message("unread.other", cell=cell, task=task)
