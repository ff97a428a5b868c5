"""Finds misconceptions and alternatives that never run: no learner's answer can fail as an author's slip does."""

import re
from collections.abc import Mapping
from dataclasses import replace

from grader.authoring.reference_errors import error_text, names_error
from grader.judging.expectation import Expectation, Observations
from grader.judging.observe import DEFINITION, Failure, Observation
from grader.units.answers import Answer
from grader.units.source_lines import failing_line, place
from grader.units.unit import Unit

# What code raises that names something which is not there. A learner's own error is another: a shape, a type, a value.
_SLIPS = ("NameError", "UnboundLocalError", "AttributeError", "ImportError", "ModuleNotFoundError")
_SIGNATURE = r"\(\) (?:takes|missing|got an unexpected|got multiple|got some)\b"


def without_never_run(unit: Unit, task: str, expectation: Expectation) -> tuple[list[str], Expectation]:
    """A sentence for each misconception and alternative of a task that never runs, and the expectation without them."""
    words = unit.tasks[task]
    functions = {
        "misconception": {m.name: m.function for m in words.misconceptions.values() if m.function},
        "alternative": words.alternatives,
    }
    seen = {"misconception": expectation.misconceptions, "alternative": expectation.alternatives}
    findings: dict[str, dict[str, str]] = {kind: {} for kind in functions}
    for kind, named in functions.items():
        for name, function in named.items():
            slip = _slip(unit, function, seen[kind].get(name, {}), task)
            if slip:
                at, what = slip
                findings[kind][name] = f"{at}: the {kind} {name!r} of task {task!r} {what}"
    sentences = [sentence for found in findings.values() for sentence in found.values()]
    return sentences, replace(
        expectation,
        misconceptions=_others(expectation.misconceptions, findings["misconception"]),
        alternatives=_others(expectation.alternatives, findings["alternative"]),
    )


def _slip(
    unit: Unit, function: Answer, observations: Observations, task: str
) -> tuple[str, str] | None:  # fmt: skip
    """Where an answer that never runs is wrong, and what it does; None for one that does run."""
    failures = [observation.failure for observation in observations.values() if observation.failure]
    if not failures or len(failures) < len(observations):
        return None
    definition = unit.slicer.definition(function)
    calls = [_of_signature(failure, definition.name) for failure in failures]
    if not all(call or _of_slip(failure) for call, failure in zip(calls, failures, strict=True)):
        return None
    if any(_of_slip(failure) and names_error(definition, failure.kind) for failure in failures):
        return None  # the author's own wish
    at = place(unit.path, failing_line(definition, failures[0]))
    if all(calls):
        what = f"cannot be called as the probes call `{task}`"
    else:
        what = "cannot be defined" if failures[0].where == DEFINITION else "never runs"
    return at, f"{what}: {error_text(failures[0])}"


def _of_slip(failure: Failure) -> bool:
    return failure.kind in _SLIPS or failure.where == DEFINITION


def _of_signature(failure: Failure, function: str) -> bool:
    return failure.kind == "TypeError" and bool(re.match(re.escape(function) + _SIGNATURE, failure.message))


def _others(all_seen: Mapping[str, Observations], without: Mapping[str, str]) -> dict[str, Mapping[str, Observation]]:
    return {name: seen for name, seen in all_seen.items() if name not in without}
