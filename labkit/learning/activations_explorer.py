"""Activations: the function, its slope, and what is left of a gradient after n layers."""

from __future__ import annotations

import numpy as np

from labkit import figures
from labkit.arrays import Array
from labkit.figures.controls import Choice, Slider
from labkit.figures.kept import Canvas
from labkit.figures.stage import Explorer, View
from labkit.learning.activations import ACTIVATIONS

DEEPEST = 30
LOWEST, HIGHEST = 1e-12, 1e8  # the ends of the right-hand axis
TICKS = (1e-12, 1e-8, 1e-4, 1.0, 1e4)
BELOW = LOWEST / 1e3  # stands for anything smaller than the axis shows


def activations() -> Explorer:
    """Choose an activation, an input, a weight and a depth; see what is left of a gradient."""
    return Explorer(
        draw,
        {
            "name": Choice("Activation", tuple(ACTIVATIONS), "sigmoid"),
            "x": Slider("Input x", -6.0, 6.0, 0.1, 0.5),
            "weight": Slider("Weight w", 0.5, 4.5, 0.1, 1.0),
            "layers": Slider("Layers n", 1, DEEPEST, 1, 10),
        },
    )


def factor(name: str, x: float, weight: float) -> float:
    """What one layer of one unit multiplies a gradient by: its weight times the slope of its activation."""
    return float(weight * ACTIVATIONS[name].derivative(x))


def remaining(name: str, x: float, weight: float, layers: int = DEEPEST) -> Array:
    """The share of a gradient of 1 that is left after 0, 1, ..., `layers` such layers."""
    return np.float64(factor(name, x, weight)) ** np.arange(layers + 1)


CANVAS = Canvas(columns=2, width=8.8, height=3.5)


@figures.styled
def draw(name: str, x: float, weight: float, layers: int) -> View:
    """One state of the explorer."""
    activation = ACTIVATIONS[name]
    value, slope = float(activation.function(x)), float(activation.derivative(x))
    left = float(remaining(name, x, weight, layers)[-1])
    curves, depth = CANVAS.axes()

    grid = np.linspace(-6, 6, 241)
    curves.axvline(x, color=figures.GREY, linewidth=1)
    curves.plot(grid, activation.function(grid), color=figures.BLUE, label=f"{name} f(x)")
    curves.plot(grid, activation.derivative(grid), color=figures.RED, linestyle="--", label="slope f ′(x)")
    curves.plot([x], [value], "o", color=figures.BLUE, markersize=8)
    curves.plot([x], [slope], "s", color=figures.RED, markersize=8)
    curves.set(
        title=f"At x = {x:.1f} the slope is {slope:.3g}", xlabel="input x", ylabel="value",
        xticks=(-6, -3, 0, 3, 6), yticks=(-1, 0, 1, 2, 3), ylim=(-1.3, 3.2),
    )  # fmt: skip
    curves.legend(loc="upper left")

    depth.axvline(layers, color=figures.GREY, linewidth=1)
    dashes = iter(("--", "-.", ":"))
    for other in ACTIVATIONS:
        share = np.clip(remaining(other, x, weight), BELOW, None)  # a unit that is off leaves 0, which has no log
        if other == name:
            depth.plot(share, color=figures.BLUE, linewidth=2.5, zorder=3, label=other)
        else:
            depth.plot(share, color=figures.GREY, linewidth=1.3, linestyle=next(dashes), label=other)
    depth.plot([layers], [max(left, BELOW)], "o", color=figures.BLUE, markersize=8, zorder=4)
    depth.set_yscale("log")
    depth.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
    depth.minorticks_off()
    depth.set(
        title=f"{layers} layers leave {left:.2g} of a gradient",
        xlabel="layers passed", ylabel="share that is left", ylim=(LOWEST, HIGHEST), xlim=(0, DEEPEST),
        xticks=range(0, DEEPEST + 1, 10),
    )  # fmt: skip
    depth.legend(loc="upper left", ncols=2).set_zorder(0.5)  # no line is hidden

    alt = (
        f"Two charts. Left: {name} and its slope for inputs from -6 to 6; at x = {x:.1f} the value is {value:.3g} and "
        f"the slope {slope:.3g}. Right, logarithmic: the share of a gradient that is left after each of {DEEPEST} "
        f"layers with weight {weight:.1f}; {left:.2g} after {layers} layers."
    )
    numbers = {
        "f(x)": f"{value:.4g}",
        "slope f ′(x)": f"{slope:.4g}",
        "factor of one layer, w · f ′(x)": f"{weight * slope:.4g}",
        f"left after {layers} layers": f"{left:.2e}",
    }
    return View(CANVAS.picture(alt), numbers)
