"""Asks whether a unit's checks have teeth: grades its references, each broken in one small way, as answers."""

import ast
import hashlib
import json
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from grader.authoring.build import write
from grader.authoring.mutation import Mutant, mutants
from grader.authoring.reference import REFERENCE_LIMITS, observe_draws, reference_files
from grader.core.errors import FileError, SourceError
from grader.core.messages import render
from grader.core.text import storable
from grader.judging.expectation import JudgedTask
from grader.judging.observe import Observation
from grader.judging.run_record import RunJob, TaskPlan
from grader.judging.verdict import State, Verdict, decide
from grader.notebooks.bound_names import bound_names
from grader.sandbox import Sandbox
from grader.units.inputs import PUBLIC_SEED, seeds
from grader.units.marks import solution_lines
from grader.units.run_plan import as_far_as, marked_cells, observed_name, reference_plans, run_files
from grader.units.source_lines import place
from grader.units.task import FreeText, Quiz, Task
from grader.units.unit import Unit

FORMAT = 1  # of what is kept
DRAWS = (PUBLIC_SEED, seeds("mutants")[0])  # a learner's own check, and a grade
CHUNK = 12  # mutants of one run: more of them start the notebook less often, fewer are kept sooner
UNTOLD = ("value.wrong", "value.wrong_hidden")  # messages that name neither a place nor a cause


class Outcome(StrEnum):
    """What became of a mutant."""

    MARKED = "marked"
    SURVIVED = "survived"
    MISCONCEPTION = "misconception"
    DIAGNOSIS = "diagnosis"
    UNTOLD = "untold"


@dataclass(frozen=True)
class Tried:
    """A mutant that was graded: what became of it, and what a learner is told who wrote it.

    The learner's own check tells it, unless all public probes pass: then the grade does, and `hidden` is True.
    """

    task: str
    place: str
    outcome: Outcome
    told: str
    hidden: bool = False


def tasks_to_try(unit: Unit, only: Collection[str] = ()) -> list[Task]:
    """The tasks that are tried: those named; of all others, those whose answer is code and takes no training.

    An author gives more than the usual seconds to what trains.
    """
    usual = Task("usual").seconds
    written = [task for task in unit.tasks.values() if not isinstance(task, Quiz | FreeText) and not task.file]
    return [task for task in written if (task.name in only if only else task.seconds <= usual)]


def mutants_of(unit: Unit, task: Task) -> list[Mutant]:
    """The mutants of a task's reference."""
    return mutants(unit.solution(task.name), solution_lines(unit.exercises[task.name]))


def marked(unit: Unit, task: Task) -> dict[str, str]:
    """The mutants that its author marked as right, by their place, each with the reason.

    Raises SourceError for a mark that is of no mutant: the reference may have changed.
    """
    by_body = {_body(mutant.code, task.name): mutant.place for mutant in mutants_of(unit, task)}
    found = {}
    for text, same in task.equivalents.items():
        assert same.function.definition
        body = _body(ast.unparse(same.function.definition), same.function.name)
        if body not in by_body:
            raise SourceError(
                f"{place(unit.path, same.function.line)}: task {task.name!r} marks {text!r} as equivalent, which is "
                f"none of the changes that `grader mutants {unit.name} --task {task.name}` tries"
            )
        found[by_body[body]] = same.reason
    return found


def _body(code: str, name: str) -> str:
    """What a function does, whatever it is called and says of itself."""
    definitions = [s for s in ast.parse(code).body if isinstance(s, ast.FunctionDef) and s.name == name]
    body = definitions[-1].body if definitions else ast.parse(code).body
    said = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    return "\n".join(map(ast.unparse, body[1:] if said else body))


@dataclass(frozen=True)
class _Ready:
    """A task, how a learner's own check judges it and how a grade does, and what is observed of it for both."""

    task: Task
    check: JudgedTask
    grade: JudgedTask
    plan: TaskPlan


def try_mutants(
    unit: Unit, tasks: Sequence[Task], sandbox: Sandbox, jobs: int, kept: Path | None = None,
    on_done: Callable[[int, int], None] = lambda done, total: None,
) -> list[Tried]:  # fmt: skip
    """Grade every mutant of these tasks, on `jobs` cores, behind the sandbox's walls.

    `kept` is a file that holds what was tried before, of the same source; it is written after every run, so that a
    command that was stopped goes on where it was. `on_done` gets how many are tried and how many there are. Raises
    SourceError if the reference does not run, and for a mark of an equivalent that fits no mutant.
    """
    known = _read(kept, unit)
    broken = {task.name: mutants_of(unit, task) for task in tasks}
    total = sum(map(len, broken.values()))
    waiting = {name: [m for m in some if _key(name, m) not in known] for name, some in broken.items()}
    on_done(total - sum(map(len, waiting.values())), total)
    if any(waiting.values()):
        ready = _prepared(unit, [task for task in tasks if waiting[task.name]], sandbox)
        with ThreadPoolExecutor(jobs) as pool:
            runs = [pool.submit(_graded, unit, one, some, sandbox) for one, some in _chunks(ready, waiting)]
            for run in as_completed(runs):
                known |= run.result()
                _write(kept, unit, known)
                on_done(sum(_key(name, m) in known for name, some in broken.items() for m in some), total)
    tried = [known[_key(name, mutant)] for name, some in broken.items() for mutant in some]
    reasons = {(task.name, where): why for task in tasks for where, why in marked(unit, task).items()}
    return [
        replace(one, outcome=Outcome.MARKED, told=reasons[one.task, one.place])
        if one.outcome is Outcome.SURVIVED and (one.task, one.place) in reasons
        else one
        for one in tried
    ]


