"""Timings that can be trusted: warmed up, long enough to read from a clock, repeated, and with their spread."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labkit.roofline import Machine, Product

if TYPE_CHECKING:
    from labkit.figures import Picture

RUNS = 5
SHORTEST = 0.02  # seconds: a run this long drowns the clock's own error
COPIED = 128 * 2**20  # bytes: more than a processor's caches hold
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
LARGE = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
ROUNDED = 1.0005  # what has three digits of 1000 is 1 of the next unit


@dataclass(frozen=True)
class Timing:
    """Seconds that one operation took, once for each run."""

    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        """The run in the middle: one disturbed run does not move it."""
        return statistics.median(self.runs)

    @property
    def fastest(self) -> float:
        """The least disturbed run."""
        return min(self.runs)

    def rates(self, amount: float) -> NDArray[np.float64]:
        """The amount by the second, for each run."""
        return amount / np.array(self.runs)

    def __str__(self) -> str:
        """The median, and the spread of the runs."""
        return f"{seconds(self.median)}, from {seconds(min(self.runs))} to {seconds(max(self.runs))}"


def seconds(value: float) -> str:
    """A time with three digits and the unit that suits it: 20 µs."""
    size, unit = _unit(value)
    return f"{value / size:.3g} {unit}" if value / size * ROUNDED < 1000 else f"{value / size:,.0f} {unit}"


def amount(value: float, unit: str) -> str:
    """A number of FLOP or bytes with three digits and the prefix that suits it: 67 TFLOP/s."""
    size, prefix = next((p for p in LARGE if value * ROUNDED >= p[0]), (1.0, ""))
    return f"{value / size:.3g} {prefix}{unit}"


def percent(share: float) -> str:
    """A share with two digits: 79%, 0.042%."""
    return f"{share:.0%}" if share > 0.0995 else f"{100 * share:.2g}%"


def measure(repeat: Callable[[int], object], runs: int = RUNS, shortest: float = SHORTEST) -> Timing:
    """Time an operation. `repeat(count)` does it count times and returns when the last is finished.

    The first call is not counted: it may compile, load libraries and get memory.
    """
    repeat(1)
    count = 1
    while (taken := _clock(repeat, count)) < shortest:
        count = max(2 * count, round(count * shortest / max(taken, 1e-9)))
    return Timing(tuple(_clock(repeat, count) / count for _ in range(runs)))


def rotation(n: int, seed: int = 0) -> NDArray[np.float32]:
    """An orthogonal (n, n) matrix without a zero: products with it can be chained for ever and stay as large.

    A reflection at a random plane (Householder, 1958), which takes no time to make.
    """
    normal = np.random.default_rng(seed).normal(size=n).astype("float32")
    normal /= np.linalg.norm(normal)
    return np.eye(n, dtype="float32") - 2 * np.outer(normal, normal)


def machine(device: str, timings: Mapping[Product, Timing]) -> Machine:
    """A Keras device as measured: its peak is the fastest run of these products, its bandwidth that of a copy."""
    peak = max(product.flops / timing.fastest for product, timing in timings.items())
    return Machine(device, {"float32": peak}, bandwidth(device))


def by_size(machine: Machine, timings: Mapping[Product, Timing], python_speed: float) -> Picture:
    """The speed of square products against the limit that is counted, and plain Python's below."""
    from labkit import figures

    sizes = [product.m for product in timings]
    rates = np.transpose([timing.rates(product.flops) for product, timing in timings.items()])  # (runs, sizes)
    limits = np.array([[product.limit(machine) for product in timings]])  # (1, sizes)
    middle = np.median(rates, axis=0)
    first, last = (percent(share) for share in (middle / limits[0])[[0, -1]])
    told = ", ".join(f"{amount(rate, 'FLOP/s')} at {size}" for size, rate in zip(sizes, middle, strict=True))
    return figures.curves(
        sizes,
        {"counted limit": limits / 1e9, f"Keras on {machine.name}": rates / 1e9},
        level=("plain Python", python_speed / 1e9),
        middle=np.median,
        log="xy",
        title=f"{machine.name}: {first} of the limit at size {sizes[0]}, {last} at {sizes[-1]}",
        xlabel="size n of the square matrices",
        ylabel="speed, GFLOP/s",
        alt=f"Speed by size on {machine.name}, logarithmic, median and range of {len(rates)} runs: {told}. The counted "
        f"limit is {amount(limits[0, 0], 'FLOP/s')} at {sizes[0]} and {amount(limits[0, -1], 'FLOP/s')} at "
        f"{sizes[-1]}. Plain Python: {amount(python_speed, 'FLOP/s')}.",
    )


def by_batch(machine: Machine, timings: Mapping[Product, Timing]) -> Picture:
    """The time that each row of a batch takes in a layer, against the least that is counted."""
    from labkit import figures

    batches = [product.m for product in timings]
    each = np.transpose([np.array(timing.runs) / product.m for product, timing in timings.items()])  # (runs, batches)
    least = np.array([[max(product.seconds(machine)) / product.m for product in timings]])  # (1, batches)
    middle = np.median(each, axis=0)
    size, unit = _unit(each.max())
    times = middle[0] / middle[-1]
    told = ", ".join(f"{seconds(time)} at {batch}" for batch, time in zip(batches, middle, strict=True))
    return figures.curves(
        batches,
        {"counted limit": least / size, f"Keras on {machine.name}": each / size},
        middle=np.median,
        log="xy",
        title=f"Alone, a row takes {times:.{1 if times < 10 else 0}f} times as long as among {batches[-1]}",
        xlabel="rows in the batch",
        ylabel=f"time for each row, {unit}",
        alt=f"Time for each row by batch on {machine.name}, logarithmic, median and range of {len(each)} runs: {told}. "
        f"The counted limit falls from {seconds(least[0, 0])} to {seconds(least[0, -1])}.",
    )


def bandwidth(device: str) -> float:
    """Bytes/s that the memory of a Keras device reads and writes while it copies, in the fastest of several runs."""
    timing = measure(_copy_on_cpu() if device.startswith("cpu") else _copy_by_keras(device))
    return 2 * COPIED / timing.fastest  # each byte is read and written


def _unit(value: float) -> tuple[float, str]:
    return next((unit for unit in UNITS if value * ROUNDED >= unit[0]), UNITS[-1])


def _clock(repeat: Callable[[int], object], count: int) -> float:
    start = time.perf_counter()
    repeat(count)
    return time.perf_counter() - start


def _copy_on_cpu() -> Callable[[int], object]:
    """All cores copy, into memory that is there already: getting it anew would take longer than the copy."""
    workers = os.cpu_count() or 1
    source, target = np.ones(COPIED // 4, "float32"), np.zeros(COPIED // 4, "float32")
    parts = list(zip(np.array_split(target, workers), np.array_split(source, workers), strict=True))

    def repeat(count: int) -> None:
        with ThreadPoolExecutor(workers) as pool:
            for _ in range(count):
                list(pool.map(lambda part: np.copyto(*part), parts))

    return repeat


def _copy_by_keras(device: str) -> Callable[[int], object]:
    """Negation copies every number, with another sign; a plain copy might be left out."""
    import keras

    with keras.device(device):
        source = keras.ops.ones(COPIED // 4, "float32")

    def repeat(count: int) -> None:
        x: Any = source
        with keras.device(device):
            for _ in range(count):
                x = keras.ops.negative(x)
            keras.ops.convert_to_numpy(x[0])

    return repeat
