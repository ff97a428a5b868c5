"""Tells an error that the reference raises on purpose, which an answer is to raise, too, from an author's slip."""

import ast
import builtins
import re
from collections.abc import Iterator, Mapping

from grader.core.errors import SourceError
from grader.core.text import one_line
from grader.judging.observe import Failure, Observation
from grader.notebooks.cells import statements
from grader.units.marks import numbered_without_marks
from grader.units.source_lines import failing_line, place
from grader.units.unit import Unit

_WHERE = re.compile(r"line (\d+): (.*)", re.DOTALL)
_TELLING = {
    "missing": "needs the name {!r}",
    "time": "takes too long",
    "no file": "finds no file {!r}: does a cell remove it?",
    "not plain": "returns what cannot be judged: {}",
}


def check_observed(unit: Unit, task: str, reference: Mapping[str, Observation]) -> None:
    """Raise SourceError for a probe that saw neither a value of the reference nor an error of its own."""
    failures = {probe: seen.failure for probe, seen in reference.items() if seen.failure}
    for probe, failure in failures.items():
        of_probe = f"probe {probe!r} of task {task!r}"
        if failure.kind in _TELLING:
            told = _TELLING[failure.kind].format(failure.message)
            line = _line_of(unit, task, probe, failure) if failure.kind == "time" else _probe_line(unit, task, probe)
            raise SourceError(f"{place(unit.path, line)}: {of_probe} {told}")
        if not _on_purpose(unit, failure):
            raise SourceError(
                f"{place(unit.path, _line_of(unit, task, probe, failure))}: the reference fails in {of_probe}: "
                f"{error_text(failure)}. Only what it raises itself, by a `raise` that names the error, is expected of "
                "an answer"
            )
    for probe, seen in reference.items():
        if seen.value is None and not seen.failure and not seen.changed:  # whatever returns nothing would pass
            raise SourceError(
                f"{place(unit.path, _probe_line(unit, task, probe))}: probe {probe!r} of task {task!r} returns nothing "
                "of the reference's: is a `return` missing in the probe, or in the reference?"
            )
    if failures and len(failures) == len(reference):
        probe, failure = next(iter(failures.items()))
        raise SourceError(
            f"{place(unit.path, _line_of(unit, task, probe, failure))}: the reference raises {failure.kind} in every "
            f"probe of task {task!r}: whatever raises it would pass. Add a probe for which it gives a value"
        )


def error_text(failure: Failure) -> str:
    """An error as Python shows it, on one line."""
    return one_line(f"{failure.kind}: {failure.message}" if failure.message else failure.kind, 300).rstrip(".")


def _on_purpose(unit: Unit, failure: Failure) -> bool:
    """Whether a `raise` statement of the notebook raised the error. One in what is not written yet is no answer."""
    raising = [node for tree, line, _ in _places(unit, failure) for node in ast.walk(tree) if _holds(node, line)]
    return failure.kind != "NotImplementedError" and any(names_error(node, failure.kind) for node in raising)


def names_error(code: ast.AST, kind: str) -> bool:
    """Whether code names an exception of this class."""
    return any(_class_name(getattr(node, "id", getattr(node, "attr", ""))) == kind for node in ast.walk(code))


def _class_name(name: str) -> str:
    """The name of the class that a name means: an IOError is an OSError."""
    return str(getattr(getattr(builtins, name, None), "__name__", name)) if name else ""


def _holds(node: ast.AST, line: int) -> bool:
    return isinstance(node, ast.Raise) and node.lineno <= line <= (node.end_lineno or node.lineno)


def _line_of(unit: Unit, task: str, probe: str, failure: Failure) -> int:
    """The line of the file that failed: the notebook's, or else one of the probe."""
    lines = [first + line - 1 for _, line, first in _places(unit, failure) if first]
    return lines[0] if lines else _probe_line(unit, task, probe, failure)


def _probe_line(unit: Unit, task: str, probe: str, failure: Failure | None = None) -> int:
    function = unit.tasks[task].probes[probe].function
    if function is None:  # a question's
        return 0
    definition = unit.slicer.definition(function)
    return failing_line(definition, failure) if failure else definition.lineno


def _places(unit: Unit, failure: Failure) -> Iterator[tuple[ast.Module, int, int]]:
    """The cells that have the failing line where it was seen: their code, the line in it, and their own first line.

    An observation knows the line within its cell, and not which cell that was.
    """
    seen = _WHERE.fullmatch(failure.where)
    if not seen:
        return
    number, text = int(seen[1]), seen[2].strip()
    for cell in unit.cells:
        lines = numbered_without_marks(cell.source)
        if cell.kind == "code" and not cell.is_task and number <= len(lines) and lines[number - 1][1].strip() == text:
            yield ast.Module(statements(cell.source), []), lines[number - 1][0], cell.line