def _prepared(unit: Unit, tasks: Sequence[Task], sandbox: Sandbox) -> dict[str, _Ready]:
    check, grade = observe_draws(unit, DRAWS, sandbox, only=[task.name for task in tasks])
    plans = reference_plans(unit, DRAWS)
    return {
        task.name: _Ready(
            task,
            unit.judged(task, DRAWS[0], check[task.name]).of_probes(unit.public_probes(task)),
            unit.judged(task, DRAWS[1], grade[task.name]),
            plans[task.name],
        )
        for task in tasks
    }


def _chunks(ready: Mapping[str, _Ready], waiting: Mapping[str, list[Mutant]]) -> Iterator[tuple[_Ready, list[Mutant]]]:
    for name, one in ready.items():
        some = waiting[name]
        size = math.ceil(len(some) / math.ceil(len(some) / CHUNK))
        yield from ((one, some[first : first + size]) for first in range(0, len(some), size))


def _graded(unit: Unit, ready: _Ready, some: Sequence[Mutant], sandbox: Sandbox) -> dict[str, Tried]:
    """One run of the notebook, with these mutants in place of the answer, one after the other.

    One that ends the process, and with it the run, was told by that; the rest goes into another run.
    """
    name, found = ready.task.name, {}
    left = {str(number): mutant for number, mutant in enumerate(some)}
    # The reference ran, and what it made is there: a statement that is missing should leave nothing.
    forget = "".join(f"globals().pop({made!r}, None)\n" for made in _made(unit.solution(name)))
    while left:
        codes = {number: f"{forget}{mutant.code}" for number, mutant in left.items()}
        plan = TaskPlan(ready.plan.probes, ready.plan.seconds, codes)
        cells = as_far_as(marked_cells(unit, unit.reference_cells), [name])
        files = run_files(unit, reference_files(unit))
        run = sandbox.run_submission(RunJob(cells, {name: plan}, files, REFERENCE_LIMITS))
        seen = {number: observed for (task, number), observed in run.variants.items() if task == name}
        for number in seen:
            mutant = left.pop(number)
            found[_key(name, mutant)] = _tried(ready, mutant, seen[number])
        if left:
            mutant = left.pop(next(iter(left)))
            told = render(run.stopped) if run.stopped else "The run ended."
            found[_key(name, mutant)] = Tried(name, mutant.place, Outcome.DIAGNOSIS, told)
    return found


def _made(code: str) -> list[str]:
    """The names that code gives a value before it reads them: without it, they are not there."""
    made: list[str] = []
    read: set[str] = set()
    for statement in ast.parse(code).body:
        read |= {
            node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        }
        made += [name for name in bound_names(statement) if name not in read]
    return sorted(set(made))


def _tried(ready: _Ready, mutant: Mutant, seen: Mapping[str, Observation]) -> Tried:
    for draw, judged in enumerate((ready.check, ready.grade)):
        observed = {probe.name: seen[observed_name(probe.name, draw if probe.drawn else 0)] for probe in judged.probes}
        verdict = decide(judged, observed) if observed else None
        if verdict and verdict.state is not State.PASSED:
            told = render(verdict.messages)
            return Tried(ready.task.name, mutant.place, _outcome(verdict), told, hidden=judged is ready.grade)
    return Tried(ready.task.name, mutant.place, Outcome.SURVIVED, "")


def _outcome(verdict: Verdict) -> Outcome:
    if verdict.misconception:
        return Outcome.MISCONCEPTION
    said = [one.code for one in verdict.messages]
    return Outcome.UNTOLD if all(code in UNTOLD for code in said) else Outcome.DIAGNOSIS


def _key(task: str, mutant: Mutant) -> str:
    return hashlib.sha256(f"{task}\n{mutant.code}".encode()).hexdigest()


def _read(kept: Path | None, unit: Unit) -> dict[str, Tried]:
    """What was tried before; nothing, if that was of another source or cannot be read."""
    try:
        form = json.loads(kept.read_bytes()) if kept else {}
        if (form.get("format"), form.get("digest")) != (FORMAT, unit.digest):
            return {}
        return {
            key: Tried(
                str(one["task"]),
                str(one["place"]),
                Outcome(one["outcome"]),
                storable(one["told"]),
                one["hidden"] is True,
            )
            for key, one in form["tried"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _write(kept: Path | None, unit: Unit, known: Mapping[str, Tried]) -> None:
    if kept:
        form = {"format": FORMAT, "digest": unit.digest, "tried": {key: asdict(one) for key, one in known.items()}}
        write(kept, json.dumps(form, indent=1))


def forget(kept: Path) -> None:
    """Remove what was kept. Raises FileError if something else is in its place."""
    try:
        kept.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(f"{kept} cannot be removed ({error.strerror})") from error
