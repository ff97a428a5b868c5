"""Why a name is not defined, and why there is no answer to judge: what a notebook's text and its run say for certain.

Pure. A message quotes the text that was handed in, and names of Python's own. Of what a run tells, it takes only which
cells ran, which statements failed, and with which kind of error.
"""

import ast
import builtins
import re
import sys
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

from grader.core.messages import Message, Messages, message
from grader.core.text import one_line
from grader.judging.explaining.explain import undefined_name
from grader.judging.observe import Failure, Observation
from grader.judging.scoring import is_absent
from grader.judging.verdict import Known, State, needs_first, raise_not_implemented
from grader.notebooks.bound_names import bound_names, words_of
from grader.notebooks.cells import asked_tasks, statements
from grader.notebooks.mentions import HandedOut, Mentions
from grader.notebooks.unanswered import Definitions, Placed, code_of, is_stub, is_unwritten, outline

if TYPE_CHECKING:  # the sandbox is Linux's alone
    from grader.judging.run_record import CellRun, FailedStatement

MOST_NOTES = 10
_MOST_QUOTED = 100
_MOST_STEPS = 6  # from a name that is lost to what it was lost by, each of which adds one
_ERRORS = {name for name in dir(builtins) if name.endswith(("Error", "Exception", "Interrupt", "Exit"))}
# Whoever runs one has bound its names.
_CERTAIN = (ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Causes:
    """A notebook as it was handed in, beside the one that was handed out; after its run, `ran` is what it gave."""

    def __init__(self, cells: Sequence[Mapping[str, Any]], handed_out: HandedOut, tasks: Collection[str]) -> None:
        self._cells, self._handed_out, self._tasks = cells, handed_out, tasks
        self._mentions = Mentions(cells, handed_out)
        self.ran: Mapping[int, CellRun] = {}

    def as_handed_out(self, tasks: Iterable[str]) -> dict[str, list[range]]:
        """For each of these tasks the cells below which what defines it is what was handed out."""
        found: dict[str, list[range]] = {}
        for task in tasks:
            last = {definition.cell: definition for definition in self._definitions.of(task)}
            ends = [*list(last)[1:], sys.maxsize]
            found[task] = [
                range(cell, end) for (cell, one), end in zip(last.items(), ends, strict=False) if self._is_starters(one)
            ]
        return found

    def known(self, task: str, cell: int, observations: Mapping[str, Observation], state: State) -> Known:
        """What there is to tell of a task that was observed below a cell and did not pass."""
        if state == State.FAILED:
            failed = any(observation.failure for observation in observations.values())
            return Known(lost=self._lost(cell, observations), own=self._own if failed else ())
        if state != State.NOT_ATTEMPTED:
            return Known()
        if is_absent(observations, task):
            return Known(nothing=self._absent(task, cell))
        return self._as_before(task, cell, raise_not_implemented(observations))

    def notes(self, lost: Iterable[Messages] = ()) -> list[Messages]:
        """Of each statement that failed while its cell went on, and those of `lost` that quote none of them."""
        failed = ((number, one) for number, run in sorted(self.ran.items()) for one in run.failed)
        there = [(number, one) for number, one in failed if number < len(self._cells)]
        lines = [self._line(number, one) for number, one in there[:MOST_NOTES]]
        told = [(_failed_on_the_way(number, line, one),) for (number, one), line in zip(there, lines, strict=False)]
        more = len(there) - MOST_NOTES
        others = [said for said in lost if not any(one.arguments.get("line") in lines for one in said)]
        return [*told, *([(message("failed.more", count=more),)] if more > 0 else []), *others]

    def _as_before(self, task: str, cell: int, unwritten: bool) -> Known:
        """Of an answer that does what the starter does: whether it is the starter."""
        found = self._definitions.of(task, cell)
        if not found:
            return Known()
        own = [one for one in found if _may_answer(one.statement) and not self._is_starters(one)]
        last = found[-1].cell + 1
        if not own:
            return Known(nothing=(message("answer.as_handed_out"),))
        if self._is_starters(found[-1]):
            mine = own[-1].cell + 1
            if last > mine:
                return Known(True, (message("answer.starter_below_cell", cell=last, task=task, own=mine),))
            return Known(True, (message("answer.starter_below", cell=last, task=task),))
        if not unwritten:
            return Known(True)
        if _raises_it(found[-1].statement):
            return Known(True, (message("answer.unwritten_in_cell", name=task, cell=last),))
        if needed := self._unwritten_callee(found[-1], cell):
            return needs_first(needed)
        return Known(True)

    def _unwritten_callee(self, definition: Placed, cell: int) -> str:
        """The first function that a definition needs, itself or through others, and that is not written yet; or ""."""
        waiting, seen = deque([definition.statement]), {""}
        while waiting:
            for name in sorted(_names_read(waiting.popleft()) - seen):
                seen.add(name)
                for found in self._definitions.of(name, cell)[-1:]:
                    if _raises_it(found.statement):
                        return name
                    waiting.append(found.statement)
        return ""

    def _lost(self, cell: int, observations: Mapping[str, Observation]) -> dict[str, Messages]:
        """Why names are not defined that an answer needs, where it is certain."""
        lost: dict[str, Messages] = {}
        for observation in observations.values():
            name = undefined_name(observation.failure)
            # A learner's code can name anything in its error; only what the text holds is quoted.
            if name and name not in lost and name in self._names_read and self._raised_here(name, observation):
                reason = self._reason(name, cell)
                lost |= {name: reason} if reason else {}
        return lost

    def _raised_here(self, name: str, observation: Observation) -> bool:
        """Whether it is the notebook's own line that lacks the name, not a module's."""
        failure = observation.failure
        return failure is not None and (failure.kind == "missing" or bool(re.search(rf"\b{name}\b", failure.where)))

    def _absent(self, task: str, cell: int) -> Messages:
        """Why a task's own name is not defined; nothing if that is not certain."""
        if not self._handed_out.is_question(task):
            return self._reason(task, cell)
        unread = self._mentions.unread_answer(task, self.ran)
        return (unread,) if unread else ()

    def _reason(self, name: str, cell: int, seen: frozenset[str] = frozenset()) -> Messages:
        """Why a name is not defined below a cell; nothing if that is not certain."""
        there = self._definitions.of(name, cell)
        ran = [one for one in there if one.cell in self.ran]
        lost = [one for one in ran if self._failed(one, name) or _stopped(self.ran[one.cell])]
        if ran:
            return self._why_lost(name, lost[-1], seen) if lost == ran else self._gone(name, ran)
        unrun = there or self._unrun.of(name)
        if unrun:
            return (message("name.not_run", name=name, cell=unrun[0].cell + 1),)
        if written := self._mentions.definition_that_is_none(name, self.ran):
            return (written,)
        if below := self._definitions.of(name):
            return (message("name.below", name=name, cell=below[0].cell + 1),)
        if renamed := self._renamed(name):
            return (renamed,)
        if handed_out := self._handed_out.definitions.of(name):
            return (message("name.nowhere_now", name=name, cell=handed_out[0].cell + 1),)
        return (message("name.nowhere", name=name),)

    def _gone(self, name: str, ran: Sequence[Placed]) -> Messages:
        """Of a name that was defined; nothing if a condition may have kept it from that."""
        is_certain = isinstance(ran[-1].statement, _CERTAIN)
        return (message("name.gone", name=name, cell=ran[-1].cell + 1),) if is_certain else ()

    def _why_lost(self, name: str, definition: Placed, seen: frozenset[str]) -> Messages:
        """Of a definition that failed, or that its cell did not come to."""
        failed = self._failed(definition, name)
        if failed is None:
            return () if self._may_be_taken(name) else (self._before_it(name, definition.cell),)
        line = self._line(definition.cell, failed)
        other = undefined_name(Failure(failed.kind, failed.message))
        if other in _names_read(definition.statement) - seen and len(seen) < _MOST_STEPS:
            reason = self._reason(other, definition.cell, seen | {name, other})
            if reason:
                return (_line_needs(name, definition.cell, line, other), *reason)
            return (_line_failed(name, definition.cell, line, "NameError"),)
        return (_line_failed(name, definition.cell, line, _told(failed, definition.statement)),)

    def _before_it(self, name: str, cell: int) -> Message:
        """Of a definition that its cell did not come to."""
        run = self.ran[cell]
        if run.bound:
            return message("name.before_limit", name=name, cell=cell + 1)
        error = _error_of(run, code_of(self._cells[cell]))
        if error:
            return message("name.before_error", name=name, cell=cell + 1, error=error)
        return message("name.before_other_error", name=name, cell=cell + 1)

    def _may_be_taken(self, name: str) -> bool:
        takes = re.compile(rf"^[ \t]*del\b.*\b{name}\b|%reset|\.clear\(\)", re.MULTILINE)
        return any(takes.search(code_of(cell)) for cell in self._cells)

    def _failed(self, definition: Placed, name: str) -> "FailedStatement | None":
        """The failed statement that was to give a name, in a definition's cell."""
        source = code_of(self._cells[definition.cell])
        given = (one for one in self.ran[definition.cell].failed if one.statement in source)
        return next((one for one in given if any(name in bound_names(s) for s in statements(one.statement))), None)

    def _line(self, cell: int, failed: "FailedStatement") -> str:
        """A failed statement's first line, as it is in the cell; "" if it is not there."""
        text = failed.statement.strip()
        if not text or text not in code_of(self._cells[cell]):
            return ""
        first, _, more = text.partition("\n")
        return one_line(f"{first} …" if more else first, _MOST_QUOTED)

    def _renamed(self, task: str) -> Message | None:
        """Of an exercise's own cell whose one function is neither a task nor the starter's."""
        own: list[Placed] = []  # of the last cell above the check that asks for nothing
        for _, group in groupby(self._definitions.statements, lambda one: one.cell):
            there = list(group)
            asked = [name for one in there for name in asked_tasks(one.statement)]
            if task in asked:
                break
            own = own if asked else there
        else:
            return None
        names = [one.statement.name for one in own if isinstance(one.statement, ast.FunctionDef)]
        known = [name for name in names if name in self._tasks or self._handed_out.definitions.of(name)]
        is_renamed = len(names) == 1 and not known
        return message("name.other", name=task, cell=own[0].cell + 1, other=names[0]) if is_renamed else None

    def _is_starters(self, definition: Placed) -> bool:
        return is_unwritten(definition.statement) or outline(definition.statement) in self._handed_out.outlines

    @cached_property
    def _definitions(self) -> Definitions:
        return Definitions(self._cells)

    @cached_property
    def _unrun(self) -> Definitions:
        """What those cells would bind that are not run."""
        return Definitions(
            [{**cell, "skip": "", "source": cell["source"] * bool(cell["skip"])} for cell in self._cells]
        )

    @cached_property
    def _own(self) -> frozenset[str]:
        """The names and the texts that the notebook's code holds: the page shows it."""
        return frozenset(word for one in self._definitions.statements for word in words_of(one.statement))

    @cached_property
    def _names_read(self) -> set[str]:
        return {*self._tasks}.union(*(_names_read(one.statement) for one in self._definitions.statements))


def _names_read(statement: ast.stmt) -> set[str]:
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _may_answer(statement: ast.stmt) -> bool:
    """Whether a statement that binds a task's name may be an answer: it does so for certain, and not to None."""
    value = statement.value if isinstance(statement, ast.Assign) else None
    return isinstance(statement, _CERTAIN) and not (isinstance(value, ast.Constant) and value.value is None)


def _raises_it(statement: ast.stmt) -> bool:
    """Whether it defines what still raises NotImplementedError."""
    return isinstance(statement, ast.FunctionDef | ast.ClassDef) and any(map(is_stub, ast.walk(statement)))


def _stopped(run: "CellRun") -> bool:
    """Whether a cell came to no end: at a limit, or at an error below which it did not go on."""
    # What is a UsageError is told on stderr.
    return bool(run.bound) or len(_errors(run)) > sum(failed.kind != "UsageError" for failed in run.failed)


def _errors(run: "CellRun") -> list[dict[str, Any]]:
    return [output for output in run.outputs if output.get("output_type") == "error"]


def _error_of(run: "CellRun", source: str) -> str:
    """The kind of error that stopped a cell, or which module there is not, if the cell names it; or ""."""
    kind, text = _errors(run)[-1].get("ename"), _errors(run)[-1].get("evalue")
    missing = re.fullmatch(r"No module named '([\w.]+)'", text) if isinstance(text, str) else None
    return missing[0] if missing and missing[1] in source else _kind(kind)


def _kind(name: object) -> str:
    """An error's kind if it is Python's own, else "": a learner can give another any name."""
    return name if isinstance(name, str) and name in _ERRORS else ""


def _line_failed(name: str, cell: int, line: str, error: str) -> Message:
    """Of a name that a line was to give, which failed; `line` and `error` are "" if neither can be quoted."""
    if line and error:
        return message("name.line_failed", name=name, line=line, cell=cell + 1, error=error)
    if line:
        return message("name.line_failed_otherwise", name=name, line=line, cell=cell + 1)
    if error:
        return message("name.a_line_failed", name=name, cell=cell + 1, error=error)
    return message("name.a_line_failed_otherwise", name=name, cell=cell + 1)


def _line_needs(name: str, cell: int, line: str, other: str) -> Message:
    """Of a name that a line was to give, which failed for another's sake."""
    if line:
        return message("name.line_needs", name=name, line=line, cell=cell + 1, other=other)
    return message("name.a_line_needs", name=name, cell=cell + 1, other=other)


def _failed_on_the_way(cell: int, line: str, failed: "FailedStatement") -> Message:
    if line:
        return message("failed.line", cell=cell + 1, line=line, error=_said(failed))
    return message("failed.a_line", cell=cell + 1, error=_said(failed))


def _said(failed: "FailedStatement") -> str:
    """What an error says, in a learner's own words."""
    return one_line(f"{failed.kind}: {failed.message}" if failed.message else failed.kind)


def _told(failed: "FailedStatement", statement: ast.stmt) -> str:
    """An error's kind, or which module there is not."""
    for module in _modules(statement):
        if failed.kind == "ModuleNotFoundError" and failed.message == f"No module named {module!r}":
            return failed.message
    return _kind(failed.kind)


def _modules(statement: ast.stmt) -> Iterator[str]:
    """The modules that an import names, and the packages that they are in."""
    names = [alias.name for alias in statement.names] if isinstance(statement, ast.Import) else []
    names += [statement.module or ""] if isinstance(statement, ast.ImportFrom) else []
    for name in names:
        parts = name.split(".")
        yield from (".".join(parts[:count]) for count in range(1, len(parts) + 1))
