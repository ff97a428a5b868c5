"""What there is to say of an answer: why it cannot be judged, how it failed, what is wrong with its value. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from grader.core.messages import Message, Messages, message
from grader.core.values import Value
from grader.judging.expectation import JudgedProbe, JudgedTask, Observations
from grader.judging.explaining.diagnose import Diagnosis, diagnose, outputs_of
from grader.judging.explaining.factors import Outputs
from grader.judging.explaining.failures import failed
from grader.judging.explaining.parts import NOWHERE, Parted, parted, parted_unseen
from grader.judging.observe import Failure, Observation
from grader.judging.scoring import changed_inputs, compares

_UNDEFINED = re.compile(r"name '(\w{1,100})' is not defined")
_STEPS = re.compile(r"(?:^|_)(?:steps?|path)(?:_|$)")
_SPEAKS_FOR_ALL = ("nearly", "sign", "factor", "offset", "transposed", "shifted")  # of the whole value


@dataclass(frozen=True)
class Wrong:
    """A wrong answer: its task, what was observed, which probes it fails, the first of them the one that speaks.

    `lost` says why names are not defined, and `own` are the names and texts in the notebook's code.
    """

    task: JudgedTask
    observations: Observations
    failing: Sequence[JudgedProbe]
    lost: Mapping[str, Messages] = field(default_factory=dict)
    own: Collection[str] = ()


def explain(wrong: Wrong) -> Messages:
    """What the failing observations tell by themselves; values only where the probe may be shown."""
    task, probe = wrong.task, wrong.failing[0]
    observed = wrong.observations.get(probe.name)
    if observed is None:
        return (message("answer.not_reached"),)
    if task.is_question:
        return (no_choice(task, observed.value) or message("choice.wrong"),)
    if observed.failure and (reason := wrong.lost.get(undefined_name(observed.failure))):
        return reason
    if task.is_choice(probe) and not observed.failure:
        return (message("choice.wrong"),)
    found = _of_probe(wrong, probe, observed)
    where = _where(wrong) if compares(probe) else ()
    # What the probe is about is no help with code that did not run to its end.
    author = (message("probe.says", text=probe.says),) if probe.says and not observed.failure else ()
    if found or where or author:
        return (*found, *where, *author)
    return (message("value.wrong") if probe.shown else message("value.wrong_hidden"),)


def _of_probe(wrong: Wrong, probe: JudgedProbe, observed: Observation) -> Messages:
    """What one probe's failing observation tells."""
    if observed.failure:
        return (failed(wrong.task.name, probe, observed.failure, wrong.own),)
    reference = wrong.task.expectation.reference[probe.name]
    if reference.failure:
        return (message("failure.expected", kind=reference.failure.kind),)
    if changed_inputs(probe, observed) != changed_inputs(probe, reference):
        return (_changed(changed_inputs(probe, reference), changed_inputs(probe, observed)),)
    if told := probe.judge.tell(observed.value):
        return (message("judge", text=told),) if isinstance(told, str) else told
    return _of_value(wrong, probe, reference.value, observed.value)


def _of_value(wrong: Wrong, probe: JudgedProbe, expected: Value, observed: Value) -> Messages:
    """What is wrong with a value, and where."""
    others = _other_outputs(wrong, probe)
    found = diagnose(expected, observed, probe.inputs, _numbers(probe), others)
    if found and found.name in _SPEAKS_FOR_ALL:
        return _told(found, probe)
    place = _parted(probe, expected, observed)
    if not place.messages:
        return _told(found, probe) if found else ()
    if found:  # of which the place says most
        lesser = (found.detail if probe.shown else ()) if found.name == "some" else _told(found, probe)
        return (*place.messages, *lesser)
    within = diagnose(place.expected, place.observed, probe.inputs) if place.name else None
    if within is None or within.name == "some":
        return place.messages
    shapes = within.detail if within.name == "shape" else ()
    return (*place.messages, within.message, *shapes, message("parts.about", name=place.name))


def _told(found: Diagnosis, probe: JudgedProbe) -> Messages:
    return (found.message, *(found.detail if probe.shown else ()))


def _parted(probe: JudgedProbe, expected: Value, observed: Value) -> Parted:
    """Where a value parts from the expected one; nowhere if it is measured."""
    if not compares(probe):
        return NOWHERE

    def same(one: Value, other: Value) -> bool:
        return probe.judge.score(one, other) == 1.0

    if not probe.shown:
        return parted_unseen(expected, observed, same, {text for text in probe.literals if isinstance(text, str)})
    steps = bool(_STEPS.search(probe.name)) or any(_STEPS.search(name) for name in probe.inputs)
    return parted(expected, observed, same, steps=steps)


def _other_outputs(wrong: Wrong, probe: JudgedProbe) -> list[Outputs]:
    """What came of the other failing probes, if it is numbers of the right shape."""
    found = []
    for other in wrong.failing:
        seen, reference = wrong.observations.get(other.name), wrong.task.expectation.reference[other.name]
        if (
            other is not probe
            and compares(other)
            and not other.facts
            and seen
            and not seen.failure
            and not reference.failure
        ):
            outputs = outputs_of(reference.value, seen.value, other.inputs, _numbers(other))
            found += [outputs] if outputs else []
    return found


def _numbers(probe: JudgedProbe) -> list[float]:
    return [number for number in probe.literals if not isinstance(number, str)]


def _where(wrong: Wrong) -> Messages:
    """Which public probes are right; the names of others are nobody's affair."""
    failing = {probe.name for probe in wrong.failing}
    public = [probe for probe in wrong.task.probes if probe.public]
    right = tuple(probe.name for probe in public if probe.name not in failing)
    bad = tuple(probe.name for probe in public if probe.name in failing)
    said: Messages = ()
    if right and bad:
        said = (message("probes.some", right=right, wrong=bad),)
    elif right:
        return (message("probes.hidden"),)
    if bad and not wrong.failing[0].shown and not wrong.task.file:
        return (*said, message("probes.check_tries", task=wrong.task.name))
    return said


def no_choice(task: JudgedTask, value: object) -> Message | None:
    """Why a value is no choice of a question, and what is asked for; None if it is one, or may be."""
    choices = tuple(task.choices)
    if isinstance(value, str) and len(value) == 1 and value.isalnum():
        known = not choices or value in choices
        return None if known else message("choice.unknown", choice=value, choices=choices, task=task.name)
    if choices:
        return message("choice.none", choices=choices, task=task.name)
    return message("choice.no_letter", task=task.name)


def undefined_name(failure: Failure | None) -> str:
    """The name that was not defined where a probe failed; "" if it failed in another way."""
    if failure and failure.kind == "missing":
        return failure.message
    found = _UNDEFINED.match(failure.message) if failure and failure.kind == "NameError" else None
    return found[1] if found else ""


def _changed(expected: Sequence[str], changed: Sequence[str]) -> Message:
    if too_many := tuple(name for name in changed if name not in expected):
        return message("changed.too_much", names=too_many)
    names = tuple(name for name in expected if name not in changed)
    if len(names) == 1:
        return message("changed.too_little", name=names[0])
    return message("changed.too_little_of_several", names=names)
