"""Losses: squared error against cross entropy for one sigmoid output, and how fast each mends a mistake."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from labkit import figures
from labkit.arrays import Array
from labkit.figures.controls import Choice, Slider
from labkit.figures.kept import Canvas
from labkit.figures.stage import Explorer, View
from labkit.learning import losses as formulas
from labkit.learning.activations import sigmoid

STEPS = 100  # of gradient descent, in the right-hand chart
Function = Callable[[ArrayLike, ArrayLike], Array]
LOSSES: dict[str, tuple[Function, Function]] = {
    "squared error": (formulas.squared_error, formulas.squared_error_gradient),
    "cross entropy": (formulas.binary_cross_entropy, formulas.binary_cross_entropy_gradient),
}


def losses() -> Explorer:
    """Choose the truth, what the network says and a learning rate; see who learns from the mistake."""
    return Explorer(
        draw,
        {
            "target": Choice("Truth y", (1, 0), 1),
            "logit": Slider("Logit z", -8.0, 8.0, 0.5, -5.0),
            "learning_rate": Slider("Learning rate", 0.1, 2.0, 0.1, 1.0),
        },
    )


def descent(loss: str, target: int, logit: float, learning_rate: float, steps: int = STEPS) -> Array:
    """The logit before and after each step of gradient descent on the logit itself."""
    gradient = LOSSES[loss][1]
    path = [float(logit)]
    for _ in range(steps):
        path.append(path[-1] - learning_rate * float(gradient(target, path[-1])))
    return np.array(path)


def steps_until_right(path: Array, target: int) -> int | None:
    """The first step at which the probability is on the right side of one half; None where it never is."""
    right = path > 0 if target == 1 else path < 0
    return int(right.argmax()) if right.any() else None


CANVAS = Canvas(columns=2, width=8.8, height=3.5)


@figures.styled
def draw(target: int, logit: float, learning_rate: float) -> View:
    """One state of the explorer."""
    probability = float(sigmoid(logit))
    curves, paths = CANVAS.axes()
    grid = np.linspace(-8, 8, 161)
    numbers = {"probability p of class 1": f"{probability:.4f}"}
    spoken, slopes, arrivals = [], [], []

    curves.axvline(logit, color=figures.GREY, linewidth=1)
    paths.axhline(0.5, color=figures.GREY, linewidth=1)
    for (name, (loss, gradient)), (colour, dash, marker) in zip(LOSSES.items(), figures.SERIES, strict=False):
        value, slope = float(loss(target, logit)), float(gradient(target, logit))
        path = descent(name, target, logit, learning_rate)
        arrival = steps_until_right(path, target)
        curves.plot(grid, loss(target, grid), color=colour, linestyle=dash, label=name)
        curves.plot([logit], [value], marker, color=colour, markersize=8)
        paths.plot(sigmoid(path), color=colour, linestyle=dash)
        numbers |= {name: f"{value:.4g}", f"slope of {name}": f"{slope:.4g}"}
        slopes.append(abs(slope))
        arrivals.append(f"over {STEPS}" if arrival is None else str(arrival))
        reached = f"not right within {STEPS} steps" if arrival is None else f"right after {arrival} steps"
        spoken.append(f"{name} is {value:.3g} with slope {slope:.3g}, {reached} of gradient descent")

    curves.set(
        title=f"Cross entropy is {_times(slopes[1] / slopes[0])} as steep here", xlabel="logit z", ylabel="loss",
        xticks=(-8, -4, 0, 4, 8), yticks=(0, 2, 4, 6, 8), ylim=(-0.3, 8.4),
    )  # fmt: skip
    curves.legend(loc="upper center")
    paths.set(
        title=f"Steps until right: {arrivals[0]} against {arrivals[1]}",
        xlabel="step of gradient descent", ylabel="probability p of class 1", xlim=(0, STEPS), ylim=(-0.05, 1.05),
        xticks=range(0, STEPS + 1, 25), yticks=(0, 0.5, 1),
    )  # fmt: skip
    alt = (
        f"Two charts for truth {target} and logit {logit:.1f}, where p = {probability:.3g}. "
        f"Left: both losses by logit. "
        f"Right: the probability over {STEPS} steps of gradient descent at rate {learning_rate:.1f}. "
        f"{'; '.join(spoken)}."
    )
    return View(CANVAS.picture(alt), numbers)


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} times" if ratio >= 10 else f"{ratio:.1f} times"
