"""Reads a unit from its source, and refuses with file and line what is wrong in it."""

import ast
import difflib
import hashlib
import re
import sys
from pathlib import Path
from types import ModuleType

from grader.core.errors import GraderError, SourceError
from grader.core.limits import Limits
from grader.judging.expectation import FORMAT
from grader.notebooks.bound_names import bound_names
from grader.notebooks.cells import checked_tasks
from grader.units.marks import BEGIN, END, STARTER, without_marks
from grader.units.reading.built_cells import check_marked, question_of, with_built, with_hints
from grader.units.reading.lab_calls import check_lab_calls
from grader.units.reading.probe_checks import check_probes
from grader.units.reading.text_names import check_names
from grader.units.reading.written_out import write_out
from grader.units.slicing import Slicer
from grader.units.source_lines import first_lines, place, task_line
from grader.units.task import Task
from grader.units.unit import SourceCell, Unit

# jupytext and the checker of its JSON import these, two seconds' worth, and do without where they are not installed:
# a web server, kernels, other formats, grammars of IRIs and durations. No source holds anything of the kind.
_SPARED = ("isoduration", "jupyter_client", "markdown_it", "rfc3986_validator", "rfc3987_syntax", "tornado")
_EMPTY = re.compile(r"^# %%.*$(?=[\s#]*(^# %%|\Z))", re.MULTILINE)  # a marker with nothing before the next one
_LINE_END = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_QUESTION = re.compile(r"# %%.*\bquestion\b")
_NAMED_QUESTION = re.compile(r"""\bquestion *= *["'][^"']""")
_MARK = re.compile(r"\s*#+\s*(BEGIN\s+SOLUTION|END\s+SOLUTION|STARTER\b)")


def load_unit(path: Path) -> Unit:
    """Read a unit's source. Raises SourceError, with file and line where it is known, for whatever is wrong in it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read: {error}") from error
    _check_text(path, text)
    try:
        cells = _cells(text)
    except Exception as error:  # whatever jupytext makes of a header that is none
        raise SourceError(f"{path} cannot be read as a percent-format notebook: {error}") from error
    _check_cells(path, text, cells)
    check_marked(path, cells)
    trees = _task_trees(path, text, cells)
    made, limits = _tasks(path, cells, trees)
    cells = with_built(path, cells, made)
    tree = ast.Module([statement for one in trees.values() for statement in one.body], type_ignores=[])
    tasks = {task.name: task for of_cell in made.values() for task in of_cell}
    exercises = _exercises(path, cells, tasks, tree)
    cells = with_hints(path, cells, tasks.values(), exercises)
    for task in tasks.values():
        write_out(path, tree, task, exercises[task.name])
    check_names(path, tree, cells, tasks.values())
    digest = hashlib.sha256(f"{FORMAT}\n{text}".encode()).hexdigest()
    unit = Unit(path.stem, path, digest, cells, tasks, exercises, Slicer(tree), limits)
    for task in tasks.values():
        check_probes(path, unit, task)
    check_lab_calls(path, cells, tasks, tree)
    return unit


def _cells(text: str) -> tuple[SourceCell, ...]:
    spared = [name for name in _SPARED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(spared))  # type: ignore[arg-type]
    try:
        import jupytext
    finally:
        for name in spared:
            del sys.modules[name]
    notebook = jupytext.reads(text, fmt="py:percent")
    lines = first_lines(text, [cell.source for cell in notebook.cells])
    return tuple(
        SourceCell(
            cell.cell_type, cell.source, is_task="task" in (tags := cell.metadata.get("tags", [])),
            is_aside="aside" in tags, line=line, question=str(cell.metadata.get("question", "")),
            points=cell.metadata.get("points", 1),
        )
        for cell, line in zip(notebook.cells, lines, strict=True)
    )  # fmt: skip


def _check_text(path: Path, text: str) -> None:
    """Characters that end a line for some and not for others, and a question's marker that names no task.

    Of either, something would get into the learner's notebook that is meant for authors.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if found := _LINE_END.search(line):
            raise SourceError(
                f"{path}, line {number}: U+{ord(found[0]):04X} ends a line for some programs only: remove it"
            )
        if _QUESTION.match(line) and not _NAMED_QUESTION.search(line):
            raise SourceError(
                f'{path}, line {number}: the marker of a question names its task in quotes: question="quiz_1"'
            )


def _check_cells(path: Path, text: str, cells: tuple[SourceCell, ...]) -> None:
    """A cell with nothing in it would be an empty one in the learner's notebook, too."""
    place = 0
    for cell in cells:
        if not cell.source.strip():
            marker = _EMPTY.search(text, place)
            line = f", line {text.count(chr(10), 0, marker.start()) + 1}" if marker else ""
            raise SourceError(f"{path}{line}: the cell is empty: write into it, or remove its # %%")
        if (start := text.find(cell.source, place)) >= 0:  # a text's lines begin with a #, so only code is found
            place = start + len(cell.source)


