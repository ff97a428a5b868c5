"""Runs a probe in the learner's process and says what came out. The same code for a check and for a grade.

An observation is the value that a probe returned, or how it failed. Nothing is compared here.
"""

import builtins
import linecache
import re
import sys
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grader.core.errors import ValuesError
from grader.core.text import storable
from grader.core.values import Value, decode, encode, to_plain

OWN_KINDS = ("missing", "no file", "not plain", "time")  # of failures, beside the names of errors
DEFINITION = "its definition"  # where a variant failed that no probe could call
MAX_READ = 200_000
# TensorFlow writes the stack that made a graph into its message, before what is wrong.
_FRAME = re.compile(r'^  File ".*", line \d+, in .*\n+', re.MULTILINE)


@dataclass(frozen=True)
class Failure:
    """How a probe failed. `kind` is an exception's name, or "missing", "no file", "not plain", "time"."""

    kind: str
    message: str = ""
    where: str = ""  # the learner's line that raised, as "line 3: return x / 0"

    @property
    def is_unwritten(self) -> bool:
        """Whether it is what an answer raises that was not begun. With words, the error is a library's own."""
        return self.kind == "NotImplementedError" and not self.message


@dataclass(frozen=True)
class Observation:
    """What one probe saw: a value or a failure, and the inputs that the learner's code changed in place."""

    value: Value = None
    failure: Failure | None = None
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlannedProbe:
    """A probe as it crosses into the learner's process: its own source text and its drawn inputs.

    `files` are parameters that get the path of a file, unless the namespace has that name. `function` is its name in
    `code`, if it is another.
    """

    name: str
    code: str
    inputs: Mapping[str, Value]
    files: Mapping[str, str] = field(default_factory=dict)
    function: str = ""


class TimeUp(BaseException):
    """Raised into a learner's code when its time is over. Not an Exception, so that `except Exception` lets it by."""


def observe(probe: PlannedProbe, namespace: Mapping[str, Any]) -> Observation:
    """Run one probe against a namespace. Whatever the learner's code raises is the observation's failure.

    Only KeyboardInterrupt passes: in a notebook it is the learner's own wish.
    """
    inputs = {name: _copied(value) for name, value in probe.inputs.items()}
    try:
        function = _compiled(probe)
        names = function.__code__.co_varnames[: function.__code__.co_argcount]
        files = {name: file for name, file in probe.files.items() if name in names and name not in namespace}
        absent = [Path(file).name for file in files.values() if not Path(file).is_file()]
        if absent:
            return Observation(failure=Failure("no file", absent[0]))
        given = {**files, **inputs}
        missing = [name for name in names if name not in given and name not in namespace]
        if missing:
            return Observation(failure=Failure("missing", missing[0]))
        arguments = [given[name] if name in given else namespace[name] for name in names]
        with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
            returned = function(*arguments)
        value = to_plain(returned)
        encode(value)
    except ValuesError as error:
        return Observation(failure=Failure("not plain", str(error)))
    except KeyboardInterrupt:
        raise
    except TimeUp:
        return Observation(failure=Failure("time", "", _where()))
    except BaseException as error:  # SystemExit and the learner's own, too: all are how the answer failed
        return Observation(failure=Failure(_kind(error), error_message(error), _where()))
    changed = tuple(name for name in probe.inputs if not _unchanged(probe.inputs[name], inputs[name]))
    return Observation(value, changed=changed)


def _kind(error: BaseException) -> str:
    """An error's name, unless it passes for one of our own words: a learner can call a class anything."""
    name = type(error).__name__[:100]
    return name if name.isidentifier() and name not in OWN_KINDS else "Exception"


def observe_variant(code: str, answer: str, probes: list[PlannedProbe], namespace: Mapping[str, Any]
                    ) -> dict[str, Observation]:  # fmt: skip
    """Observe another answer than the notebook's: `code` runs in a copy of the namespace and binds `answer` there."""
    trial = {name: value for name, value in namespace.items() if name != answer}
    try:
        exec(compile(code, f"<{answer}>", "exec"), trial)  # noqa: S102
    except Exception as error:  # an author's variant that cannot even be defined fails at every probe
        failed = Observation(failure=Failure(type(error).__name__, error_message(error), DEFINITION))
        return {probe.name: failed for probe in probes}
    return {probe.name: observe(probe, trial) for probe in probes}


