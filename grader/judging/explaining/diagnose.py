"""What a wrong value tells by itself, without an author's help. Pure.

Each diagnosis has a message that gives no value away, fit for hidden probes, and `detail`, which shows values.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.core.messages import Message, Messages, message
from grader.core.value_text import show
from grader.core.values import Value
from grader.judging.explaining.factors import Outputs, factor_of
from grader.judging.judges import numbers

RTOL, ATOL = 1e-5, 1e-8
NEARLY, SAME = 0.01, 1e-10  # relative to what is expected: what rounding may make of it, and what is the same
NEARLY_ONE = 0.001  # of a single number, which may be as near as 1 % by chance
PLACES = range(1, 7)


@dataclass(frozen=True)
class Diagnosis:
    """One finding about a wrong value."""

    name: str
    message: Message
    detail: Messages = ()


Finding = Callable[[np.ndarray, np.ndarray, Mapping[str, Value]], Diagnosis | None]
"""Looks at what is expected, what came back, and the inputs."""


def diagnose(
    expected: Value, observed: Value, inputs: Mapping[str, Value], constants: Collection[float] = (),
    others: Sequence[Outputs] = (),
) -> Diagnosis | None:  # fmt: skip
    """The first finding that fits, from the most to the least telling; None where the value says nothing.

    `constants` are the numbers in the probe's code, `others` what came of other probes that failed.
    """
    kind = _of_kind(expected, observed)
    left, right = numbers(expected), numbers(observed)
    if kind or left is None or right is None:
        return kind
    if left.shape != right.shape:
        return _wrapped(left, observed) or _shape(left, right)
    found = outputs_of(expected, observed, inputs, constants)
    if found is None:
        return None
    with np.errstate(all="ignore"):
        before = _not_finite(found.expected, found.observed, inputs) or _nearly(found, others)
        return before or _first((_sign,), found) or _factor(found, others) or _first(_BEHIND_FACTORS, found)


def _first(findings: Iterable[Finding], outputs: Outputs) -> Diagnosis | None:
    found = (finding(outputs.expected, outputs.observed, outputs.inputs) for finding in findings)
    return next((finding for finding in found if finding), None)


def outputs_of(
    expected: Value, observed: Value, inputs: Mapping[str, Value], constants: Collection[float] = ()
) -> Outputs | None:
    """Two values as arrays of one shape; None if they are none, or are empty."""
    left, right = numbers(expected), numbers(observed)
    if left is None or right is None or left.shape != right.shape or not left.size:
        return None
    return Outputs(_as_floats(left), _as_floats(right), inputs, constants)


def _as_floats(array: np.ndarray) -> np.ndarray:
    """Booleans have no minus and unsigned integers wrap around: findings count with floats."""
    return array if array.dtype.kind == "c" else array.astype(np.float64)


def _of_kind(expected: Value, observed: Value) -> Diagnosis | None:
    if observed is None and expected is not None:
        return Diagnosis("none", message("value.none"))
    if numbers(expected) is not None and numbers(observed) is None:
        return Diagnosis("kind", message("value.no_numbers", kind=type(observed).__name__))
    return None


def _wrapped(expected: np.ndarray, observed: Value) -> Diagnosis | None:
    """Of the right value in a list or a tuple of one."""
    inner = numbers(observed[0]) if isinstance(observed, list | tuple) and len(observed) == 1 else None
    if inner is None or inner.shape != expected.shape or not _close(expected, inner):
        return None
    if isinstance(observed, tuple):
        return Diagnosis("shape", message("shape.in_a_tuple"))
    return Diagnosis("shape", message("shape.in_a_list"))


def _shape(expected: np.ndarray, observed: np.ndarray) -> Diagnosis:
    detail = (_shapes(expected, observed),)
    if expected.ndim > 1 and expected.T.shape == observed.shape and _close(expected.T, observed):
        return Diagnosis("transposed", message("shape.transposed"), detail)
    if expected.size == observed.size and _close(expected.ravel(), observed.ravel()):
        return Diagnosis("shape", message("shape.other"), detail)
    if expected.ndim == 0:
        return Diagnosis("shape", message("shape.no_number"), detail)
    return Diagnosis("shape", message("shape.wrong"), detail)


def _shapes(expected: np.ndarray, observed: np.ndarray) -> Message:
    if not observed.ndim:
        return message("shape.number_came_back", expected=str(expected.shape))
    if not expected.ndim:
        return message("shape.number_is_expected", observed=str(observed.shape))
    return message("shape.shapes", expected=str(expected.shape), observed=str(observed.shape))


def _not_finite(expected: np.ndarray, observed: np.ndarray, inputs: Mapping[str, Value]) -> Diagnosis | None:
    wrong = ~np.isfinite(observed) & np.isfinite(expected)
    if not wrong.any():
        return None
    what = message("value.nan") if np.isnan(observed[wrong]).any() else message("value.infinity")
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    index, there = _index(place), _inputs_at(place, expected, inputs)
    mine, wanted = show(observed[place].item()), show(expected[place].item())
    if there:
        detail = message("value.at_input", inputs=there, place=index, observed=mine, expected=wanted)
    else:
        detail = message("value.at", place=index, observed=mine, expected=wanted)
    return Diagnosis("not finite", what, (detail,))


def _nearly(outputs: Outputs, others: Sequence[Outputs]) -> Diagnosis | None:
    """Numbers that all differ by so little that it is no other formula, at this probe and at all that failed."""
    if not _is_near(outputs) or not all(map(_is_near, others)):
        return None
    expected, observed = outputs.expected, outputs.observed
    if places := _places(outputs):
        return Diagnosis("nearly", message("value.rounded", places=places))
    gap = float(np.abs(observed - expected).max())
    return Diagnosis("nearly", message("value.nearly"), (message("value.largest_gap", gap=gap),))


def _places(outputs: Outputs) -> int:
    """To how many decimal places every number is rounded; 0 if they are not."""
    expected, observed = outputs.expected, outputs.observed
    if _close(expected, observed):
        return 0
    return next((n for n in PLACES if np.allclose(np.round(expected, n), observed, 0.0, 1e-12)), 0)


def _is_near(outputs: Outputs) -> bool:
    expected, observed = outputs.expected, outputs.observed
    largest = np.abs(expected).max()
    if not np.isfinite(largest) or all((one == np.round(one)).all() for one in (expected, observed)):
        return False  # whole numbers are counted, not computed
    gap, most = np.abs(observed - expected), NEARLY if expected.size > 1 else NEARLY_ONE
    if _places(outputs) > 1:
        return True
    apart = gap > SAME * np.abs(expected)
    return bool((gap <= most * np.abs(expected) + SAME * largest).all() and apart.sum() * 2 >= (expected != 0).sum())


def _sign(expected: np.ndarray, observed: np.ndarray, _: Mapping[str, Value]) -> Diagnosis | None:
    if _close(-expected, observed):
        return Diagnosis("sign", message("value.sign"))
    return None


def _factor(outputs: Outputs, others: Sequence[Outputs]) -> Diagnosis | None:
    told = factor_of(outputs, others)
    return Diagnosis("factor", told[0], told[1:]) if told else None


def _offset(expected: np.ndarray, observed: np.ndarray, _: Mapping[str, Value]) -> Diagnosis | None:
    if expected.size < 2:
        return None
    offset = (observed - expected).ravel()[0]
    if offset == 0 or not _close(expected + offset, observed):
        return None
    if offset.real < 0:
        much = message("value.too_little", much=show(-offset.item()))
    else:
        much = message("value.too_much", much=show(offset.item()))
    return Diagnosis("offset", message("value.offset"), (much,))


def _transposed(expected: np.ndarray, observed: np.ndarray, _: Mapping[str, Value]) -> Diagnosis | None:
    if expected.ndim == 2 and expected.shape[0] == expected.shape[1] > 1 and _close(expected.T, observed):
        return Diagnosis("transposed", message("shape.transposed"))
    return None


def _shifted(expected: np.ndarray, observed: np.ndarray, _: Mapping[str, Value]) -> Diagnosis | None:
    for axis in dict.fromkeys((expected.ndim - 1, 0)) if expected.ndim else ():
        mine, theirs = np.moveaxis(observed, axis, 0), np.moveaxis(expected, axis, 0)
        if len(theirs) < 3:
            continue
        for shifted, right in ((mine[1:], theirs[:-1]), (mine[:-1], theirs[1:])):
            if _close(right, shifted) and np.unique(right).size > 1:
                return Diagnosis("shifted", message("value.shifted"))
    return None


def _some(expected: np.ndarray, observed: np.ndarray, inputs: Mapping[str, Value]) -> Diagnosis | None:
    wrong = ~np.isclose(observed, expected, RTOL, ATOL, equal_nan=True)
    if expected.size < 2 or wrong.mean() >= 0.5 or not wrong.any():
        return None
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    index, there = _index(place), _inputs_at(place, expected, inputs)
    mine, wanted = show(observed[place].item()), show(expected[place].item())
    bad, count = int(wrong.sum()), wrong.size
    if there:
        detail = message(
            "value.some_at_input", wrong=bad, count=count, inputs=there, place=index, observed=mine, expected=wanted
        )
    else:
        detail = message("value.some_at", wrong=bad, count=count, place=index, observed=mine, expected=wanted)
    return Diagnosis("some", message("value.some"), (detail,))


def _index(place: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, place))}]" if place else ""


def _inputs_at(place: tuple[int, ...], expected: np.ndarray, inputs: Mapping[str, Value]) -> tuple[str, ...]:
    """What the inputs hold at the same place."""
    return tuple(
        f"{name}{_index(place)} = {show(value[place].item())}"
        for name, value in inputs.items()
        if isinstance(value, np.ndarray) and value.shape == expected.shape and place
    )


def _close(expected: np.ndarray, observed: np.ndarray) -> bool:
    return bool(np.isclose(observed, expected, RTOL, ATOL, equal_nan=True).all())


_BEHIND_FACTORS: tuple[Finding, ...] = (_offset, _transposed, _shifted, _some)
