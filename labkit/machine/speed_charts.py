"""Measured speeds beside the limits that are counted."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from labkit import figures
from labkit.figures.numbers import amount, percent, seconds, unit_of
from labkit.machine.roofline import Machine, Product
from labkit.machine.timing import Timing


def by_size(machine: Machine, timings: Mapping[Product, Timing], python_speed: float) -> figures.Picture:
    """The speed of square products against the limit that is counted, and plain Python's below."""
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


def by_batch(machine: Machine, timings: Mapping[Product, Timing]) -> figures.Picture:
    """The time that each row of a batch takes in a layer, against the least that is counted."""
    batches = [product.m for product in timings]
    each = np.transpose([np.array(timing.runs) / product.m for product, timing in timings.items()])  # (runs, batches)
    least = np.array([[max(product.seconds(machine)) / product.m for product in timings]])  # (1, batches)
    middle = np.median(each, axis=0)
    size, unit = unit_of(each.max())
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
