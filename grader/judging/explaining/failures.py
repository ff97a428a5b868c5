"""How an answer failed, in words: with Python's own text, as far as that gives no hidden input away. Pure."""

import builtins
import re
from collections.abc import Collection, Iterator

from grader.core.messages import Message, message
from grader.core.values import Value
from grader.judging.expectation import JudgedProbe
from grader.judging.explaining.python_text import safe_text
from grader.judging.facts import FORM
from grader.judging.observe import Failure

_ALSO = ("AxisError",)  # of NumPy
_LINE = re.compile(r"line (\d{1,5}): (.*)", re.DOTALL)


def failed(task: str, probe: JudgedProbe, failure: Failure, own: Collection[str]) -> Message:
    """How a probe failed. `own` are the names and texts in the notebook's code, which may be quoted in any case."""
    if (known := _failed_in_a_known_way(task, probe, failure, own)) is not None:
        return known
    return _shown(failure) if probe.shown else _hidden(probe, failure, own)


def _shown(failure: Failure) -> Message:
    """How a probe failed whose inputs may be shown."""
    kind, text, line = failure.kind, failure.message.strip(), _LINE.fullmatch(failure.where)
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


def _hidden(probe: JudgedProbe, failure: Failure, own: Collection[str]) -> Message:
    """How a hidden probe failed, without the texts that a learner's code can choose: each may quote an input."""
    kind, line = failure.kind, re.match(r"line (\d{1,3})\b", failure.where)
    if kind == "time":
        return message("failure.time_in_line", line=int(line[1])) if line else message("failure.time")
    if kind == "not plain":
        return message("failure.not_plain_hidden")
    if kind not in dir(builtins) and kind not in _ALSO:
        return message("failure.raises_other_in_line", line=int(line[1])) if line else message("failure.raises_other")
    if text := safe_text(kind, failure.message, frozenset(own) - frozenset(_texts(list(probe.inputs.values())))):
        if line:
            return message("failure.error_in_line", kind=kind, text=text, line=int(line[1]))
        return message("failure.error", kind=kind, text=text)
    if line:
        return message("failure.raises_in_line", kind=kind, line=int(line[1]))
    return message("failure.raises", kind=kind)


def _failed_in_a_known_way(task: str, probe: JudgedProbe, failure: Failure, own: Collection[str]) -> Message | None:
    match failure.kind:
        case "missing" if probe.shown or failure.message == task or failure.message in own:
            return message("failure.undefined", name=failure.message)
        case "missing":  # a process can send any name
            return message("failure.undefined_other")
        case "no file":
            return message("file.gone")
        case _ if failure.is_unwritten:
            return message("answer.unwritten_case", name=task)
        case kind if kind == FORM:
            return message("failure.form")
    return None


def _texts(value: Value) -> Iterator[str]:
    """The texts in an input, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
