"""A unit, read from its one source: its cells, its tasks, and the texts that go into a learner's process."""

import ast
import difflib
import hashlib
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.core.errors import GraderError, SourceError
from grader.core.limits import Limits
from grader.judging.facts import FORM, Facts, bound, holds_text, room_for
from grader.judging.judges import Judge
from grader.judging.observe import PlannedProbe
from grader.judging.verdict import Expectation, JudgedProbe, JudgedTask
from grader.notebooks.notebook import BEGIN, END, STARTER, checked_tasks, choices_in, without_marks, without_solution
from grader.units.inputs import PUBLIC_SEED, Labelled, draw, labels_of
from grader.units.lab_calls import check_lab_calls
from grader.units.probe_checks import check_probes
from grader.units.slicing import Slicer, call_of
from grader.units.source_lines import place, task_line
from grader.units.task import Probe, Quiz, Task

FORMAT = 2  # of expectations and checks: a new one makes all old ones stale
# jupytext and the checker of its JSON import these, two seconds' worth, and do without where they are not installed:
# a web server, kernels, other formats, grammars of IRIs and durations. No source holds anything of the kind.
_SPARED = ("isoduration", "jupyter_client", "markdown_it", "rfc3986_validator", "rfc3987_syntax", "tornado")
_EMPTY = re.compile(r"^# %%.*$(?=[\s#]*(^# %%|\Z))", re.MULTILINE)  # a marker with nothing before the next one
_MARK = re.compile(r"\s*#+\s*(BEGIN\s+SOLUTION|END\s+SOLUTION|STARTER\b)")


@dataclass(frozen=True)
class SourceCell:
    """One cell of a source. `kind` is code, markdown or raw.

    Nothing that is judged depends on an aside: it is not run in a grade where a learner left it as it was.
    """

    kind: str
    source: str
    is_task: bool
    is_aside: bool = False

    @property
    def is_exercise(self) -> bool:
        """Whether a learner writes an answer here."""
        return self.kind == "code" and BEGIN in self.source


