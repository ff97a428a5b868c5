"""What there is to say of an answer: why it cannot be judged, how it failed, what is wrong with its value. Pure."""

import builtins
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from grader.core.messages import Message, Messages, message
from grader.judging.diagnose import diagnose
from grader.judging.expectation import JudgedProbe, JudgedTask
from grader.judging.facts import FORM
from grader.judging.observe import Failure, Observation

_UNDEFINED = re.compile(r"name '(\w{1,100})' is not defined")
_LINE = re.compile(r"line (\d{1,5}): (.*)", re.DOTALL)
NOTHING_LOST: Mapping[str, Messages] = MappingProxyType({})


def explain(
    task: JudgedTask, probe: JudgedProbe, observed: Observation | None, lost: Mapping[str, Messages] = NOTHING_LOST
) -> Messages:
    """What the failing observation tells by itself; values only where the probe may be shown."""
    if observed is None:
        return (message("answer.not_reached"),)
    if task.is_question:
        return (no_choice(task, observed.value) or message("choice.wrong"),)
    if observed.failure:
        shown = _failed if probe.shown else _failed_hidden
        return lost.get(undefined_name(observed.failure)) or (shown(task.name, observed.failure),)
    reference = task.expectation.reference[probe.name]
    if reference.failure:
        return (message("failure.expected", kind=reference.failure.kind),)
    if changed_inputs(probe, observed) != changed_inputs(probe, reference):
        return (_changed(changed_inputs(probe, reference), changed_inputs(probe, observed)),)
    if task.is_choice(probe):
        return (message("choice.wrong"),)
    told = probe.judge.tell(observed.value)
    if told:
        return (message("judge", text=told),) if isinstance(told, str) else told
    found = diagnose(reference.value, observed.value, probe.inputs)
    if found is None:
        return (message("value.wrong") if probe.shown else message("value.wrong_hidden"),)
    return (found.message, *(found.detail if probe.shown else ()))


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


def changed_inputs(probe: JudgedProbe, observation: Observation) -> list[str]:
    """The inputs that were changed in place; what else a learner's process may have named counts for nothing."""
    return [name for name in probe.inputs if name in observation.changed]


def _changed(expected: Sequence[str], changed: Sequence[str]) -> Message:
    if too_many := tuple(name for name in changed if name not in expected):
        return message("changed.too_much", names=too_many)
    names = tuple(name for name in expected if name not in changed)
    if len(names) == 1:
        return message("changed.too_little", name=names[0])
    return message("changed.too_little_of_several", names=names)


def _failed(task: str, failure: Failure) -> Message:
    """How a probe failed whose inputs may be shown."""
    if (known := _failed_in_a_known_way(task, failure)) is not None:
        return known
    kind, text, line = failure.kind, failure.message, _LINE.fullmatch(failure.where)
    if kind == "time":
        return message("failure.time_at", line=int(line[1]), source=line[2]) if line else message("failure.time")
    if kind == "not plain":
        return message("failure.not_plain", problem=text)
    if not text:
        if line:
            return message("failure.raises_at", kind=kind, line=int(line[1]), source=line[2])
        return message("failure.raises", kind=kind)
    if line:
        return message("failure.error_at", kind=kind, text=text, line=int(line[1]), source=line[2])
    return message("failure.error", kind=kind, text=text)


def _failed_hidden(task: str, failure: Failure) -> Message:
    """How a hidden probe failed, without the texts that a learner's code can choose: each may quote an input."""
    if (known := _failed_in_a_known_way(task, failure)) is not None:
        return known
    kind, line = failure.kind, re.match(r"line (\d{1,5})\b", failure.where)
    if kind == "time":
        return message("failure.time_in_line", line=int(line[1])) if line else message("failure.time")
    if kind == "not plain":
        return message("failure.not_plain_hidden")
    if kind not in dir(builtins):
        return message("failure.raises_other_in_line", line=int(line[1])) if line else message("failure.raises_other")
    if line:
        return message("failure.raises_in_line", kind=kind, line=int(line[1]))
    return message("failure.raises", kind=kind)


def _failed_in_a_known_way(task: str, failure: Failure) -> Message | None:
    match failure.kind:
        case "missing":
            return message("failure.undefined", name=failure.message)
        case "no file":
            return message("file.gone")
        case "NotImplementedError":
            return message("answer.unwritten_case", name=task)
        case kind if kind == FORM:
            return message("failure.form")
    return None
