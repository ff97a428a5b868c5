"""Writes out as functions what an author wrote shorter: probes that only call the answer, answers that are texts."""

import ast
import textwrap
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from grader.core.errors import SourceError
from grader.notebooks.bound_names import bound_names
from grader.units.marks import without_marks
from grader.units.source_lines import entry_line, place
from grader.units.task import Task
from grader.units.written import Called, Written

_ARROW = " -> "
_STRICT = "with np.errstate(over='raise', invalid='raise', divide='raise'):"


def write_out(path: Path, tree: ast.Module, task: Task, exercise: str) -> None:
    """Give a task's probes, misconceptions and alternatives their functions, now that the reference is known.

    Raises SourceError, with the line, for an input that is no parameter, and for an edit that fits nowhere.
    """
    reference = _Reference(task.name, without_marks(exercise))
    has_numpy = any("np" in bound_names(statement) for statement in tree.body)
    for name, probe in task.probes.items():
        if isinstance(probe.function, Called):
            definition = _call(path, reference, probe.function, probe.inputs, has_numpy)
            task.probes[name] = replace(probe, function=replace(probe.function, definition=definition))
    for name, wrong in task.misconceptions.items():
        if isinstance(wrong.function, Written):
            written = _defined(path, tree, reference, wrong.function, "misconception")
            task.misconceptions[name] = replace(wrong, function=written)
    for name, right in task.alternatives.items():
        if isinstance(right, Written):
            task.alternatives[name] = _defined(path, tree, reference, right, "alternative")


class _Reference:
    """The reference's function of a task: its text without the docstring, and its parameters."""

    def __init__(self, task: str, code: str) -> None:
        self.task = task
        found = [s for s in ast.parse(code).body if isinstance(s, ast.FunctionDef) and s.name == task]
        self.definition = found[-1] if found else None
        self.text = _without_docstring(self.definition, code.split("\n")) if self.definition else ""

    def function(self, at: str, what: str) -> ast.FunctionDef:
        """The `def`. Raises SourceError if the task is about something else."""
        if self.definition is None:
            raise SourceError(
                f"{at}: {what} of task {self.task!r} is written for a function, which the reference of this task is "
                "not: write it as a function under its decorator"
            )
        return self.definition


def _without_docstring(definition: ast.FunctionDef, lines: list[str]) -> str:
    said = definition.body[0]
    has_docstring = ast.get_docstring(definition, clean=False) is not None and said.lineno > definition.lineno
    skipped = range(said.lineno, (said.end_lineno or said.lineno) + 1) if has_docstring else ()
    numbers = range(definition.lineno, (definition.end_lineno or definition.lineno) + 1)
    return "\n".join(lines[number - 1] for number in numbers if number not in skipped)


def _call(
    path: Path, reference: _Reference, called: Called, inputs: Mapping[str, object], has_numpy: bool
) -> ast.FunctionDef:  # fmt: skip
    """The function of a probe that calls the answer: by position as long as no parameter is left out, then by name."""
    at, task = place(path, called.line), reference.task
    given = reference.function(at, f"probe {called.name!r}").args
    positional = [argument.arg for argument in (*given.posonlyargs, *given.args)]
    names = [*positional, *(argument.arg for argument in given.kwonlyargs)]
    if unknown := [name for name in inputs if name not in names]:
        raise SourceError(
            f"{at}: probe {called.name!r} calls {task}({', '.join(names)}), which has no parameter {unknown[0]!r}"
        )
    ordered = [name for name in names if name in inputs]
    filled = next((n for n, name in enumerate(positional) if name not in inputs), len(positional))
    arguments = [name if name in positional[:filled] else f"{name}={name}" for name in ordered]
    body = f"return {task}({', '.join(arguments)})"
    if called.strict:
        body = ("" if has_numpy else "import numpy as np\n") + f"{_STRICT}\n    {body}"
    return _at(_function(called.name, ", ".join([task, *inputs]), body), called.line)


def _defined(path: Path, tree: ast.Module, reference: _Reference, written: Written, what: str) -> Written:
    line = entry_line(tree, written.line, written.name)
    at, name = place(path, line), f"the {what} {written.name!r}"
    definition = reference.function(at, name)
    texts = (written.text,) if isinstance(written.text, str) else written.text
    edits = [_edit(text) for text in texts]
    if edits == [None]:
        code = _whole(written.name, ast.unparse(definition.args), texts[0])
    elif None in edits:
        raise SourceError(
            f'{at}: {name} of task {reference.task!r} lists {texts[edits.index(None)]!r}, which is no edit "old -> new"'
        )
    else:
        code = _edited(f"{at}: {name} of task {reference.task!r}", reference, [edit for edit in edits if edit])
    try:
        (found,) = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        what = f"{getattr(error, 'msg', error)} in"
        raise SourceError(f"{at}: {name} of task {reference.task!r} is not Python: {what}\n{code}") from error
    assert isinstance(found, ast.FunctionDef)
    found.name = written.name
    return replace(written, definition=_at(found, line))


def _edit(text: str) -> tuple[str, str] | None:
    """The two sides of "old -> new"; None for a text that is no edit."""
    old, arrow, new = f"{text} ".partition(_ARROW) if text.endswith(_ARROW[:-1]) else text.partition(_ARROW)
    return (old, new) if arrow else None


def _edited(told: str, reference: _Reference, edits: list[tuple[str, str]]) -> str:
    """The reference's text with all edits made, each at the place that it has in the reference."""
    text, places = reference.text, []
    for old, new in edits:
        count = text.count(old)
        if count != 1:
            often = "nowhere" if not count else f"{count} times"
            raise SourceError(
                f"{told} edits {old!r}, which is found {often} in the reference of {reference.task!r}, not once"
            )
        places.append((text.index(old), old, new))
    places.sort()
    for (first, old, _), (second, *_) in zip(places, places[1:], strict=False):
        if first + len(old) > second:
            raise SourceError(f"{told} has two edits of the same place: {old!r}")
    for start, old, new in reversed(places):
        text = text[:start] + new + text[start + len(old) :]
    if text == reference.text:
        raise SourceError(f"{told} changes nothing")
    return text


def _whole(name: str, parameters: str, text: str) -> str:
    """A function with a body that is an expression or statements."""
    body = textwrap.dedent(text).strip()
    try:
        ast.parse(f"({body}\n)", mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _code(name, parameters, body)
    return _code(name, parameters, f"return ({body}\n)" if "\n" in body else f"return {body}")


def _code(name: str, parameters: str, body: str) -> str:
    return f"def {name}({parameters}):\n{textwrap.indent(body, '    ')}\n"


def _function(name: str, parameters: str, body: str) -> ast.FunctionDef:
    (found,) = ast.parse(_code(name, parameters, body)).body
    assert isinstance(found, ast.FunctionDef)
    return found


def _at(definition: ast.FunctionDef, line: int) -> ast.FunctionDef:
    """The function with one line of the source as the line of all its code."""
    for node in ast.walk(definition):
        if hasattr(node, "lineno"):
            node.lineno = node.end_lineno = line  # type: ignore[attr-defined]
    return definition
