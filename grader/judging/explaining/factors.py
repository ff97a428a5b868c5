"""By which constant factor wrong values are off, if that is sure. Pure."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.core.messages import Message, Messages, message
from grader.core.values import Value

RTOL, ATOL = 1e-5, 1e-8
_NO_FACTOR = 0.01  # so near to 1, it is no factor
_APART = 1.05  # outputs of clearly different sizes
_COMMON = (2.0, 0.5, -2.0, -0.5)  # in the code of any probe


@dataclass(frozen=True)
class Outputs:
    """What is expected of one probe and what came back, of one shape; its inputs, and the numbers in its code."""

    expected: np.ndarray
    observed: np.ndarray
    inputs: Mapping[str, Value]
    constants: Collection[float] = ()


def factor_of(outputs: Outputs, others: Sequence[Outputs]) -> Messages:
    """What to say of the factor, its value behind; nothing if it is not sure.

    It is sure if every other failing probe shows the same factor and there is one, or if several outputs do that are
    of clearly different sizes; and if it is none of the probe's own constants: an input of 40 that is passed on is no
    factor of 40. That an input is the factor is sure if it is in several probes, and another number in each.
    """
    ratio = _ratio(outputs)
    if ratio is None or _is_one(ratio):
        return ()
    every = [ratio, *(other for one in others if (other := _ratio(one)) is not None and not _is_one(other))]
    if len(every) <= len(others):  # one shows none
        return ()
    if not all(_is_same(ratio, other) for other in every):
        shared = [said for said in _known(outputs, (_by_shape, _by_input)) if _is_known(said, others)]
        return tuple(shared[:1])
    if _is_own(ratio, outputs) or not (others or _differ(outputs.expected)):
        return ()
    known = [said for said in _known(outputs, (_by_itself, _by_shape)) if _is_known(said, others)]
    return (known[0],) if known else (message("factor.any"), message("factor.each", ratio=ratio))


def _ratio(outputs: Outputs) -> float | None:
    """The one factor between all outputs, if there is one."""
    expected, observed = outputs.expected, outputs.observed
    if not expected.any() or not observed.any():
        return None
    largest = np.unravel_index(np.abs(expected).argmax(), expected.shape)
    ratio = float(np.real(observed[largest] / expected[largest]))
    fits = ratio != 0 and math.isfinite(ratio) and _close(expected * ratio, observed)
    return ratio if fits else None


def _is_one(ratio: float) -> bool:
    return math.isclose(ratio, 1.0, rel_tol=_NO_FACTOR)


def _is_same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=RTOL)


def _is_known(said: Message, others: Sequence[Outputs]) -> bool:
    """Whether the factors of other outputs are the same count, or the same input."""
    return all(said in _known(other) for other in others)


def _known(outputs: Outputs, tables: "Sequence[Table]" = ()) -> list[Message]:
    """What is known of the factor of outputs."""
    ratio = _ratio(outputs)
    factors = (factor for table in tables or _TABLES for factor in table(outputs.inputs))
    return [said for value, said in factors if ratio is not None and _is_same(ratio, value)]


def _differ(expected: np.ndarray) -> bool:
    """Whether there are outputs of clearly different sizes."""
    sizes = np.abs(expected[expected != 0])
    return sizes.size > 1 and bool(sizes.max() > _APART * sizes.min())


def _is_own(ratio: float, outputs: Outputs) -> bool:
    """Whether a factor, or what it divides by, is a number of the probe's."""
    given = [float(value) for value in outputs.inputs.values() if isinstance(value, int | float)]
    written = [constant for constant in outputs.constants if ratio not in _COMMON]
    own = [abs(number) for number in (*given, *written) if number and math.isfinite(number)]
    return any(math.isclose(abs(one), number, rel_tol=1e-3) for number in own for one in (ratio, 1 / ratio))


def _by_itself(_: Mapping[str, Value]) -> Iterator[tuple[float, Message]]:
    """Factors that answers are often off by, and what to say of each."""
    for known, factor in ((2.0, "2"), (0.5, "1/2"), (-2.0, "-2"), (-0.5, "-1/2"), (math.log(2), "ln 2")):
        yield known, message("factor.known", factor=factor)
    yield 1 / math.log(2), message("factor.other_base")


def _by_shape(inputs: Mapping[str, Value]) -> Iterator[tuple[float, Message]]:
    """The counts of what the inputs hold."""
    for name, value in inputs.items():
        shape: tuple[int, ...] = value.shape if isinstance(value, np.ndarray) else ()
        if 0 in shape:
            continue
        if len(shape) == 2:
            rows, columns = shape
            yield float(rows), message("factor.rows", name=name)
            yield 1 / rows, message("factor.per_row", name=name)
            yield float(columns), message("factor.columns", name=name)
            yield 1 / columns, message("factor.per_column", name=name)
        else:
            for n in shape:
                yield float(n), message("factor.length", name=name)
                yield 1 / n, message("factor.per_length", name=name)
        if len(shape) > 1:
            yield float(math.prod(shape)), message("factor.size", name=name)
            yield 1 / math.prod(shape), message("factor.per_element", name=name)


def _by_input(inputs: Mapping[str, Value]) -> Iterator[tuple[float, Message]]:
    """The numbers among the inputs."""
    for name, value in inputs.items():
        if isinstance(value, int | float) and math.isfinite(value) and value not in (0, 1):
            yield float(value), message("factor.input", name=name)
            yield 1 / value, message("factor.per_input", name=name)
            yield float(value - 1), message("factor.input_less_one", name=name)
            yield 1 / (value - 1), message("factor.per_input_less_one", name=name)


Table = Callable[[Mapping[str, Value]], Iterator[tuple[float, Message]]]
_TABLES: tuple[Table, ...] = (_by_itself, _by_shape, _by_input)


def _close(expected: np.ndarray, observed: np.ndarray) -> bool:
    return bool(np.isclose(observed, expected, RTOL, ATOL, equal_nan=True).all())
