"""Writes the public checks of a unit: the text of `.checks/<unit>.json`, which a learner's `Lab` reads.

It holds public probes, what the reference, the starter and each misconception give for them, the hints and, of a lab,
the reference's code. Hidden probes are not in it, nor what is right in an assessment's questions. The copy that goes
into the sandbox holds the tasks' names alone.
"""

import json
from dataclasses import replace
from typing import Any

from grader.judging.expectation import FORMAT, Expectation, Expectations, expectation_to_json
from grader.judging.facts import bound
from grader.judging.judges import by_hand, judge_to_json
from grader.judging.observe import Observation, PlannedProbe, planned_to_json
from grader.units.inputs import PUBLIC_SEED
from grader.units.task import Probe, Task
from grader.units.unit import Unit


def checks_text(unit: Unit, observed: Expectations) -> str:
    """The text of a unit's checks file, from all that was observed for the public seed.

    What an author's function makes of a value is kept in the value's place: it is far smaller, and a check would else
    make it anew of each misconception.
    """
    return rebuilt_text(
        unit, {name: public_expectation(unit, task, observed[name]) for name, task in unit.tasks.items()}
    )


def rebuilt_text(unit: Unit, kept: Expectations) -> str:
    """The text from the expectations that a checks file holds."""
    tasks = {name: _task_form(unit, name, kept[name]) for name in unit.tasks}
    form = {"format": FORMAT, "unit": unit.name, "title": unit.title, "digest": unit.digest, "tasks": tasks}
    return json.dumps(form, indent=1, ensure_ascii=False) + "\n"


def recorded_text(unit: Unit) -> str:
    """The checks file for the sandbox: names and points, nothing to compare with."""
    tasks = {name: {"points": task.points} for name, task in unit.tasks.items()}
    form = {"format": FORMAT, "unit": unit.name, "title": unit.title, "digest": "", "tasks": tasks, "recorded": True}
    return json.dumps(form)


def _task_form(unit: Unit, name: str, expectation: Expectation) -> dict[str, Any]:
    task = unit.tasks[name]
    public = unit.public_probes(task)
    choices, plan = unit.choices(task), _plan(unit, task)
    return {
        "points": task.points,
        "hints": list(task.hints),
        **({"file": task.file} if task.file else {}),
        **({"choices": choices} if choices else {}),
        "solution": "" if unit.is_assessment else unit.solution(name),
        "probes": [
            {**planned_to_json(planned), **_judged_form(unit, task.probes[planned.name])} for planned in plan
        ],
        "misconceptions": {m.name: m.hint for m in task.misconceptions.values() if public},
        "expectation": expectation_to_json(expectation),
    }  # fmt: skip


def _judged_form(unit: Unit, probe: Probe) -> dict[str, Any]:
    facts = {"facts": [probe.facts.__name__, unit.facts_code(probe)]} if probe.facts else {}
    says = {"says": probe.says} if probe.says else {}
    return {"weight": probe.weight, "drawn": probe.is_drawn, "judge": judge_to_json(probe.judge), **facts, **says}


def _plan(unit: Unit, task: Task) -> list[PlannedProbe]:
    public = unit.public_probes(task)
    return unit.plan(task, PUBLIC_SEED, [probe for probe in task.probes.values() if probe.name in public])


def public_expectation(unit: Unit, task: Task, expectation: Expectation) -> Expectation:
    """What of an expectation goes into the checks: what public probes see, in the form that is judged."""
    plan = _plan(unit, task)
    facts = {p.name: bound(f, p.inputs) for p in plan if (f := task.probes[p.name].facts)}
    seen = expectation.of_probes({p.name for p in plan})
    # What a person marks is compared with nothing: a good answer is for who marks.
    marked = {p.name for p in plan if isinstance(task.probes[p.name].judge, by_hand)}
    reference = {name: Observation() if name in marked else one for name, one in seen.reference.items()}
    return replace(seen, reference=reference).meant(facts)
