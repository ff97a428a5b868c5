"""Momentum: which pairs of rate and momentum converge on a ravine, how fast, and what the walk looks like."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from labkit import figures
from labkit.arrays import Array
from labkit.figures.controls import Choice, Slider
from labkit.figures.kept import Canvas
from labkit.figures.stage import Explorer, View
from labkit.learning.optimisers import Settings, path

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEPS = 60  # of the walk in the right-hand chart
MOST_RATE, MOST_MOMENTUM = 4.0, 0.99
AIM = 1000.0  # how many times smaller the distance is to become
BANDS = (0, 10, 20, 50, 100, 200, 500)  # steps to the aim, the map's colours


def momentum() -> Explorer:
    """Choose a ravine, a rate and a momentum; see whether they converge, and how fast."""
    return Explorer(
        draw,
        {
            "condition": Choice("Steepest / flattest curvature κ", (5, 25, 100), 25),
            "rate": Slider("Learning rate", 0.05, MOST_RATE, 0.05, 1.0),
            "momentum": Slider("Momentum", 0.0, MOST_MOMENTUM, 0.01, 0.0),
        },
    )


def factor(rate: ArrayLike, momentum: ArrayLike, condition: float) -> Array:
    """What one step leaves of the distance in the long run, with curvatures 1 and 1 / condition: below 1 converges.

    Along a curvature c the distance d follows d_next = (1 + momentum - rate c) d - momentum d_before; the factor is
    the larger root, in size, of z^2 - (1 + momentum - rate c) z + momentum.
    """
    rates, momenta = np.asarray(rate, dtype=float), np.asarray(momentum, dtype=float)
    factors = []
    for curvature in (1.0, 1.0 / condition):
        middle = 1 + momenta - rates * curvature
        inside = middle**2 - 4 * momenta
        real = (np.abs(middle) + np.sqrt(np.maximum(inside, 0))) / 2
        factors.append(np.where(inside < 0, np.sqrt(momenta), real))
    return np.maximum(*factors)


def steps_needed(left: ArrayLike) -> Array:
    """Steps until the distance is a thousandth, for a factor a step; infinite where it does not shrink."""
    shrinking = np.clip(np.asarray(left, dtype=float), 1e-12, 1 - 1e-9)
    return np.where(shrinking < 1 - 1e-9, math.log(AIM) / -np.log(shrinking), np.inf)


def best(condition: float) -> tuple[float, float]:
    """The rate and the momentum with the smallest factor (Polyak, 1964)."""
    root = math.sqrt(condition)
    return (2 * root / (root + 1)) ** 2, ((root - 1) / (root + 1)) ** 2


@functools.lru_cache(maxsize=8)
def _map(condition: float) -> tuple[Array, Array, Array]:
    rates, momenta = np.meshgrid(np.linspace(0.01, MOST_RATE, 200), np.linspace(0, MOST_MOMENTUM, 100))
    return rates, momenta, steps_needed(factor(rates, momenta, condition))


MAP, BAR = (0.082, 0.149, 0.304, 0.743), (0.396, 0.149, 0.015, 0.743)
CANVAS = Canvas(columns=2, width=9.2, height=3.7, margins={"wspace": 0.42}, places=(BAR,))


@figures.styled
def draw(condition: float, rate: float, momentum: float) -> View:
    """One state of the explorer."""
    import matplotlib as mpl
    from matplotlib.colors import BoundaryNorm

    left = float(factor(rate, momentum, condition))
    needed = float(steps_needed(left))
    best_rate, best_momentum = best(condition)
    best_left = float(factor(best_rate, best_momentum, condition))
    region, walk, beside = CANVAS.axes()
    region.set_position(MAP)

    colours = mpl.colormaps["cividis_r"]
    norm = BoundaryNorm(BANDS, colours.N, extend="max")
    rates, momenta, steps = _map(condition)
    region.contourf(rates, momenta, np.minimum(steps, 1e6), BANDS, cmap=colours, norm=norm, extend="max")
    grid = np.linspace(0, MOST_MOMENTUM, 50)
    region.fill_betweenx(grid, 2 * (1 + grid), MOST_RATE + 1, facecolor="white", edgecolor=figures.GREY, hatch="///")
    region.plot(2 * (1 + grid), grid, color=figures.INK, linewidth=1.5)
    region.text(3.3, 0.2, "diverges", ha="center", bbox={"facecolor": "white", "edgecolor": "white", "pad": 3})
    region.plot([best_rate], [best_momentum], "*", color="white", markeredgecolor=figures.INK, markersize=15)
    region.plot([rate], [momentum], "o", color=figures.RED, markeredgecolor="white", markersize=10, clip_on=False)
    region.grid(visible=False)
    region.set(
        title=_title(needed), xlabel="learning rate", ylabel="momentum",
        xlim=(0, MOST_RATE), ylim=(0, MOST_MOMENTUM), xticks=range(5),
    )  # fmt: skip
    _draw_bands(beside, [colours(norm(low)) for low in BANDS])

    curvatures = np.array([1.0, 1.0 / condition])
    walked = path("momentum", lambda w: curvatures * w, (1.0, 1.0), STEPS, Settings(rate, momentum), 1e3)
    for column, name, (colour, dash, _) in zip(walked.T, ("steep", "flat"), figures.SERIES, strict=False):
        walk.plot(column, color=colour, linestyle=dash, label=f"along the {name} direction")
    walk.set(
        title="The walk, seen along both directions", xlabel="step", ylabel="distance to the minimum",
        xlim=(0, STEPS), ylim=(-2.1, 2.1), xticks=range(0, STEPS + 1, 20),
    )  # fmt: skip
    walk.legend(loc="upper right")

    numbers = {
        "left of the distance by one step": f"{left:.3f}",
        "steps to a thousandth": _steps(needed),
        "at the star": f"{_steps(float(steps_needed(best_left)))} steps, rate {best_rate:.2f}, momentum "
        f"{best_momentum:.2f}",
    }
    alt = (
        f"Two charts for a ravine with curvatures 1 and 1/{condition:g}. Left: a map of learning rate and momentum, "
        f"coloured by the steps to a thousandth of the distance; right of the line rate = 2 (1 + momentum) the walk "
        f"diverges. The dot, rate {rate:.2f} and momentum {momentum:.2f}: {_steps(needed)} steps, a factor of "
        f"{left:.3f} a step. The star, the best pair: {numbers['at the star']}. Right: the distance along the "
        f"steep and the flat direction over {STEPS} steps."
    )
    return View(CANVAS.picture(alt), numbers)


def _draw_bands(axis: Axes, colours: list[Any]) -> None:
    """What each colour of the map stands for, the last for all beyond: a colour bar that a kept figure can have."""
    for number, colour in enumerate(colours):
        axis.axhspan(number, number + 1, color=colour)
    axis.set(xlim=(0, 1), ylim=(0, len(colours)), xticks=[], yticks=range(len(colours)), yticklabels=BANDS)
    axis.yaxis.tick_right()
    axis.yaxis.set_label_position("right")
    axis.set_ylabel("steps to a thousandth")
    axis.grid(visible=False)


def _title(needed: float) -> str:
    return "This pair diverges" if math.isinf(needed) else f"This pair needs {_steps(needed)} steps"


def _steps(needed: float) -> str:
    return "never" if math.isinf(needed) else f"{math.ceil(needed):,}"
