"""The public checks of a unit: the file `.checks/<unit>.json` that `grader build` writes and a learner's `Lab` reads.

It holds public probes, what the reference, the starter and each misconception give for them, the hints and, of a lab,
the reference's code. Hidden probes are not in it, nor what is right in an assessment's questions. The copy that goes
into the sandbox holds the tasks' names alone.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.core.errors import ValuesError
from grader.judging.facts import Facts, bound
from grader.judging.judges import judge_from_json, judge_to_json
from grader.judging.observe import (
    Observation,
    PlannedProbe,
    observation_from_json,
    observation_to_json,
    planned_from_json,
    planned_to_json,
)  # fmt: skip
from grader.judging.verdict import Expectation, JudgedProbe, JudgedTask
from grader.units.inputs import PUBLIC_SEED
from grader.units.slicing import call_of
from grader.units.task import Probe
from grader.units.unit import FORMAT, Unit

ROOMS = ("labs", "assessments")  # the folders of a course in which learners work
PUBLIC = Path(__file__).parents[1] / "public"
"""The checks that came with an installed wheel: on Colab there is no course folder around the notebook."""
ALSO: list[Path] = []
"""Folders in which checks are looked for last: the sandbox's work folder, wherever a notebook has gone from there."""
Expectations = Mapping[str, Expectation]
"""What is expected of each task, by its name."""


@dataclass(frozen=True)
class PublicTask:
    """One task as a learner's kernel knows it. An assessment's has no solution. `choices` are a question's."""

    judged: JudgedTask
    plan: list[PlannedProbe]
    hints: list[str]
    solution: str
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Checks:
    """All public checks of a unit. `recorded` says that the judge stands elsewhere: nothing is compared here."""

    unit: str
    title: str
    digest: str
    tasks: dict[str, PublicTask]
    points: dict[str, float]
    recorded: bool = False

    @property
    def files(self) -> dict[str, str]:
        """The file that is to be handed in, by the task that asks for it."""
        return {name: task.judged.file for name, task in self.tasks.items() if task.judged.file}


def checks_text(unit: Unit, expectations: Expectations) -> str:
    """The text of a unit's checks file; expectations are those for the public seed."""
    tasks = {name: _task_form(unit, name, expectations[name]) for name in unit.tasks}
    form = {"format": FORMAT, "unit": unit.name, "title": unit.title, "digest": unit.digest, "tasks": tasks}
    return json.dumps(form, indent=1, ensure_ascii=False) + "\n"


def recorded_text(unit: Unit) -> str:
    """The checks file for the sandbox: names and points, nothing to compare with."""
    tasks = {name: {"points": task.points} for name, task in unit.tasks.items()}
    form = {"format": FORMAT, "unit": unit.name, "title": unit.title, "digest": "", "tasks": tasks, "recorded": True}
    return json.dumps(form)


def read_checks(path: Path) -> Checks:
    """Read a checks file. Raises ValuesError, saying what to do, where it is damaged or of another version."""
    try:
        form = json.loads(path.read_text(encoding="utf-8"))
        if form["format"] == FORMAT:
            return _checks(form)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SyntaxError, ValuesError) as error:
        raise ValuesError(f"{path} is damaged: fetch it again, or run `grader build`") from error
    raise ValuesError(f"{path} was made by another version of the grader: run `grader build` again")


def find_checks(unit: str, here: Path) -> Path:
    """The checks file of a unit, found from a folder of the course. Raises ValuesError where there is none."""
    for folder in (here, *here.parents, *ALSO):
        for room in (folder, *(folder / name for name in ROOMS)):
            path = room / ".checks" / f"{unit}.json"
            if path.is_file():
                return path
    if (path := PUBLIC / f"{unit}.json").is_file():
        return path
    raise ValuesError(
        f"No checks were found for {unit!r} from {here}. Open the notebook inside the course's folder; its checks "
        f"stand in labs/.checks/{unit}.json."
    )


