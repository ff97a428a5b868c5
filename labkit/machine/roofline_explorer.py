"""The roofline: which limit a matrix product meets on a machine, its arithmetic or its memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from labkit import figures
from labkit.figures.controls import Choice, Scale
from labkit.figures.kept import Canvas
from labkit.figures.numbers import amount, seconds
from labkit.figures.stage import Explorer, View
from labkit.machine.roofline import ITEMSIZE, MACHINES, Machine, Product

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZES = tuple(2**power for power in range(14))  # 1 to 8,192
LOWEST, HIGHEST = 0.1, 1e4  # FLOP/byte, the ends of the left-hand axis
COMPUTING, MOVING = figures.BLUE, figures.RED


def roofline(machines: Mapping[str, Machine] = MACHINES) -> Explorer:
    """Choose a machine, a dtype and a product's sizes; see what limits it, and what a larger batch costs."""

    shared = (dtype for dtype in ITEMSIZE if all(dtype in machine.peak for machine in machines.values()))

    def draw_on(machine: str, dtype: str, m: int, n: int, k: int) -> View:
        return draw(machines[machine], dtype, m, n, k)

    return Explorer(
        draw_on,
        {
            "machine": Choice("Machine", tuple(machines), next(iter(machines))),
            "dtype": Choice("Numbers", tuple(shared), "float32"),
            "m": Scale("Rows m", SIZES, 512),
            "n": Scale("Columns n", SIZES, 512),
            "k": Scale("Inner k", SIZES, 512),
        },
    )


def bound(product: Product, machine: Machine) -> str:
    """What takes longer: "arithmetic" or "memory"."""
    computing, moving = product.seconds(machine)
    return "arithmetic" if computing >= moving else "memory"


CANVAS = Canvas(columns=2, width=8.8, height=3.5, margins={"left": 0.1, "wspace": 0.3})  # room for ticks in words


@figures.styled
def draw(machine: Machine, dtype: str, m: int, n: int, k: int) -> View:
    """One state of the explorer."""
    product = Product(m, n, k, dtype)
    limit, peak, balance = product.limit(machine), machine.peak[dtype], machine.balance(dtype)
    computing, moving = product.seconds(machine)
    what, most = bound(product, machine), max(computing, moving)
    roof, batches = CANVAS.axes()

    roof.plot([LOWEST, balance], [LOWEST * machine.bandwidth, peak], color=MOVING, linestyle="--", label="memory")
    roof.plot([balance, HIGHEST], [peak, peak], color=COMPUTING, label="arithmetic")
    roof.plot([product.intensity], [limit], "o", color=figures.INK, markersize=8, zorder=3)
    roof.axvline(product.intensity, color=figures.GREY, linewidth=1)
    roof.set_xscale("log")
    roof.set_yscale("log")
    _decades(roof, "x", (LOWEST, HIGHEST), lambda intensity: f"{intensity:,g}")
    _decades(roof, "y", (LOWEST * machine.bandwidth / 3, peak * 5), lambda speed: amount(speed, ""))
    roof.set(
        title=f"Limited by {what}: {limit / peak:.0%} of the peak" if limit < peak else "Limited by arithmetic alone",
        xlabel="intensity, FLOP/byte", ylabel="speed allowed, FLOP/s",
    )  # fmt: skip
    roof.legend(loc="lower right")

    rows = np.array(SIZES)
    computed, moved = zip(*(Product(size, n, k, dtype).seconds(machine) for size in SIZES), strict=True)
    batches.plot(rows, moved, color=MOVING, linestyle="--", label="to move the bytes")
    batches.plot(rows, computed, color=COMPUTING, label="to compute")
    batches.plot([m], [most], "o", color=figures.INK, markersize=8, zorder=3)
    batches.axvline(m, color=figures.GREY, linewidth=1)
    batches.set_xscale("log", base=2)
    batches.set_yscale("log")
    batches.set_xticks([1, 8, 64, 512, 4096], ["1", "8", "64", "512", "4,096"])
    batches.set_xlim(SIZES[0] / 1.5, SIZES[-1] * 1.5)
    _decades(batches, "y", (min(*computed, *moved) / 2, max(*computed, *moved) * 8), seconds)
    batches.set(
        title=f"{m:,} {'row takes' if m == 1 else 'rows take'} {seconds(most)}", xlabel="rows m", ylabel="time at least"
    )
    batches.legend(loc="upper left").set_zorder(1.9)  # above the grid; no line is hidden

    alt = (
        f"Two charts for ({m}, {k}) by ({k}, {n}) in {dtype} on {machine.name}. Left, the roofline: the speed allowed "
        f"rises with the intensity to {amount(peak, 'FLOP/s')} at {balance:.3g} FLOP/byte, then stays; this product "
        f"has {product.intensity:.3g} FLOP/byte and is allowed {amount(limit, 'FLOP/s')}, limited by {what}. Right: "
        f"the least time by rows m; {seconds(computing)} to compute and {seconds(moving)} to move the bytes at m = {m}."
    )
    numbers = {
        "to compute": amount(product.flops, "FLOP"),
        "to move": amount(product.bytes, "B"),
        "intensity, FLOP/byte": f"{product.intensity:.3g}",
        "balance of the machine": f"{balance:.3g}",
        "speed allowed": amount(limit, "FLOP/s"),
        "time at least": seconds(most),
        "for each row": seconds(most / m),
    }
    return View(CANVAS.picture(alt), numbers)


def _decades(axes: Axes, axis: str, ends: tuple[float, float], words: Callable[[float], str]) -> None:
    """Ticks at powers of ten, every third where there are many, in words."""
    first, last = math.ceil(math.log10(ends[0]) - 1e-9), math.floor(math.log10(ends[1]) + 1e-9)
    powers = range(first, last + 1, 1 if last - first < 6 else 3)
    axes.minorticks_off()
    axes.set(**{f"{axis}ticks": [10.0**power for power in powers], f"{axis}lim": ends})
    axes.set(**{f"{axis}ticklabels": [words(10.0**power * (1 + 1e-12)) for power in powers]})
