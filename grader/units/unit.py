"""A unit, read from its one source: its cells, its tasks, and the texts that go into a learner's process."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from grader.core.errors import SourceError
from grader.core.limits import Limits
from grader.judging.expectation import Expectation, JudgedProbe, JudgedTask, call_of, facts_by_probe, literals_of
from grader.judging.facts import FORM, Facts, bound, holds_text, room_for
from grader.judging.judges import Judge
from grader.judging.observe import PlannedProbe
from grader.notebooks.bound_names import bound_names
from grader.units.inputs import PUBLIC_SEED, Labelled, draw, labels_of
from grader.units.marks import BEGIN, choices_in, without_marks, without_solution
from grader.units.slicing import Slicer
from grader.units.task import Probe, Quiz, Task


@dataclass(frozen=True)
class SourceCell:
    """One cell of a source. `kind` is code, markdown or raw; `line` is its first in the file, 0 if it is not known.

    A cell with a `question` holds a task of that name. Nothing that is judged depends on an aside: it is not run in a
    grade where a learner left it as it was.
    """

    kind: str
    source: str
    is_task: bool
    is_aside: bool = False
    line: int = 0
    question: str = ""
    points: float = 1.0

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

    def is_value(self, task: Task) -> bool:
        """Whether a task asks for a value: what is neither called nor handed in as a file."""
        if task.file or isinstance(task, Quiz):
            return False
        defined = [s for s in ast.parse(self.solution(task.name)).body if task.name in bound_names(s)]
        callables = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return bool(defined) and not any(isinstance(s, callables) for s in defined)

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
                planned.name, self.judge(task, probe, seed), probe.weight, call_of(planned.code, task.name),
                planned.inputs,
                shown=probe.public_inputs or (seed == PUBLIC_SEED and not probe.hidden),
                drawn=probe.is_drawn,
                facts=_facts(probe, planned, expectation),
                public=probe.name in self.public_probes(task), says=probe.says,
                literals=literals_of(planned.code, self.facts_code(probe)),
            )
            for planned, probe in zip(self.plan(task, seed), task.probes.values(), strict=True)
        ]  # fmt: skip
        hints = {m.name: m.hint for m in task.misconceptions.values()}
        choices = self.choices(task)
        meant = expectation.meant(facts_by_probe(probes))
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

    def judge(self, task: Task, probe: Probe, seed: str) -> Judge:
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
        return f"{self.slicer.cut(function)}{answer} = {self.slicer.definition(function).name}\n"


def _facts(probe: Probe, planned: PlannedProbe, expectation: Expectation) -> Facts | None:
    if not probe.facts:
        return None
    right = expectation.reference[probe.name]
    return bound(probe.facts, planned.inputs, room_for(right), text=holds_text(right.value))
