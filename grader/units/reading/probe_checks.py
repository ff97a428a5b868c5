"""Refuses probes that could not be observed or judged, when a unit's source is read."""

import ast
from dataclasses import replace
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING

from grader.core.errors import GraderError, SourceError, ValuesError
from grader.judging.facts import asked_for
from grader.judging.observe import planned_to_json
from grader.units.inputs import Labelled
from grader.units.source_lines import place
from grader.units.task import Probe, Task

if TYPE_CHECKING:
    from grader.units.unit import Unit


def check_probes(path: Path, unit: "Unit", task: Task) -> None:
    """Raise SourceError for whatever is wrong with a task's probes, their inputs, their judges or its variants."""
    if not task.probes:
        raise SourceError(f"{path}: task {task.name!r} has no probe: nothing would be observed")
    for given in task.probes.values():
        _check_probe(path, unit, task, given)
    try:
        unit.variants(task)
    except GraderError as error:
        raise SourceError(f"{path}: task {task.name!r}: {error}") from error


def _check_probe(path: Path, unit: "Unit", task: Task, given: Probe) -> None:
    at = str(path)
    try:
        if given.function:  # a question's probe has none
            at = place(path, unit.slicer.definition(given.function).lineno)
        (probe,) = unit.plan(task, "any", [_light(given)])
        _check_facts(unit, given)
    except GraderError as error:
        raise SourceError(f"{at}: task {task.name!r}: {error}") from error
    function = ast.parse(probe.code).body[-1]
    names = [a.arg for a in function.args.args]  # type: ignore[attr-defined]
    unused = [name for name in given.inputs if name not in names]
    if unused:
        raise SourceError(f"{at}: probe {probe.name!r} of task {task.name!r} has no parameter {unused[0]!r}")
    if len(given.inputs) > len(probe.inputs) and not given.hidden:
        raise SourceError(
            f"{at}: probe {probe.name!r} of task {task.name!r} draws labels, which a public check would show: "
            "write hidden=True"
        )
    labels = getattr(given.judge, "labels", None)
    if isinstance(labels, Labelled) and not any(value is labels for value in given.inputs.values()):
        raise SourceError(
            f"{at}: the judge of probe {probe.name!r} of task {task.name!r} has the labels of a draw that is none of "
            "its inputs"
        )
    try:
        planned_to_json(probe)
    except ValuesError as error:
        raise SourceError(f"{at}: an input of probe {probe.name!r} of task {task.name!r}: {error}") from error


def _check_facts(unit: "Unit", probe: Probe) -> None:
    if probe.facts is None:
        return
    if not isinstance(probe.facts, FunctionType):
        raise SourceError(f"probe {probe.name!r} is judged by {probe.facts!r}, which is no function of a task cell")
    unit.facts_code(probe)
    if unknown := [name for name in asked_for(probe.facts) if name not in probe.inputs]:
        raise SourceError(
            f"{probe.facts.__name__!r}, which judges probe {probe.name!r}, has the parameter {unknown[0]!r}, "
            "which is none of the probe's inputs"
        )


def _light(probe: Probe) -> Probe:
    """The probe without labelled inputs: to draw hundreds of images for each look at a source would take seconds."""
    return replace(probe, inputs={name: v for name, v in probe.inputs.items() if not isinstance(v, Labelled)})