@dataclass(frozen=True)
class Unit:
    """A lab or an assessment. `exercises` holds each task's exercise cell as the author wrote it."""

    name: str
    path: Path
    digest: str
    cells: tuple[SourceCell, ...]
    tasks: dict[str, Task]
    exercises: dict[str, str]
    slicer: Slicer
    limits: Limits

    @property
    def title(self) -> str:
        """The first heading."""
        lines = (line for cell in self.cells if cell.kind == "markdown" for line in cell.source.split("\n"))
        return next((line.lstrip("# ") for line in lines if line.startswith("# ")), self.name)

    @property
    def is_assessment(self) -> bool:
        """Whether nothing may give an answer away: neither solutions nor a question's right choice leave the grader."""
        return self.name.startswith("assessment")

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The files that a learner hands in beside the notebook."""
        return tuple(dict.fromkeys(task.file for task in self.tasks.values() if task.file))

    def reference_file(self, name: str) -> Path:
        """Where the file lies that the reference hands in."""
        return self.path.parent / "handed_in" / self.name / name

    @cached_property
    def reference_cells(self) -> list[dict[str, Any]]:
        """The cells that are run for the reference: everything but the task cells."""
        return [{"cell_type": c.kind, "source": without_marks(c.source)} for c in self.cells if not c.is_task]

    @cached_property
    def asides(self) -> frozenset[str]:
        """The sources of the asides."""
        return frozenset(cell.source for cell in self.cells if cell.is_aside)

    @cached_property
    def starter_cells(self) -> list[dict[str, Any]]:
        """The cells that a learner opens."""
        return [{"cell_type": c.kind, "source": without_solution(c.source)} for c in self.cells if not c.is_task]

    def solution(self, task: str) -> str:
        """The reference's code for a task."""
        return without_marks(self.exercises[task])

    def choices(self, task: Task) -> dict[str, str]:
        """The texts of a question's choices, by letter, as they stand above its cell."""
        if not isinstance(task, Quiz):
            return {}
        place = next(number for number, cell in enumerate(self.cells) if cell.source == self.exercises[task.name])
        above = [cell.source for cell in self.cells[:place] if cell.kind == "markdown"]
        return choices_in(above[-1]) if above else {}

    def plan(self, task: Task, seed: str, probes: Iterable[Probe] | None = None) -> list[PlannedProbe]:
        """The task's probes, or those given, with their inputs drawn for a seed."""
        files = {task.name: task.file} if task.file else {}
        return [
            PlannedProbe(
                probe.name, self._code(probe), draw(probe.inputs, seed, self.name, task.name, probe.name), files
            )
            for probe in (task.probes.values() if probes is None else probes)
        ]  # fmt: skip

    def public_probes(self, task: Task) -> set[str]:
        """The names of the probes that a learner's own check runs."""
        if self.is_assessment and isinstance(task, Quiz):
            return set()
        return {probe.name for probe in task.probes.values() if not probe.hidden}

    def variants(self, task: Task) -> dict[str, dict[str, str]]:
        """Other answers than the reference's, as code: the starter, every misconception, every alternative.

        A task that asks for a file has no starter: before there is an answer, there is no file.
        """
        wrong = {m.name: m.code or self._binding(task.name, m.function) for m in task.misconceptions.values()}
        right = {name: self._binding(task.name, function) for name, function in task.alternatives.items()}
        starter = {} if task.file else {"starter": without_solution(self.exercises[task.name])}
        return {"starter": starter, "misconceptions": wrong, "alternatives": right}

    def judged(self, task: Task, seed: str, expectation: Expectation) -> JudgedTask:
        """The task as a judge sees it; values are shown only of fixed, public inputs, or where the seed is public."""
        probes = [
            JudgedProbe(
                planned.name, self._judge(task, probe, seed), probe.weight, call_of(planned.code, task.name),
                planned.inputs,
                shown=probe.public_inputs or (seed == PUBLIC_SEED and not probe.hidden),
                drawn=probe.is_drawn,
                facts=_facts(probe, planned, expectation),
            )
            for planned, probe in zip(self.plan(task, seed), task.probes.values(), strict=True)
        ]  # fmt: skip
        hints = {m.name: m.hint for m in task.misconceptions.values()}
        choices = self.choices(task)
        meant = expectation.meant(probes)
        for probe in probes:
            failure = meant.reference[probe.name].failure if probe.facts else None
            if failure and failure.kind == FORM:
                raise SourceError(
                    f"{self.path}: the function that judges probe {probe.name!r} of task {task.name!r} fails for the "
                    f"reference's own value: {failure.message}"
                )
        return JudgedTask(task.name, task.points, probes, hints, meant, task.file, choices)

    def judged_tasks(self, seed: str, expectations: Mapping[str, Expectation]) -> dict[str, JudgedTask]:
        """All tasks as they are judged for a seed."""
        return {name: self.judged(task, seed, expectations[name]) for name, task in self.tasks.items()}

    def _judge(self, task: Task, probe: Probe, seed: str) -> Judge:
        """The probe's judge, with the labels that were drawn with its inputs."""
        judge: Any = probe.judge
        if not isinstance(getattr(judge, "labels", None), Labelled):
            return probe.judge
        labels = labels_of(judge.labels, probe.inputs, seed, self.name, task.name, probe.name)
        bound: Judge = replace(judge, labels=labels)
        return bound

    def facts_code(self, probe: Probe) -> str:
        """The code of the function that says what came back from a probe, or ""."""
        return self.slicer.cut(probe.facts) if probe.facts else ""

    def _code(self, probe: Probe) -> str:
        return probe.code or self.slicer.cut(probe.function)  # type: ignore[arg-type]

    def _binding(self, answer: str, function: Any) -> str:
        """Code that defines another answer and gives it the answer's name."""
        return f"{self.slicer.cut(function)}{answer} = {function.__name__}\n"