def attempted(observations: Mapping[str, Observation]) -> bool:
    """Whether there was anything to observe: an answer, not only its absence."""
    failures = [observation.failure for observation in observations.values()]
    return any(f is None or not (f.is_unwritten or f.kind in ("missing", "no file")) for f in failures)


def observation_to_json(observation: Observation) -> dict[str, Any]:
    """The JSON form of an observation."""
    form: dict[str, Any] = {}
    if observation.failure:
        form["failure"] = [observation.failure.kind, observation.failure.message, observation.failure.where]
    else:
        form["value"] = encode(observation.value)
    if observation.changed:
        form["changed"] = list(observation.changed)
    return form


def observation_from_json(form: Any) -> Observation:
    """The observation of a JSON form that may come from anybody. Raises ValuesError where it is none."""
    if not isinstance(form, dict) or not form.keys() <= {"failure", "value", "changed"}:
        raise ValuesError("not an observation")
    changed = form.get("changed", [])
    if not isinstance(changed, list) or not all(isinstance(name, str) for name in changed):
        raise ValuesError("an observation's changed inputs are not names")
    changed = tuple(storable(name, 100) for name in changed[:20])
    if "failure" not in form:
        return Observation(decode(form.get("value")), changed=changed)
    failure = form["failure"]
    if not isinstance(failure, list) or len(failure) != 3 or not all(isinstance(text, str) for text in failure):
        raise ValuesError("an observation's failure is not three texts")
    return Observation(failure=Failure(*map(storable, failure)), changed=changed)


def planned_to_json(probe: PlannedProbe) -> dict[str, Any]:
    """The JSON form of a planned probe."""
    inputs = {name: encode(value) for name, value in probe.inputs.items()}
    form: dict[str, Any] = {"name": probe.name, "code": probe.code, "inputs": inputs}
    form |= {"function": probe.function} if probe.function else {}
    return form | ({"files": dict(probe.files)} if probe.files else {})


def planned_from_json(form: dict[str, Any]) -> PlannedProbe:
    """The planned probe of a JSON form."""
    inputs = {name: decode(value) for name, value in form["inputs"].items()}
    return PlannedProbe(form["name"], form["code"], inputs, form.get("files", {}), form.get("function", ""))


def _compiled(probe: PlannedProbe) -> Any:
    scope: dict[str, Any] = {"__builtins__": builtins, "__name__": f"probe_{probe.name}"}
    exec(compile(probe.code, f"<probe {probe.name}>", "exec"), scope)  # noqa: S102
    return scope[probe.function or probe.name]


def _copied(value: Value) -> Any:
    return decode(encode(value))


def _unchanged(before: Value, after: Any) -> bool:
    if isinstance(before, np.ndarray):
        same_kind = isinstance(after, np.ndarray) and after.dtype == before.dtype
        return same_kind and np.array_equal(before, after, equal_nan=before.dtype.kind in "fc")
    try:
        return type(before) is type(after) and encode(before) == encode(after)
    except Exception:  # something that is no plain value was put into it
        return False


def error_message(error: BaseException) -> str:
    """What an error says, if it can be stored; "" where it fails to say anything."""
    try:
        return storable(_FRAME.sub("", str(error)[:MAX_READ]))
    except Exception:  # a learner's own exception may fail to print
        return ""


def _where() -> str:
    """The learner's own line that raised, counted within its cell."""
    frames = traceback.extract_tb(sys.exc_info()[2], limit=-50)
    ours = [frame for frame in frames if _is_cell(frame.filename)]
    if not ours:
        return ""
    frame = ours[-1]
    line = frame.line or linecache.getline(frame.filename, frame.lineno or 0).strip()
    return storable(f"line {frame.lineno}: {line}")


def _is_cell(filename: str) -> bool:
    return "ipython-input" in filename or "ipykernel_" in filename
