"""Descent: the paths of six optimisers on one surface, at one rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from labkit import figures
from labkit.arrays import Array
from labkit.figures.controls import Choice, Slider
from labkit.figures.kept import Canvas
from labkit.figures.stage import Explorer, View
from labkit.learning.optimisers import OPTIMISERS, Settings, path

RATES = (0.003, 0.01, 0.03, 0.1, 0.3)
LOWEST, HIGHEST = 1e-8, 1e3  # the ends of the right-hand axis
TICKS = (1e-8, 1e-6, 1e-4, 1e-2, 1.0, 100.0)
FAR = 100.0  # a path that comes this far has been lost


@dataclass(frozen=True)
class Surface:
    """A loss of two weights, its gradient, the value of its minimum, and where a walk begins."""

    loss: Callable[[Array, Array], Array]
    gradient: Callable[[Array], Array]
    start: tuple[float, float]
    least: float
    minima: tuple[tuple[float, float], ...]
    width: tuple[float, float]
    height: tuple[float, float]


SURFACES = {
    "ravine": Surface(
        lambda x, y: (x**2 + 25 * y**2) / 2,
        lambda w: w * np.array([1.0, 25.0]),
        start=(-4.0, 1.0), least=0.0, minima=((0.0, 0.0),), width=(-5, 3), height=(-1.8, 1.8),
    ),
    "bend": Surface(
        lambda x, y: ((1 - x) ** 2 + 5 * (y - x**2) ** 2) / 2,
        lambda w: np.array([w[0] - 1 - 10 * w[0] * (w[1] - w[0] ** 2), 5 * (w[1] - w[0] ** 2)]),
        start=(-1.5, 1.5), least=0.0, minima=((1.0, 1.0),), width=(-2.2, 2.2), height=(-0.9, 3.2),
    ),
    "saddle": Surface(
        lambda x, y: x**2 / 2 - y**2 / 2 + y**4 / 4,
        lambda w: np.array([w[0], w[1] ** 3 - w[1]]),
        start=(-2.0, 0.001), least=-0.25, minima=((0.0, 1.0), (0.0, -1.0)), width=(-2.4, 1.6), height=(-1.7, 1.7),
    ),
}  # fmt: skip


def optimisers() -> Explorer:
    """Choose a surface, a rate, a momentum and a number of steps; see who arrives."""
    return Explorer(
        draw,
        {
            "surface": Choice("Surface", tuple(SURFACES), "ravine"),
            "rate": Choice("Learning rate", RATES, 0.03),
            "momentum": Slider("Momentum, β₁ in Adam", 0.0, 0.98, 0.02, 0.9),
            "steps": Slider("Steps", 10, 200, 10, 100),
        },
    )


def heights(surface: str, walked: Array) -> Array:
    """The loss above the minimum at each place of a path, (steps + 1, 2) to (steps + 1,)."""
    chosen = SURFACES[surface]
    return np.maximum(chosen.loss(walked[:, 0], walked[:, 1]) - chosen.least, 0.0)


def paths(surface: str, rate: float, momentum: float, steps: int) -> dict[str, Array]:
    """Each optimiser's path from the surface's start, by its name."""
    chosen = SURFACES[surface]
    by = Settings(rate, momentum)
    return {name: path(name, chosen.gradient, chosen.start, steps, by, FAR) for name in OPTIMISERS}


CANVAS = Canvas(columns=2, width=9.6, height=4.1, margins={"bottom": 0.245})


@figures.styled
def draw(surface: str, rate: float, momentum: float, steps: int) -> View:
    """One state of the explorer."""
    chosen = SURFACES[surface]
    walks = paths(surface, rate, momentum, steps)
    losses = {name: heights(surface, walked) for name, walked in walks.items()}
    ends = {name: float(loss[-1]) for name, loss in losses.items()}
    best = min(ends, key=lambda name: ends[name])
    plan, course = CANVAS.axes()

    x, y = np.meshgrid(np.linspace(*chosen.width, 81), np.linspace(*chosen.height, 61))
    ground = chosen.loss(x, y) - chosen.least
    plan.contour(x, y, ground, levels=np.geomspace(0.02, ground.max(), 12), colors="#C4C4C4", linewidths=0.8)
    for (name, walked), (colour, dash, marker) in zip(walks.items(), figures.SERIES, strict=True):
        look = {
            "color": colour, "linestyle": dash, "linewidth": 1.6, "label": name,
            "marker": marker, "markevery": [steps], "markersize": 7, "markeredgecolor": "white",
        }  # fmt: skip
        plan.plot(*walked.T, **look)
        course.plot(np.clip(losses[name], LOWEST, HIGHEST), **look, clip_on=False)
    plan.plot(*chosen.start, "o", color=figures.INK, markersize=6, zorder=5)
    for minimum in chosen.minima:
        plan.plot(*minimum, "*", color=figures.INK, markersize=11, zorder=5)
    plan.grid(visible=False)
    plan.set(
        title="From the dot to the star", xlabel="weight 1", ylabel="weight 2",
        xlim=chosen.width, ylim=chosen.height,
    )  # fmt: skip
    course.set_yscale("log")
    course.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])  # plain text: formulas take a quarter of a redraw
    course.minorticks_off()
    course.set(
        title=f"After {steps} steps {best} is lowest", xlabel="step", ylabel="loss above the minimum",
        xlim=(0, steps), ylim=(LOWEST, HIGHEST),
    )  # fmt: skip
    CANVAS.figure.legend(
        *plan.get_legend_handles_labels(), loc="lower center", ncols=6, columnspacing=1.4, handlelength=2.6
    )

    numbers = {name: _reached(end, walks[name]) for name, end in ends.items()}
    alt = (
        f"Two charts of six optimisers on the surface named {surface}, at rate {rate:g} with momentum {momentum:.2f}. "
        f"Left: their paths. Right, logarithmic: loss above the minimum by step. After {steps} steps: "
        f"{', '.join(f'{name} {number}' for name, number in numbers.items())}."
    )
    return View(CANVAS.picture(alt), numbers)


def _reached(end: float, walked: Array) -> str:
    return "diverged" if np.abs(walked[-1]).max() > FAR else f"{end:.2g}"
