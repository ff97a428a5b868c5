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

from labkit.figures.numbers import seconds
from labkit.machine.roofline import Machine, Product

if TYPE_CHECKING:
    pass

RUNS = 5
SHORTEST = 0.02  # seconds: a run this long drowns the clock's own error
COPIED = 128 * 2**20  # bytes: more than a processor's caches hold


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


def bandwidth(device: str) -> float:
    """Bytes/s that the memory of a Keras device reads and writes while it copies, in the fastest of several runs."""
    timing = measure(_copy_on_cpu() if device.startswith("cpu") else _copy_by_keras(device))
    return 2 * COPIED / timing.fastest  # each byte is read and written


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
