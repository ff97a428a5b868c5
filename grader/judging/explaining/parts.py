"""Where a wrong value parts from the right one: which keys, places, rows, columns or steps are right. Pure.

A part is named as Python would write it: `w2` of a dictionary, `result[1]` of a tuple, `result[:, 0]` of an array.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest

import numpy as np

from grader.core.messages import Message, Messages, message
from grader.core.text import one_line
from grader.core.values import Value
from grader.judging.judges import numbers

MOST_NAMED = 6
_MOST_PARTS = 8  # of a tuple: what is longer is a list, such as a path
_DEEPEST = 3
_MOST_ROWS = 5_000  # to compare more of them one by one takes seconds
_MOST_KEY = 40  # characters of a dictionary's key
Same = Callable[[Value, Value], bool]


@dataclass(frozen=True)
class Parted:
    """What there is to say of a value's parts; `name`, `expected` and `observed` are those of the first wrong part.

    `name` is "" if the value has no parts that can be told apart.
    """

    messages: Messages = ()
    name: str = ""
    expected: Value = None
    observed: Value = None


NOWHERE = Parted()


def parted(expected: Value, observed: Value, same: Same, *, steps: bool = False) -> Parted:
    """Where the observed value parts from the expected one, as far as both have the same parts.

    `same` compares two parts. `steps` says that the rows are steps, one after the other.
    """
    return _parted(expected, observed, same, "result", steps, 0)


def parted_unseen(expected: Value, observed: Value, same: Same, words: Collection[str]) -> Parted:
    """The same of a value that is not shown: only which of few parts are right, and of them nothing.

    A dictionary's keys are named if all of them are among `words`, those that the probe's own code holds: others may
    be what a hidden input is about. No row and no place of an array is told: a list of guesses would be told which of
    them are right.
    """
    if isinstance(expected, dict) and not all(key in words for key in expected):
        return NOWHERE
    parts = _parts(expected, observed, "result")
    if parts is None or len(parts) > _MOST_PARTS:
        return NOWHERE
    return Parted(_some(*_sorted_out(parts, same)))


def _parted(expected: Value, observed: Value, same: Same, name: str, steps: bool, depth: int) -> Parted:
    """Of a value that is called so."""
    parts = _parts(expected, observed, name)
    if parts is None:
        return Parted(tuple(_of_rows(expected, observed, same, name, steps)))
    right, wrong = _sorted_out(parts, same)
    other_keys = tuple(_other_keys(expected, observed))
    said = (*other_keys, *_some(right, wrong))
    if not wrong:
        return Parted(said)
    first = wrong[0]
    inner = NOWHERE
    if depth < _DEEPEST:
        inner = _parted(*parts[first], same, first, steps, depth + 1)
    return Parted((*said, *inner.messages), inner.name or first, *(_value(inner) or parts[first]))


def _value(inner: Parted) -> tuple[Value, Value] | None:
    return (inner.expected, inner.observed) if inner.name else None


def _parts(expected: Value, observed: Value, name: str) -> Mapping[str, tuple[Value, Value]] | None:
    """What both values have, by its name; None if they are not of parts, such as arrays."""
    if isinstance(expected, dict) and isinstance(observed, dict):
        return {_key(name, key): (value, observed[key]) for key, value in expected.items() if key in observed}
    if not isinstance(expected, list | tuple) or not isinstance(observed, list | tuple):
        return None
    if not _is_row(expected) or len(expected) != len(observed):
        return None
    pairs = zip(expected, observed, strict=True)
    return {f"{name}[{place}]": pair for place, pair in enumerate(pairs)}


def _key(name: str, key: str) -> str:
    short = one_line(key, _MOST_KEY)
    return short if name == "result" else f"{name}[{short!r}]"


def _is_row(value: list[Value] | tuple[Value, ...]) -> bool:
    """Whether a list or a tuple is a few parts, rather than a vector or a path."""
    if not 1 < len(value) <= _MOST_PARTS:
        return False
    return isinstance(value, tuple) or any(isinstance(item, list | tuple | dict | np.ndarray) for item in value)


def _sorted_out(parts: Mapping[str, tuple[Value, Value]], same: Same) -> tuple[list[str], list[str]]:
    """The names of the right parts, and of the wrong ones."""
    return _by_truth(list(parts), [same(*pair) for pair in parts.values()])


def _other_keys(expected: Value, observed: Value) -> Iterator[Message]:
    if not isinstance(expected, dict) or not isinstance(observed, dict):
        return
    if missing := _keys(expected, observed):
        yield message("parts.missing", names=missing)
    if unasked := _keys(observed, expected):
        yield message("parts.unasked", names=unasked)


def _keys(those: Mapping[str, Value], others: Mapping[str, Value]) -> tuple[str, ...]:
    """The first keys of one dictionary that the other has not."""
    return tuple(one_line(key, _MOST_KEY) for key in nsmallest(MOST_NAMED, those.keys() - others.keys()))


def _some(right: Sequence[str], wrong: Sequence[str]) -> Messages:
    """Which are right and which are not; nothing if all are the same: that says nothing."""
    if not right or not wrong:
        return ()
    if len(right) <= MOST_NAMED and len(wrong) <= MOST_NAMED:
        return (message("parts.some", right=tuple(right), wrong=tuple(wrong)),)
    if len(wrong) <= MOST_NAMED:
        return (message("parts.few_wrong", wrong=tuple(wrong), right=len(right)),)
    if len(right) <= MOST_NAMED:
        return (message("parts.few_right", right=tuple(right), wrong=len(wrong)),)
    return (message("parts.first_wrong", first=wrong[0], wrong=len(wrong), count=len(wrong) + len(right)),)


def _of_rows(expected: Value, observed: Value, same: Same, name: str, steps: bool) -> Iterator[Message]:
    """Of arrays of one shape, and of lists: which rows or places are right; else which columns."""
    if _are_lists(expected, observed):
        yield from _of_lists(expected, observed, same, name)
        return
    left, right = numbers(expected), numbers(observed)
    if left is None or right is None or left.shape != right.shape or not left.ndim:
        return
    if left.size < 2 or len(left) > _MOST_ROWS:
        return
    rows = [same(one, other) for one, other in zip(left, right, strict=True)]
    if any(rows) and not all(rows):
        yield from _of_places(rows, name, steps, left.ndim == 1)
    elif left.ndim == 2:
        columns = [same(one, other) for one, other in zip(left.T, right.T, strict=True)]
        names = [f"{name}[:, {place}]" for place in range(len(columns))]
        yield from _some(*_by_truth(names, columns))


def _of_places(rows: Sequence[bool], name: str, steps: bool, flat: bool) -> Iterator[Message]:
    first = rows.index(False)
    if first and not any(rows[first:]) and (steps or first > 1) and len(rows) - first > 1:
        last = first - 1
        if steps:
            said = message("parts.step", last=last, first=first) if last else message("parts.first_step")
        else:
            said = message("parts.from", last=f"{name}[{last}]", first=f"{name}[{first}]")
        yield said
        return
    names = [f"{name}[{place}]" for place in range(len(rows))]
    yield from _some(*_by_truth(names, rows))


def _by_truth(names: Sequence[str], right: Sequence[bool]) -> tuple[list[str], list[str]]:
    marked = list(zip(names, right, strict=True))
    return [name for name, is_right in marked if is_right], [name for name, is_right in marked if not is_right]


def _are_lists(expected: Value, observed: Value) -> bool:
    """Whether both are lists that no array holds, such as lists of words."""
    both = isinstance(expected, list | tuple) and isinstance(observed, list | tuple)
    return both and numbers(expected) is None


def _of_lists(expected: Value, observed: Value, same: Same, name: str) -> Iterator[Message]:
    """Of lists of any length: how far they are the same."""
    assert isinstance(expected, list | tuple) and isinstance(observed, list | tuple)
    pairs = list(zip(expected[:_MOST_ROWS], observed, strict=False))
    right = [same(*pair) for pair in pairs]
    first = right.index(False) if False in right else len(right)
    if first and (first < len(expected) or first < len(observed)):
        last = f"{name}[{first - 1}]"
        if first == len(observed):
            yield message("parts.ends_early", last=last)
        elif first == len(expected):
            yield message("parts.goes_on", last=last)
        else:
            yield message("parts.from", last=last, first=f"{name}[{first}]")