def _facts(probe: Probe, planned: PlannedProbe, expectation: Expectation) -> Facts | None:
    if not probe.facts:
        return None
    right = expectation.reference[probe.name]
    return bound(probe.facts, planned.inputs, room_for(right), text=holds_text(right.value))


def load_unit(path: Path) -> Unit:
    """Read a unit's source. Raises SourceError, with file and line where it is known, for whatever is wrong in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read: {error}") from error
    try:
        cells = _cells(text)
    except Exception as error:  # whatever jupytext makes of a header that is none
        raise SourceError(f"{path} cannot be read as a percent-format notebook: {error}") from error
    _check_cells(path, text, cells)
    tree = _task_tree(path, text, [cell.source for cell in cells if cell.is_task])
    tasks, limits = _tasks(path, tree)
    digest = hashlib.sha256(f"{FORMAT}\n{text}".encode()).hexdigest()
    unit = Unit(path.stem, path, digest, cells, tasks, _exercises(path, cells, tasks, tree), Slicer(tree), limits)
    for task in tasks.values():
        check_probes(path, unit, task)
    check_lab_calls(path, text, cells, tasks, tree)
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
    tagged = [(cell, cell.metadata.get("tags", [])) for cell in notebook.cells]
    return tuple(SourceCell(cell.cell_type, cell.source, "task" in tags, "aside" in tags) for cell, tags in tagged)


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


def _task_tree(path: Path, text: str, sources: list[str]) -> ast.Module:
    """All task cells as one module whose line numbers are the source's own."""
    if not sources:
        raise SourceError(f'{path} has no task cell: tag the cell below an exercise with tags=["task"]')
    body: list[ast.stmt] = []
    place = 0
    for source in sources:
        place = max(text.find(source, place), 0)
        try:
            tree = ast.parse(source, str(path))
        except SyntaxError as error:
            line = text.count("\n", 0, place) + (error.lineno or 1)
            raise SourceError(f"{path}, line {line}: {error.msg}") from error
        except (ValueError, RecursionError, MemoryError) as error:  # a NUL, or what is nested without end
            raise SourceError(f"{path}, line {text.count(chr(10), 0, place) + 1}: {error}") from error
        ast.increment_lineno(tree, text.count("\n", 0, place))
        body += tree.body
    return ast.Module(body, type_ignores=[])


def _tasks(path: Path, tree: ast.Module) -> tuple[dict[str, Task], Limits]:
    """What the task cells make: the tasks by name, and the unit's limits."""
    module = ModuleType(path.stem)
    module.__file__ = str(path.resolve())  # for an author whose data lie beside the source
    found: dict[int, Task] = {}
    try:
        for statement in tree.body:  # one by one: the same variable may hold one task after another
            code = compile(ast.Module([statement], type_ignores=[]), str(path), "exec")
            exec(code, module.__dict__)  # noqa: S102  the author's own code
            found |= {id(value): value for value in vars(module).values() if isinstance(value, Task)}
    except (Exception, SystemExit) as error:
        kind = "" if isinstance(error, GraderError) else f"{type(error).__name__}: "
        raise SourceError(f"{path}{_line_in(path, error)}: {kind}{error}") from error
    tasks = list(found.values())
    names = [task.name for task in tasks]
    for name in names:
        if names.count(name) > 1:
            raise SourceError(f"{path} has two tasks named {name!r}: rename one")
    if not tasks:
        raise SourceError(f"{path}: its task cells make no Task")
    limits = [value for value in vars(module).values() if isinstance(value, Limits)]
    if len(limits) > 1:
        raise SourceError(f"{path} sets its limits twice: keep one")
    return {task.name: task for task in tasks}, limits[0] if limits else Limits()


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
    names = [s.name for s in tree.body if isinstance(s, ast.FunctionDef | ast.ClassDef)]
    outer = [s for s in tree.body if not isinstance(s, ast.FunctionDef | ast.ClassDef)]  # a local names no task
    names += [n.id for s in outer for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return [*names, *checked_tasks(without_marks(source))]
