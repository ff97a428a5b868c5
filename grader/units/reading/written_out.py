"""Writes out as functions what an author wrote shorter: probes that only call the answer, answers that are texts."""

import ast
import textwrap
from collections.abc import Iterable
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
            called = _called(path, reference, probe.function, probe.inputs, has_numpy)
            task.probes[name] = replace(probe, function=called)
    for name, wrong in task.misconceptions.items():
        if isinstance(wrong.function, Written):
            written = _defined(path, tree, reference, wrong.function, "misconception")
            task.misconceptions[name] = replace(wrong, function=written)
    for name, right in task.alternatives.items():
        if isinstance(right, Written):
            task.alternatives[name] = _defined(path, tree, reference, right, "alternative")
    for text, same in task.equivalents.items():
        function = _defined(path, tree, reference, same.function, "equivalent")
        task.equivalents[text] = replace(same, function=function)


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
                f"{at}: {what} of task {self.task!r} is made of a function, which the reference of this task is not"
            )
        return self.definition


def _without_docstring(definition: ast.FunctionDef, lines: list[str]) -> str:
    said = definition.body[0]
    has_docstring = ast.get_docstring(definition, clean=False) is not None and said.lineno > definition.lineno
    skipped = range(said.lineno, (said.end_lineno or said.lineno) + 1) if has_docstring else ()
    numbers = range(definition.lineno, (definition.end_lineno or definition.lineno) + 1)
    return "\n".join(lines[number - 1] for number in numbers if number not in skipped)


def _called(path: Path, reference: _Reference, called: Called, inputs: Iterable[str], has_numpy: bool) -> Called:
    """A probe with its function."""
    at = f"{place(path, called.line)}: probe {called.name!r}"
    body = _body(called.text) if called.text else f"return {_call(at, reference, called.name, inputs)}"
    if called.strict:
        body = f"{_STRICT}\n{textwrap.indent(body, '    ')}"
        body = body if has_numpy else f"import numpy as np\n{body}"
    code = _code(called.name, ", ".join([reference.task, *inputs]), body)
    return replace(called, definition=_function(f"{at} of task {reference.task!r}", code, called.line))


def _call(at: str, reference: _Reference, name: str, inputs: Iterable[str]) -> str:
    """The call of the answer: inputs by position as long as no parameter is left out, then by name."""
    given = reference.function(at.removesuffix(f": probe {name!r}"), f"probe {name!r}").args
    positional = [argument.arg for argument in (*given.posonlyargs, *given.args)]
    names = [*positional, *(argument.arg for argument in given.kwonlyargs)]
    if unknown := [name for name in inputs if name not in names]:
        raise SourceError(f"{at} calls {reference.task}({', '.join(names)}), which has no parameter {unknown[0]!r}")
    filled = next((n for n, name in enumerate(positional) if name not in inputs), len(positional))
    arguments = [name if name in positional[:filled] else f"{name}={name}" for name in names if name in inputs]
    return f"{reference.task}({', '.join(arguments)})"


def _defined(path: Path, tree: ast.Module, reference: _Reference, written: Written, what: str) -> Written:
    """An answer with its function."""
    line = entry_line(tree, written.line, written.name)
    at, name = place(path, line), f"the {what} {written.name!r}"
    told = f"{at}: {name} of task {reference.task!r}"
    texts = (written.text,) if isinstance(written.text, str) else written.text
    edits = [edit for edit in map(_edit, texts) if edit]
    if not edits and len(texts) == 1:
        parameters = ast.unparse(reference.definition.args) if reference.definition else ""
        code = _code(written.name, parameters, _body(texts[0]))
    elif len(edits) == len(texts):
        reference.function(at, name)
        code = _edited(told, reference, edits)
    else:
        whole = next(text for text in texts if not _edit(text))
        raise SourceError(f'{told} lists {whole!r}, which is no edit "old -> new"')
    definition = _function(told, code, line)
    definition.name = written.name
    return replace(written, definition=definition)


def _edit(text: str) -> tuple[str, str] | None:
    """The two sides of "old -> new"; None for a text that is no edit."""
    old, arrow, new = f"{text} ".partition(_ARROW) if text.endswith(_ARROW[:-1]) else text.partition(_ARROW)
    return (old, new) if arrow else None


def _edited(told: str, reference: _Reference, edits: list[tuple[str, str]]) -> str:
    """The reference's text with all edits made, each at the place that it has in the reference."""
    text, places = reference.text, []
    for old, new in edits:
        if not old:
            raise SourceError(f"{told} has nothing in front of its arrow")
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


def _body(text: str) -> str:
    """The body of a function: an expression is returned, statements are as they are."""
    body = textwrap.dedent(text).strip()
    try:
        ast.parse(f"({body}\n)", mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return body
    return f"return ({body}\n)" if "\n" in body else f"return {body}"


def _code(name: str, parameters: str, body: str) -> str:
    return f"def {name}({parameters}):\n{textwrap.indent(body, '    ')}\n"


def _function(told: str, code: str, line: int) -> ast.FunctionDef:
    """The function in a text, with one line of the source as the line of all its code."""
    try:
        found, *more = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SourceError(f"{told} is not Python: {getattr(error, 'msg', error)} in\n{code}") from error
    if more or not isinstance(found, ast.FunctionDef):
        raise SourceError(f"{told} leaves no `def` of a function:\n{code}")
    for node in ast.walk(found):
        if hasattr(node, "lineno"):
            node.lineno = node.end_lineno = line  # type: ignore[attr-defined]
    return found
