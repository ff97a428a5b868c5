"""First weights: the spread of outputs by layer on the way forward, and of the gradient on the way back."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from labkit import figures
from labkit.arrays import Array
from labkit.figures.controls import Choice, Slider
from labkit.figures.kept import Canvas
from labkit.figures.numbers import short
from labkit.figures.stage import Explorer, View
from labkit.learning import networks
from labkit.learning.activations import ACTIVATIONS

ROWS, UNITS, MOST_LAYERS = 200, 64, 30
LOWEST, HIGHEST = 1e-12, 1e2  # the ends of both axes
TICKS = (1e-12, 1e-9, 1e-6, 1e-3, 1.0)


def first_weights() -> Explorer:
    """Choose how the first weights are drawn, an activation and a depth; see what passes, forwards and backwards."""
    return Explorer(
        draw,
        {
            "start": Choice("First weights", tuple(networks.STARTS), "small random"),
            "activation": Choice("Activation", ("ReLU", "tanh"), "ReLU"),
            "layers": Slider("Layers", 2, MOST_LAYERS, 1, 10),
        },
    )


@dataclass(frozen=True)
class Pass:
    """One way forward through the most layers; fewer layers are its beginning."""

    weights: list[Array]  # of each layer
    slopes: list[Array]  # of the activation at what each layer computes
    spreads: Array  # of the input and of each layer's outputs, (MOST_LAYERS + 1,)
    blame: Array  # what enters at the last output, however many layers there are


@functools.cache
def _pass(start: str, activation: str) -> Pass:
    rng = np.random.default_rng(0)
    x, blame = rng.normal(size=(ROWS, UNITS)), rng.normal(size=(ROWS, UNITS))
    network = networks.draw([UNITS] * (MOST_LAYERS + 1), networks.STARTS[start], rng)
    computed = networks.forward(x, network, activation)
    function, derivative = ACTIVATIONS[activation].function, ACTIVATIONS[activation].derivative
    outputs = [x, *(function(z) for z in computed)]
    slopes = [derivative(z) for z in computed]
    return Pass([weights for weights, _ in network], slopes, np.array([_root(array) for array in outputs]), blame)


@functools.lru_cache(maxsize=256)
def spreads(start: str, activation: str, layers: int) -> tuple[Array, Array]:
    """Spread of what enters the first layer and leaves each, (layers + 1,), and of the gradient at the same places.

    200 rows of standard normal numbers pass layers of 64 units; standard normal blame enters at the last. A spread is
    the root of the mean square.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):  # threads wait for each other, a quarter of a second beside other work
        forward = _pass(start, activation)
        blame = forward.blame
        back = [_root(blame)]
        for number in range(layers - 1, -1, -1):
            blame = (blame * forward.slopes[number]) @ forward.weights[number].T
            back.append(_root(blame))
    return forward.spreads[: layers + 1], np.array(back[::-1])


def _root(array: Array) -> float:
    return float(np.sqrt(np.mean(array**2)))


CANVAS = Canvas(columns=2, width=9.2, height=4.0, margins={"left": 0.085, "bottom": 0.245})


@figures.styled
def draw(start: str, activation: str, layers: int) -> View:
    """One state of the explorer."""
    forward, back = spreads(start, activation, layers)
    ahead, behind = CANVAS.axes()
    for name, (colour, dash, marker) in zip(networks.STARTS, figures.SERIES, strict=False):
        chosen = name == start
        look = {"linewidth": 3.0, "zorder": 3, "marker": marker, "markersize": 6} if chosen else {"linewidth": 1.2}
        for axis, line in zip((ahead, behind), spreads(name, activation, layers), strict=True):
            axis.plot(np.maximum(line, LOWEST / 10), color=colour, linestyle=dash, label=name, **look)
    for axis in (ahead, behind):
        axis.set_yscale("log")
        axis.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
        axis.minorticks_off()
        axis.set(xlim=(0, layers), ylim=(LOWEST / 3, HIGHEST), xlabel="layer, 0 is the input")
    ahead.set(title=f"{layers} layers: outputs go from 1 to {short(forward[-1])}", ylabel="spread of the outputs")
    behind.set(title=f"The gradient goes back to {short(back[0])}", ylabel="spread of the gradient")
    CANVAS.figure.legend(*ahead.get_legend_handles_labels(), loc="lower center", ncols=4, handlelength=3)

    numbers = {
        "spread after the last layer": short(forward[-1]),
        "spread of the gradient at the input": short(back[0]),
    }
    alt = (
        f"Two charts, logarithmic, of four ways to draw the first weights of {layers} layers with {activation}; "
        f"{start} is chosen. Left: the spread of the outputs by layer, from 1 to {_ends(activation, layers, 0)}. "
        f"Right: the spread of the gradient on its way back, from 1 at the last layer to, at the input, "
        f"{_ends(activation, layers, 1)}."
    )
    return View(CANVAS.picture(alt), numbers)


def _ends(activation: str, layers: int, way: int) -> str:
    ends = {name: spreads(name, activation, layers)[way][0 if way else -1] for name in networks.STARTS}
    return ", ".join(f"{short(end)} ({name})" for name, end in ends.items())