def _task_trees(path: Path, text: str, cells: tuple[SourceCell, ...]) -> dict[int, ast.Module]:
    """The code of each task cell by the cell's number; its line numbers are the source's own."""
    trees: dict[int, ast.Module] = {}
    place = 0
    for number, cell in enumerate(cells):
        if not cell.is_task:
            continue
        place = max(text.find(cell.source, place), 0)
        try:
            tree = ast.parse(cell.source, str(path))
        except SyntaxError as error:
            line = text.count("\n", 0, place) + (error.lineno or 1)
            raise SourceError(f"{path}, line {line}: {error.msg}") from error
        except (ValueError, RecursionError, MemoryError) as error:  # a NUL, or what is nested without end
            raise SourceError(f"{path}, line {text.count(chr(10), 0, place) + 1}: {error}") from error
        trees[number] = ast.increment_lineno(tree, text.count("\n", 0, place))
    if not trees and not any(cell.question for cell in cells):
        raise SourceError(f'{path} has no task cell: tag the cell below an exercise with tags=["task"]')
    return trees


def _tasks(
    path: Path, cells: tuple[SourceCell, ...], trees: dict[int, ast.Module]
) -> tuple[dict[int, list[Task]], Limits]:  # fmt: skip
    """What the task cells and the questions make: the tasks of each, by the cell's number, and the unit's limits."""
    module = ModuleType(path.stem)
    module.__file__ = str(path.resolve())  # for an author whose data lie beside the source
    made: dict[int, list[Task]] = {}
    known: list[Task] = []  # kept, so that no two have one id
    for number, cell in enumerate(cells):
        if cell.question:
            made[number] = [question_of(path, cell)[1]]
        for statement in trees[number].body if number in trees else ():
            _run(path, statement, module)  # one by one: the same variable may hold one task after another
            for value in vars(module).values():
                if isinstance(value, Task) and not any(value is task for task in known):
                    known.append(value)
                    made.setdefault(number, []).append(value)
    names = [task.name for of_cell in made.values() for task in of_cell]
    for name in names:
        if names.count(name) > 1:
            raise SourceError(f"{path} has two tasks named {name!r}: rename one")
    if not names:
        raise SourceError(f"{path}: its task cells make no Task")
    limits = [value for value in vars(module).values() if isinstance(value, Limits)]
    if len(limits) > 1:
        raise SourceError(f"{path} sets its limits twice: keep one")
    return made, limits[0] if limits else Limits()


def _run(path: Path, statement: ast.stmt, module: ModuleType) -> None:
    try:
        code = compile(ast.Module([statement], type_ignores=[]), str(path), "exec")
        exec(code, module.__dict__)  # noqa: S102  the author's own code
    except (Exception, SystemExit) as error:
        kind = "" if isinstance(error, GraderError) else f"{type(error).__name__}: "
        raise SourceError(f"{path}{_line_in(path, error)}: {kind}{error}") from error


def _line_in(path: Path, error: BaseException) -> str:
    line, trace = "", error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = f", line {trace.tb_lineno}"
        trace = trace.tb_next
    return line


def _exercises(path: Path, cells: tuple[SourceCell, ...], tasks: dict[str, Task], tree: ast.Module) -> dict[str, str]:
    """The exercise cell of each task: the one that defines its name, answers its quiz, or makes its file."""
    defined: dict[str, str] = {}
    files = {task.name: task.file for task in tasks.values() if task.file}
    for cell in cells:
        if cell.kind == "code" and not cell.is_task:
            _check_marks(path, cell.source)
        if cell.is_exercise:
            defined |= dict.fromkeys(_defined_names(path, cell.source), cell.source)
            for name in [name for name, file in files.items() if file in cell.source]:
                defined.setdefault(name, cell.source)  # a later cell may open what it made
    for name in tasks:
        at = place(path, task_line(tree, name))
        if name not in defined and name in files:
            raise SourceError(f"{at}: task {name!r} asks for {files[name]!r}, which no exercise cell makes")
        if name not in defined:
            near = difflib.get_close_matches(name, defined, 1)
            what = f"; did you mean {near[0]!r}?" if near else f": a cell with {BEGIN!r} is one"
            raise SourceError(f"{at}: task {name!r} names a function or a value that no exercise cell defines{what}")
    return {name: defined[name] for name in tasks}


def _check_marks(path: Path, source: str) -> None:
    """A mark that is misspelt or has no partner would leave an answer in the learner's notebook."""
    marks = [line.strip() for line in source.split("\n") if _MARK.match(line)]
    order = "".join({BEGIN: "b", STARTER: "s", END: "e"}.get(mark, "?") for mark in marks)
    if not re.fullmatch("(bs?e)*", order):
        raise SourceError(
            f"{path}: {BEGIN!r}, perhaps {STARTER!r}, and {END!r} must follow each other, each alone on its line, in "
            f"the cell that begins {source[:40]!r}"
        )


def _defined_names(path: Path, source: str) -> list[str]:
    try:
        tree = ast.parse(without_marks(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        what = getattr(error, "msg", error)
        raise SourceError(f"{path}: {what} in the exercise cell that begins {source[:40]!r}") from error
    names = {name for statement in tree.body for name in bound_names(statement)}
    return [*names, *checked_tasks(without_marks(source))]
