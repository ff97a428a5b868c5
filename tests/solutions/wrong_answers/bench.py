"""Judges wrong answers as a learner's check and as a grade do, without a cell that trains."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from grader.authoring.reference import _expectation
from grader.judging.expectation import Observations
from grader.judging.run_record import RunJob
from grader.judging.verdict import Verdict, decide
from grader.notebooks.cells import statements
from grader.sandbox import Limits, Run, Sandbox
from grader.units.inputs import PUBLIC_SEED
from grader.units.run_plan import observed_name, reference_plans, run_files
from grader.units.source import load_unit
from grader.units.task import Quiz
from grader.units.unit import Unit
from tests.solutions.wrong_answers.answers import WRONG

SOLUTIONS = Path(__file__).resolve().parents[3] / "solutions"
SEEDS = (PUBLIC_SEED, "a gradebook's")
_KEPT = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


class Judged(NamedTuple):
    """A wrong answer as a learner's check judged it, and as a grade did."""

    name: str
    live: Verdict
    grade: Verdict


@cache
def unit_of(name: str) -> Unit:
    return load_unit(SOLUTIONS / f"{name}.py")


def judged(name: str, sandbox: Sandbox, without: Collection[str] = ()) -> Iterator[Judged]:
    """The wrong answers of a unit, all of them from one run, but for some tasks."""
    unit, answers = unit_of(name), [wrong for wrong in WRONG[name] if wrong.task not in without]
    asked = {wrong.task for wrong in answers}
    plans = {task: plan for task, plan in reference_plans(unit, SEEDS).items() if task in asked}
    for wrong in answers:
        plan = plans[wrong.task]
        code = {f"wrong/{wrong.name}": wrong.code(unit.solution(wrong.task))}
        plans[wrong.task] = replace(plan, variants={**plan.variants, **code})
    cells = [{**cell, "skip": "", "source": _without_work(unit, cell)} for cell in unit.reference_cells]
    run = sandbox.run_submission(RunJob(cells, plans, run_files(unit), Limits(seconds=300)))
    assert not run.stopped, run.stopped
    for wrong in answers:
        seen = run.variants[wrong.task, f"wrong/{wrong.name}"]
        live, grade = (_verdict(unit, wrong.task, run, seen, draw) for draw in (0, 1))
        yield Judged(f"{wrong.task}.{wrong.name}", live, grade)


def _without_work(unit: Unit, cell: dict[str, Any]) -> str:
    """A cell without what draws, trains or measures."""
    source = str(cell["source"])
    exercises = {
        unit.solution(name) for name, task in unit.tasks.items() if not isinstance(task, Quiz) and not task.file
    }
    if cell["cell_type"] != "code" or source in exercises or "Lab(" in source:
        return source
    return "\n".join(
        ast.unparse(one) for one in statements(source) if isinstance(one, (*_KEPT, ast.Assign)) and _is_light(one)
    )


def _is_light(statement: ast.stmt) -> bool:
    if isinstance(statement, _KEPT):
        return True
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
    names = [ast.unparse(call.func) for call in calls]
    return all("load_" in name or "digits" in name or name.startswith("np.") for name in names)


def _verdict(unit: Unit, name: str, run: Run, variant: Observations, draw: int) -> Verdict:
    task = unit.tasks[name]
    names = {probe.name: observed_name(probe.name, draw if probe.is_drawn else 0) for probe in task.probes.values()}
    expectation = _expectation(unit, task, run, draw)
    judged = unit.judged(task, SEEDS[draw], expectation)
    seen = {probe: variant[observed] for probe, observed in names.items()}
    if draw == 0:
        public = unit.public_probes(task)
        judged, seen = judged.of_probes(public), {p: o for p, o in seen.items() if p in public}
    return decide(judged, seen)