def expectation_to_json(expectation: Expectation) -> dict[str, Any]:
    """The JSON form of an expectation."""
    return {
        "reference": _forms(expectation.reference),
        "starter": _forms(expectation.starter),
        "misconceptions": {name: _forms(seen) for name, seen in expectation.misconceptions.items()},
        "alternatives": {name: _forms(seen) for name, seen in expectation.alternatives.items()},
    }


def expectation_from_json(form: dict[str, Any]) -> Expectation:
    """The expectation of a JSON form."""
    return Expectation(
        _observations(form["reference"]),
        _observations(form["starter"]),
        {name: _observations(seen) for name, seen in form["misconceptions"].items()},
        {name: _observations(seen) for name, seen in form["alternatives"].items()},
    )


def _task_form(unit: Unit, name: str, expectation: Expectation) -> dict[str, Any]:
    task = unit.tasks[name]
    public = unit.public_probes(task)
    choices = unit.choices(task)
    plan = unit.plan(task, PUBLIC_SEED, [task.probes[name] for name in task.probes if name in public])
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
        "expectation": expectation_to_json(_only(public, expectation)),
    }  # fmt: skip


def _judged_form(unit: Unit, probe: Probe) -> dict[str, Any]:
    facts = {"facts": [probe.facts.__name__, unit.facts_code(probe)]} if probe.facts else {}
    return {"weight": probe.weight, "drawn": probe.is_drawn, "judge": judge_to_json(probe.judge), **facts}


def _only(probes: set[str], expectation: Expectation) -> Expectation:
    def kept(observations: Mapping[str, Observation]) -> dict[str, Observation]:
        return {name: observation for name, observation in observations.items() if name in probes}

    wrong = {name: kept(seen) for name, seen in expectation.misconceptions.items() if probes}
    return Expectation(kept(expectation.reference), kept(expectation.starter), wrong)


def _checks(form: dict[str, Any]) -> Checks:
    recorded = bool(form.get("recorded", False))
    tasks = {} if recorded else {name: _public_task(name, task) for name, task in form["tasks"].items()}
    points = {name: float(task["points"]) for name, task in form["tasks"].items()}
    return Checks(form["unit"], form["title"], form["digest"], tasks, points, recorded)


def _public_task(name: str, form: dict[str, Any]) -> PublicTask:
    plan = [planned_from_json(probe) for probe in form["probes"]]
    probes = [
        JudgedProbe(
            planned.name, judge_from_json(probe["judge"]), probe["weight"], call_of(planned.code, name),
            planned.inputs, shown=True, drawn=probe["drawn"], facts=_facts(probe, planned),
        )
        for planned, probe in zip(plan, form["probes"], strict=True)
    ]  # fmt: skip
    expectation = expectation_from_json(form["expectation"]).meant(probes)
    choices = {str(letter): str(text) for letter, text in form.get("choices", {}).items()}
    file = form.get("file", "")
    judged = JudgedTask(name, form["points"], probes, form["misconceptions"], expectation, file, choices)
    return PublicTask(judged, plan, form["hints"], form["solution"], choices)


def _facts(form: dict[str, Any], planned: PlannedProbe) -> Facts | None:
    """The author's function that a public probe is judged by, made from its code: checks come with the course."""
    if "facts" not in form:
        return None
    name, code = form["facts"]
    scope: dict[str, Any] = {"__name__": f"facts_{planned.name}"}
    exec(compile(code, f"<facts {name}>", "exec"), scope)  # noqa: S102
    return bound(scope[name], planned.inputs)


def _forms(observations: Mapping[str, Observation]) -> dict[str, Any]:
    return {name: observation_to_json(observation) for name, observation in observations.items()}


def _observations(forms: dict[str, Any]) -> dict[str, Observation]:
    return {name: observation_from_json(form) for name, form in forms.items()}
