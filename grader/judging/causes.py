"""Why a name is not defined, and why there is no answer to judge: what a notebook's text and its run say for certain.

Pure. A sentence quotes the text that was handed in, and names of Python's own. Of what a run tells, it takes only which
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

from grader.core.text import one_line
from grader.judging.observe import Failure, Observation
from grader.judging.verdict import Known, State, is_absent, needs_first, raise_not_implemented, undefined_name
from grader.notebooks.bound_names import bound_names
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
_AS_HANDED_OUT = "The answer is as it was handed out."


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
            return Known(lost=self._lost(cell, observations))
        if state != State.NOT_ATTEMPTED:
            return Known()
        if is_absent(observations, task):
            return Known(nothing=self._absent(task, cell))
        return self._as_before(task, cell, raise_not_implemented(observations))

    def notes(self, lost: Iterable[str] = ()) -> list[str]:
        """A sentence for each statement that failed while its cell went on, and those of `lost` that quote none."""
        failed = ((number, one) for number, run in sorted(self.ran.items()) for one in run.failed)
        there = [(number, one) for number, one in failed if number < len(self._cells)]
        quoted = [self._quoted(number, one) for number, one in there[:MOST_NOTES]]
        told = [
            f"Cell {number + 1}: {text} failed. {_said(one)}"
            for (number, one), text in zip(there, quoted, strict=False)
        ]
        more = len(there) - MOST_NOTES
        others = [sentence for sentence in lost if not any(text in sentence for text in quoted)]
        return [*told, *([f"So did {more:,} more."] if more > 0 else []), *others]

    def _as_before(self, task: str, cell: int, unwritten: bool) -> Known:
        """Of an answer that does what the starter does: whether it is the starter."""
        found = self._definitions.of(task, cell)
        if not found:
            return Known()
        own = [one for one in found if _may_answer(one.statement) and not self._is_starters(one)]
        last = found[-1].cell + 1
        if not own:
            return Known(nothing=_AS_HANDED_OUT)
        if self._is_starters(found[-1]):
            mine = own[-1].cell + 1
            where = f"below your answer in cell {mine}: delete cell {last}" if last > mine else "below your answer"
            return Known(True, f"Cell {last} defines `{task}` as it was handed out, {where}.")
        if not unwritten:
            return Known(True)
        if _raises_it(found[-1].statement):
            return Known(True, f"`{task}` still raises NotImplementedError: take that line out of cell {last}.")
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

    def _lost(self, cell: int, observations: Mapping[str, Observation]) -> dict[str, str]:
        """Why names are not defined that an answer needs, where it is certain."""
        lost: dict[str, str] = {}
        for observation in observations.values():
            name = undefined_name(observation.failure)
            # A learner's code can name anything in its error; only what the text holds is quoted.
            if name and name not in lost and name in self._names_read and self._raised_here(name, observation):
                reason = self._reason(name, cell)
                lost |= {name: f"`{name}` is not defined: {reason}"} if reason else {}
        return lost

    def _raised_here(self, name: str, observation: Observation) -> bool:
        """Whether it is the notebook's own line that lacks the name, not a module's."""
        failure = observation.failure
        return failure is not None and (failure.kind == "missing" or bool(re.search(rf"\b{name}\b", failure.where)))

    def _absent(self, task: str, cell: int) -> str:
        """Why a task's own name is not defined; "" where that is not certain."""
        if self._handed_out.is_question(task):
            return self._mentions.unread_answer(task, self.ran)
        reason = self._reason(task, cell)
        return f"`{task}` is not defined: {reason}" if reason else ""

    def _reason(self, name: str, cell: int, seen: frozenset[str] = frozenset()) -> str:
        """Why a name is not defined below a cell, after a colon; "" where that is not certain."""
        there = self._definitions.of(name, cell)
        ran = [one for one in there if one.cell in self.ran]
        lost = [one for one in ran if self._failed(one, name) or _stopped(self.ran[one.cell])]
        if ran:
            return self._why_lost(name, lost[-1], seen) if lost == ran else self._gone(ran)
        unrun = there or self._unrun.of(name)
        if unrun:
            return f"cell {unrun[0].cell + 1}, which defines it, was not run."
        if written := self._mentions.definition_that_is_none(name, self.ran):
            return written
        if below := self._definitions.of(name):
            return f"only cell {below[0].cell + 1}, further down, defines it."
        if renamed := self._renamed(name):
            return renamed
        handed_out = self._handed_out.definitions.of(name)
        more = f"; as it was handed out, cell {handed_out[0].cell + 1} does" if handed_out else ""
        return f"no cell of this notebook defines it{more}."

    def _gone(self, ran: Sequence[Placed]) -> str:
        """Of a name that was defined; "" where a condition may have kept it from that."""
        if not isinstance(ran[-1].statement, _CERTAIN):
            return ""
        return f"cell {ran[-1].cell + 1} defined it, and it is gone: does a cell take it away (`del`, `%reset`)?"

    def _why_lost(self, name: str, definition: Placed, seen: frozenset[str]) -> str:
        """Of a definition that failed, or that its cell did not come to."""
        number, failed = definition.cell + 1, self._failed(definition, name)
        if failed is None:
            why = _stopped(self.ran[definition.cell], code_of(self._cells[definition.cell]))
            told = f"cell {number}, which defines it, stopped before that line ({why})."
            return "" if self._may_be_taken(name) else told
        what = f"{self._quoted(definition.cell, failed)} in cell {number} failed"
        other = undefined_name(Failure(failed.kind, failed.message))
        if other in _names_read(definition.statement) - seen and len(seen) < _MOST_STEPS:
            reason = self._reason(other, definition.cell, seen | {name, other})
            return f"{what}, because `{other}` is not defined: {reason}" if reason else f"{what} (NameError)."
        return f"{what} ({_told(failed, definition.statement)})."

    def _may_be_taken(self, name: str) -> bool:
        takes = re.compile(rf"^[ \t]*del\b.*\b{name}\b|%reset|\.clear\(\)", re.MULTILINE)
        return any(takes.search(code_of(cell)) for cell in self._cells)

    def _failed(self, definition: Placed, name: str) -> "FailedStatement | None":
        """The failed statement that was to give a name, in a definition's cell."""
        source = code_of(self._cells[definition.cell])
        given = (one for one in self.ran[definition.cell].failed if one.statement in source)
        return next((one for one in given if any(name in bound_names(s) for s in statements(one.statement))), None)

    def _quoted(self, cell: int, failed: "FailedStatement") -> str:
        """A failed statement's first line, as it is in the cell."""
        text = failed.statement.strip()
        if not text or text not in code_of(self._cells[cell]):
            return "a line"
        first, _, more = text.partition("\n")
        return f"`{one_line(f'{first} …' if more else first, _MOST_QUOTED)}`"

    def _renamed(self, task: str) -> str:
        """Of an exercise's own cell whose one function is neither a task nor the starter's; or ""."""
        own: list[Placed] = []  # of the last cell above the check that asks for nothing
        for _, group in groupby(self._definitions.statements, lambda one: one.cell):
            there = list(group)
            asked = [name for one in there for name in asked_tasks(one.statement)]
            if task in asked:
                break
            own = own if asked else there
        else:
            return ""
        names = [one.statement.name for one in own if isinstance(one.statement, ast.FunctionDef)]
        known = [name for name in names if name in self._tasks or self._handed_out.definitions.of(name)]
        return f"cell {own[0].cell + 1} defines `{names[0]}` in its place." if len(names) == 1 and not known else ""

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


def _stopped(run: "CellRun", source: str = "") -> str:
    """What stopped a cell, or ""; of statements below which it went on, none did. A module is named that it names."""
    if run.bound:
        return "at a limit"
    errors = [output for output in run.outputs if output.get("output_type") == "error"]
    if len(errors) <= sum(failed.kind != "UsageError" for failed in run.failed):  # that one is told on stderr
        return ""
    kind, message = errors[-1].get("ename"), errors[-1].get("evalue")
    missing = re.fullmatch(r"No module named '([\w.]+)'", message) if isinstance(message, str) else None
    return missing[0] if missing and missing[1] in source else _kind(kind)


def _kind(name: object) -> str:
    """An error's kind where it is Python's own: a learner can give another any name."""
    return name if isinstance(name, str) and name in _ERRORS else "an error"


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
