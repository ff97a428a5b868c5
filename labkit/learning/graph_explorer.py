"""A computation graph: one unit and its loss, each value with the blame that comes back to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from labkit import figures
from labkit.arrays import Array
from labkit.figures.controls import Choice, Slider
from labkit.figures.kept import Canvas
from labkit.figures.numbers import short
from labkit.figures.stage import Explorer, View
from labkit.learning.activations import ACTIVATIONS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REACH = 3.0  # how far weight and bias go, to both sides


def computation_graph() -> Explorer:
    """Choose an activation and four numbers; see each value, each local slope and each blame."""
    return Explorer(
        draw,
        {
            "name": Choice("Activation", ("ReLU", "sigmoid", "tanh"), "ReLU"),
            "x": Slider("Input x", -3.0, 3.0, 0.1, 2.0),
            "w": Slider("Weight w", -REACH, REACH, 0.1, 0.5),
            "b": Slider("Bias b", -REACH, REACH, 0.1, 1.0),
            "y": Slider("Truth y", -3.0, 3.0, 0.1, 3.0),
        },
    )


@dataclass(frozen=True)
class Step:
    """A box of the graph: its formula, its value, the blame that reaches it, and where it stands."""

    formula: str
    value: float
    blame: float
    place: tuple[float, float]


def loss(name: str, x: float, w: ArrayLike, b: ArrayLike, y: float) -> Array:
    """The squared error of f(w x + b) against y."""
    return (ACTIVATIONS[name].function(np.asarray(w) * x + np.asarray(b)) - y) ** 2


def steps(name: str, x: float, w: float, b: float, y: float) -> dict[str, Step]:
    """Every box of the graph: forwards for the values, then backwards for the blame."""
    q = w * x
    z = q + b
    a = float(ACTIVATIONS[name].function(z))
    e = a - y
    blame_e = 2 * e
    blame_z = blame_e * float(ACTIVATIONS[name].derivative(z))
    return {
        "x": Step("input x", x, blame_z * w, (0, 1)),
        "w": Step("weight w", w, blame_z * x, (0, 0)),
        "q": Step("q = w·x", q, blame_z, (1, 1)),
        "b": Step("bias b", b, blame_z, (1, 0)),
        "z": Step("z = q + b", z, blame_z, (2, 1)),
        "a": Step(f"a = {name}(z)", a, blame_e, (3, 1)),
        "y": Step("truth y", y, -blame_e, (3, 0)),
        "e": Step("e = a − y", e, blame_e, (4, 1)),
        "loss": Step("loss = e²", e**2, 1.0, (5, 1)),
    }


def slopes(name: str, x: float, w: float, b: float, y: float) -> dict[tuple[str, str], float]:
    """The local slope of each arrow: how much its end changes for a change of its beginning."""
    z = w * x + b
    e = float(ACTIVATIONS[name].function(z)) - y
    return {
        ("x", "q"): w, ("w", "q"): x, ("q", "z"): 1.0, ("b", "z"): 1.0,
        ("z", "a"): float(ACTIVATIONS[name].derivative(z)), ("a", "e"): 1.0, ("y", "e"): -1.0, ("e", "loss"): 2 * e,
    }  # fmt: skip


CANVAS = Canvas(
    columns=2,
    width=9.2,
    height=5.4,
    margins={"top": 0.42, "bottom": 0.1, "left": 0.075},
    places=((0.0, 0.5, 1.0, 0.44),),
)


@figures.styled
def draw(name: str, x: float, w: float, b: float, y: float) -> View:
    """One state of the explorer."""
    found = steps(name, x, w, b, y)
    by_weight, by_bias, boxes = CANVAS.axes()
    _draw_graph(boxes, found, slopes(name, x, w, b, y))
    weight_blame, bias_blame = short(found["w"].blame), short(found["b"].blame)
    title = f"Forwards the loss is {short(found['loss'].value)}; backwards w gets the blame {weight_blame}"
    boxes.set_title(title, x=0.02)

    grid = np.linspace(-REACH, REACH, 241)
    _draw_curve(by_weight, grid, loss(name, x, grid, b, y), w, found["loss"].value, found["w"].blame)
    by_weight.set(title=f"Slope by weight: {weight_blame}", xlabel="weight w", ylabel="loss")
    _draw_curve(by_bias, grid, loss(name, x, w, grid, y), b, found["loss"].value, found["b"].blame)
    by_bias.set(title=f"Slope by bias: {bias_blame}", xlabel="bias b", ylabel="loss")

    numbers = {
        "loss": short(found["loss"].value),
        "blame of w": weight_blame,
        "blame of b": bias_blame,
        "blame of x": short(found["x"].blame),
    }
    chain = ", ".join(f"{s.formula} is {short(s.value)} with blame {short(s.blame)}" for s in found.values())
    alt = (
        f"A graph and two charts for one unit with {name}. The graph, from input to loss: {chain}. Charts: the loss by "
        f"weight, with a tangent of slope {weight_blame} at w = {w:.1f}, and by bias, with a tangent of slope "
        f"{bias_blame} at b = {b:.1f}."
    )
    return View(CANVAS.picture(alt), numbers)


def _draw_graph(axis: Axes, found: dict[str, Step], local: dict[tuple[str, str], float]) -> None:
    from matplotlib.patches import FancyBboxPatch

    half_width, half_height = 0.33, 0.36
    for (start, end), slope in local.items():
        (left, low), (right, high) = found[start].place, found[end].place
        if low == high:
            begin, finish, mark, where = (left + half_width, low), (right - half_width, high), (0.5, 0.09), "bottom"
        elif left == right:
            begin, finish, mark, where = (left, low + half_height), (right, high - half_height), (0.0, 0.0), "center"
        else:
            begin, finish = (left + half_width * 0.6, low + half_height), (right - half_width, high - half_height * 0.6)
            mark, where = (0.62, 0.0), "center"
        arrow = {"arrowstyle": "-|>", "color": figures.INK, "shrinkA": 0, "shrinkB": 0}
        axis.annotate("", finish, begin, arrowprops=arrow)
        place = ((left + right) / 2, high + mark[1]) if low == high else (left + mark[0], (low + high) / 2)
        axis.text(*place, f"×{short(slope, 2)}", color=figures.RED, fontsize=9.5, ha="center", va=where)
    for name, step in found.items():
        across, up = step.place
        corner = (across - half_width, up - half_height)
        face = "#EAF3F9" if name in ("x", "w", "b", "y") else "white"
        axis.add_patch(
            FancyBboxPatch(
                corner, 2 * half_width, 2 * half_height, boxstyle="round,pad=0,rounding_size=0.06",
                facecolor=face, edgecolor=figures.GREY,
            )
        )  # fmt: skip
        axis.text(across, up + 0.2, step.formula, ha="center", va="center", fontsize=9, color=figures.INK)
        axis.text(across, up - 0.02, short(step.value), ha="center", va="center", color=figures.BLUE, weight="bold")
        axis.text(across, up - 0.22, f"blame {_in_box(step.blame)}", ha="center", va="center", fontsize=9,
                  color=figures.RED)  # fmt: skip
    axis.text(3.75, 0.15, "bold: value, on the way forwards", color=figures.BLUE, weight="bold", fontsize=9.5)
    words = "×: slope of a step\nblame: slope of the loss"
    axis.text(3.75, -0.15, words, color=figures.RED, fontsize=9.5, va="center")
    axis.set(xlim=(-0.45, 5.45), ylim=(-0.42, 1.45))
    axis.set_axis_off()


def _draw_curve(axis: Axes, grid: Array, curve: Array, at: float, value: float, slope: float) -> None:
    axis.plot(grid, curve, color=figures.BLUE, label="loss")
    axis.plot(grid, value + slope * (grid - at), color=figures.RED, linestyle="--", label="slope here")
    axis.plot([at], [value], "o", color=figures.BLUE, markersize=8, zorder=3, clip_on=False)
    top = max(float(curve.max()), 1.0)
    axis.set(xlim=(-REACH, REACH), ylim=(-0.08 * top, 1.08 * top), xticks=range(-3, 4))


def _in_box(value: float) -> str:
    """At most six characters, so that it stays in its box: 0.123, 12.3, −1e−8."""
    return short(value, 3 if abs(value) >= 0.01 else 2)
