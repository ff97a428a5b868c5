"""What a wrong value tells by itself, without an author's help. Pure.

Each diagnosis has a `text` that gives no value away, fit for hidden probes, and a `detail` that shows values.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from grader.core.value_text import show
from grader.core.values import Value
from grader.judging.judges import numbers

RTOL, ATOL = 1e-5, 1e-8


@dataclass(frozen=True)
class Diagnosis:
    """One finding about a wrong value."""

    name: str
    text: str
    detail: str = ""


def diagnose(expected: Value, observed: Value, inputs: Mapping[str, Value]) -> Diagnosis | None:
    """The first finding that fits, from the most to the least telling; None where the value says nothing."""
    kind = _of_kind(expected, observed)
    left, right = numbers(expected), numbers(observed)
    if kind or left is None or right is None:
        return kind
    if left.shape != right.shape:
        return _shape(left, right)
    if left.size == 0:
        return None
    left, right = _as_floats(left), _as_floats(right)
    with np.errstate(all="ignore"):
        return next((found for finding in _FINDINGS if (found := finding(left, right, inputs))), None)


def _as_floats(array: np.ndarray) -> np.ndarray:
    """Booleans have no minus and unsigned integers wrap around: findings count with floats."""
    return array if array.dtype.kind == "c" else array.astype(np.float64)


def _of_kind(expected: Value, observed: Value) -> Diagnosis | None:
    if observed is None and expected is not None:
        return Diagnosis("none", "It returns None: is a `return` missing?")
    if numbers(expected) is not None and numbers(observed) is None:
        return Diagnosis("kind", f"It returns a {type(observed).__name__} where numbers are expected.")
    return None


def _shape(expected: np.ndarray, observed: np.ndarray) -> Diagnosis:
    detail = f"Expected {_shape_text(expected)}, got {_shape_text(observed)}."
    if expected.ndim > 1 and expected.T.shape == observed.shape and _close(expected.T, observed):
        return Diagnosis("transposed", "The result is transposed: rows and columns are exchanged.", detail)
    if expected.size == observed.size and _close(expected.ravel(), observed.ravel()):
        return Diagnosis("shape", "The numbers are right, but the shape is wrong.", detail)
    if expected.ndim == 0:
        return Diagnosis("shape", "One number is expected; an array came back. Which reduction is missing?", detail)
    return Diagnosis("shape", "The shape is wrong.", detail)


def _shape_text(array: np.ndarray) -> str:
    return f"shape {array.shape}" if array.ndim else "a single number"


def _not_finite(expected: np.ndarray, observed: np.ndarray, inputs: Mapping[str, Value]) -> Diagnosis | None:
    wrong = ~np.isfinite(observed) & np.isfinite(expected)
    if not wrong.any():
        return None
    what = "NaN (not a number)" if np.isnan(observed[wrong]).any() else "Infinity"
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    return Diagnosis("not finite", f"{what} comes back for some inputs.", _at(place, expected, observed, inputs))


def _nearly(expected: np.ndarray, observed: np.ndarray, _: Mapping[str, Value]) -> Diagnosis | None:
    if _close(expected, observed):
        return Diagnosis("nearly", "It is nearly right: was something rounded, or computed in a smaller dtype?")
    return None


def _sign(expected: np.ndarray, observed: np.ndarray, _: Mapping[str, Value]) -> Diagnosis | None:
    if _close(-expected, observed):
        return Diagnosis("sign", "The sign is flipped; the rest is right.")
    return None


def _factor(expected: np.ndarray, observed: np.ndarray, inputs: Mapping[str, Value]) -> Diagnosis | None:
    if not expected.any() or not observed.any():
        return None
    largest = np.unravel_index(np.abs(expected).argmax(), expected.shape)
    ratio = float(np.real(observed[largest] / expected[largest]))
    if ratio == 0 or not math.isfinite(ratio) or not _close(expected * ratio, observed):
        return None
    for value, name in _named_factors(inputs):
        if math.isclose(ratio, value, rel_tol=RTOL):
            return Diagnosis("factor", f"It is off by a constant factor: {name} times what is expected.")
    if expected.size > 1:
        return Diagnosis("factor", "It is off by a constant factor.", f"Each value is {ratio:.6g} times the expected.")
    return None


def _named_factors(inputs: Mapping[str, Value]) -> Iterator[tuple[float, str]]:
    yield from ((2.0, "2"), (0.5, "1/2"), (-2.0, "-2"), (-0.5, "-1/2"))
    yield from ((math.log(2), "ln 2"), (1 / math.log(2), "1/ln 2 (another base of the logarithm)"))
    for name, value in inputs.items():
        shape = np.shape(value) if isinstance(value, np.ndarray) else ()
        axes = ["rows", "columns"] if len(shape) == 2 else [f"axis {i}" for i in range(len(shape))]
        if 0 in shape:
            continue
        for n, axis in zip(shape, axes, strict=True):
            yield float(n), f"n (the number of {axis} of {name})" if len(shape) == 2 else f"n (the length of {name})"
            yield (
                1 / n,
                f"1/n (n is the number of {axis} of {name})" if len(shape) == 2 else f"1/n (n: length of {name})",
            )
        if len(shape) > 1:
            yield float(math.prod(shape)), f"n (the number of all elements of {name})"
            yield 1 / math.prod(shape), f"1/n (n is the number of all elements of {name})"


def _offset(expected: np.ndarray, observed: np.ndarray, _: Mapping[str, Value]) -> Diagnosis | None:
    if expected.size < 2:
        return None
    offset = (observed - expected).ravel()[0]
    if offset == 0 or not _close(expected + offset, observed):
        return None
    much = f"{show(-offset.item())} too little." if offset.real < 0 else f"{show(offset.item())} too much."
    return Diagnosis("offset", "It is off by the same constant everywhere.", much)


def _transposed(expected: np.ndarray, observed: np.ndarray, _: Mapping[str, Value]) -> Diagnosis | None:
    if expected.ndim == 2 and expected.shape[0] == expected.shape[1] > 1 and _close(expected.T, observed):
        return Diagnosis("transposed", "The result is transposed: rows and columns are exchanged.")
    return None


def _shifted(expected: np.ndarray, observed: np.ndarray, _: Mapping[str, Value]) -> Diagnosis | None:
    if expected.ndim == 0 or expected.shape[-1] < 3:
        return None
    later, earlier = (observed[..., 1:], expected[..., :-1]), (observed[..., :-1], expected[..., 1:])
    for mine, theirs in (later, earlier):
        if _close(theirs, mine) and np.unique(theirs).size > 1:
            return Diagnosis("shifted", "The values are right but shifted by one place.")
    return None


def _some(expected: np.ndarray, observed: np.ndarray, inputs: Mapping[str, Value]) -> Diagnosis | None:
    wrong = ~np.isclose(observed, expected, RTOL, ATOL, equal_nan=True)
    if expected.size < 2 or wrong.mean() >= 0.5 or not wrong.any():
        return None
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    share = f"{int(wrong.sum())} of {wrong.size} values"
    return Diagnosis(
        "some", "It is right for most inputs, wrong for some.", f"{share}: {_at(place, expected, observed, inputs)}"
    )


def _at(place: tuple[int, ...], expected: np.ndarray, observed: np.ndarray, inputs: Mapping[str, Value]) -> str:
    """One place, with the inputs that stand at the same place."""
    index = f"[{', '.join(map(str, place))}]" if place else ""
    there = [
        f"{name}{index} = {show(value[place].item())}"
        for name, value in inputs.items()
        if isinstance(value, np.ndarray) and value.shape == expected.shape and place
    ]
    got = f"result{index} is {show(observed[place].item())}, expected {show(expected[place].item())}"
    return f"where {' and '.join(there)}, {got}." if there else f"{got}."


def _close(expected: np.ndarray, observed: np.ndarray) -> bool:
    return bool(np.isclose(observed, expected, RTOL, ATOL, equal_nan=True).all())


_FINDINGS: tuple[Callable[[np.ndarray, np.ndarray, Mapping[str, Value]], Diagnosis | None], ...] = (
    _not_finite, _nearly, _sign, _factor, _offset, _transposed, _shifted, _some,
)  # fmt: skip
