"""What an author's function says of the values that came back: outside the process that returned them."""

import copy
import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from grader.core.errors import ValuesError
from grader.core.values import Value, encode, to_plain
from grader.judging.observe import Failure, Observation, error_message

FORM = "another form"  # the kind of failure of a value of which the author's function can say nothing
_LEAST, _TIMES = 1_000, 10  # a value may hold so many items, and so many times as many as the reference's

Facts = Callable[[Value], Value]


def bound(
    function: Callable[..., Any], inputs: Mapping[str, Value], most: float = math.inf, *, text: bool = True
) -> Facts:
    """The function with those of a probe's inputs that it has parameters for. It can change none of them.

    It is not asked about a value of more than `most` items, as `size` counts them, nor, without `text`, about one that
    holds text: it fails.
    """
    given = {name: _locked(inputs[name]) for name in asked_for(function) if name in inputs}

    def facts(value: Value) -> Value:
        if size(value) > most:
            raise ValuesError(f"it holds more than {most:,} items")
        if not text and holds_text(value):
            raise ValuesError("it holds text")
        said: Value = function(_locked(value), **given)
        return said

    return facts


def room_for(reference: Observation) -> int:
    """How many items a value may hold of which a function is asked, where this one is right.

    Whatever sorts a list goes through an array of 30 million numbers, too, for minutes.
    """
    return _LEAST + _TIMES * size(reference.value)


def size(value: Value) -> int:
    """The items that a value holds at any depth: lists, what is in them, numbers of arrays, characters of texts."""
    if isinstance(value, np.ndarray):  # an empty one may have a billion rows, or room for texts of a billion characters
        items: int = math.prod(max(length, 1) for length in value.shape)
        return items * int(max(value.dtype.itemsize // 4, 1) if value.dtype.kind == "U" else 1)
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return size(list(value)) + size(list(value.values()))
    return 1 + sum(map(size, value)) if isinstance(value, list | tuple) else 1


def holds_text(value: Value) -> bool:
    """Whether there is text in a value, at any depth; a dict's keys are none.

    One long text among a list's numbers makes each number as long where the list becomes an array.
    """
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "U"
    if isinstance(value, dict):
        value = list(value.values())
    return any(map(holds_text, value)) if isinstance(value, list | tuple) else isinstance(value, str)


def asked_for(function: Callable[..., Any]) -> list[str]:
    """The inputs that a function of facts asks for: its parameters behind the first, which is what came back."""
    return list(inspect.signature(function).parameters)[1:]


def facts_of(function: Facts, observation: Observation) -> Observation:
    """What the function says of an observed value, in its place.

    The value is a learner's. If the function does not get through it, it has another form than the reference's.
    """
    if observation.failure:
        return observation
    try:
        with np.errstate(all="ignore"):
            said = to_plain(function(observation.value))
        encode(said)
    except Exception as error:
        told = f"{type(error).__name__}: {error_message(error)}"
        return Observation(failure=Failure(FORM, told), changed=observation.changed)
    return replace(observation, value=said)


def meant(observations: Mapping[str, Observation], facts: Mapping[str, Facts]) -> dict[str, Observation]:
    """The observations of one task, by probe: of each probe that has such a function, what that says."""
    return {
        name: facts_of(facts[name], observation) if name in facts else observation
        for name, observation in observations.items()
    }


def _locked(value: Value) -> Value:
    """A copy that its receiver may do anything with; an array is not copied, and cannot be written to."""
    if isinstance(value, np.ndarray):
        view = value.view()
        view.flags.writeable = False
        return view
    return copy.deepcopy(value)
