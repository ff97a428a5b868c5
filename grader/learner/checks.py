"""Reads a unit's public checks in a learner's kernel: the file `.checks/<unit>.json` that `grader build` writes."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.core.errors import ValuesError
from grader.judging.expectation import FORMAT, JudgedProbe, JudgedTask, call_of, expectation_from_json, literals_of
from grader.judging.facts import Facts, bound
from grader.judging.judges import judge_from_json
from grader.judging.observe import PlannedProbe, planned_from_json

ROOMS = ("labs", "assessments")  # the folders of a course in which learners work
PUBLIC = Path(__file__).parents[1] / "public"
"""The checks that came with an installed wheel: on Colab there is no course folder around the notebook."""
ALSO = "GRADER_CHECKS"
"""The environment variable that may name a folder in which checks are looked for last.

In the sandbox it is the work folder, wherever a notebook has gone from there.
"""


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
    also = [Path(named)] if (named := os.environ.get(ALSO)) else []
    for folder in (here, *here.parents, *also):
        for room in (folder, *(folder / name for name in ROOMS)):
            path = room / ".checks" / f"{unit}.json"
            if path.is_file():
                return path
    if (path := PUBLIC / f"{unit}.json").is_file():
        return path
    raise ValuesError(
        f"No checks were found for {unit!r} from {here}. Open the notebook inside the course's folder; its checks "
        f"are in labs/.checks/{unit}.json."
    )


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
            planned.inputs, shown=True, drawn=probe["drawn"], facts=_facts(probe, planned), public=True,
            says=probe.get("says", ""), literals=literals_of(planned.code),
        )
        for planned, probe in zip(plan, form["probes"], strict=True)
    ]  # fmt: skip
    expectation = expectation_from_json(form["expectation"])
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
