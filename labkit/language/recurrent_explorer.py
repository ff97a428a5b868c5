"""A recurrent network unrolled over a sentence: its states, what padding does to them, and what blame is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from labkit import figures
from labkit.arrays import Array
from labkit.figures.controls import Choice, Slider
from labkit.figures.kept import Canvas
from labkit.figures.numbers import short
from labkit.figures.stage import Explorer, View
from labkit.language import recurrent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SENTENCES = (
    "return the inverse of a matrix",
    "set the colour of the line",
    "compute the mean of every column and subtract it from the data",
)
UNITS, INPUTS = 12, 8
MOST_PADS = 12
SIZE = 0.1  # of a word's numbers: what Keras draws for an embedding is as small
LEAST_BLAME, MOST_BLAME = 1e-6, 1e6  # the ends of the right-hand axis
MASKED, UNMASKED = "masked", "read like words"


def unrolling() -> Explorer:
    """Choose a cell, a sentence, a number of pads and how strong the state's weights are."""
    return Explorer(
        draw,
        {
            "cell": Choice("Cell", tuple(recurrent.CELLS), "RNN"),
            "sentence": Choice("Sentence", SENTENCES, SENTENCES[0]),
            "padding": Choice("Pads are", (MASKED, UNMASKED), UNMASKED),
            "pads": Slider("Pads", 0, MOST_PADS, 1, 6),
            "strength": Slider("Strength of the state's weights", 0.4, 2.0, 0.1, 1.0),
        },
    )


def vectors(tokens: list[str]) -> Array:
    """A fixed random vector for each token, the same for the same word: (tokens, INPUTS)."""
    return np.stack([np.random.default_rng(list(token.encode())).normal(size=INPUTS) * SIZE for token in tokens])


def drawn(cell: str, strength: float) -> dict[str, Array]:
    """The parameters of an untrained cell, the same at every call."""
    return recurrent.draw(cell, INPUTS, UNITS, np.random.default_rng(8), strength)


def states(cell: str, tokens: list[str], strength: float, masked: bool) -> Array:
    """h after each token, (tokens, UNITS); a token that is empty is a pad."""
    mask = np.array([[bool(token) or not masked for token in tokens]])
    course = recurrent.unroll(cell, vectors(tokens)[None], drawn(cell, strength), mask)
    return np.stack([state[0][0] for state in course])


def blame(cell: str, tokens: list[str], strength: float, masked: bool) -> Array:
    """What is left of a blame of the last state at each token, (tokens,); 1 at the last."""
    mask = np.array([[bool(token) or not masked for token in tokens]])
    slopes = recurrent.slopes_of_the_end(cell, vectors(tokens)[None], drawn(cell, strength), mask)
    return slopes / np.sqrt(UNITS)


CANVAS = Canvas(columns=2, width=9.2, height=4.1, margins={"bottom": 0.3, "wspace": 0.3})


@figures.styled
def draw(cell: str, sentence: str, padding: str, pads: int, strength: float) -> View:
    """One state of the explorer."""
    words = sentence.split()
    tokens = words + [""] * pads
    masked = padding == MASKED
    h = states(cell, tokens, strength, masked)
    left = blame(cell, tokens, strength, masked)
    end = h[len(words) - 1]
    moved = float(np.linalg.norm(h[-1] - end) / np.linalg.norm(end))

    picture, curve = CANVAS.axes()
    _draw_states(picture, h, tokens, masked)
    picture.set_title(f"The pads move the last state by {moved:.0%}")
    _draw_blame(curve, left, tokens)
    first = short(left[0])
    curve.set_title(f"Blame left at the first word: {first}")

    numbers = {
        "words": str(len(words)),
        "pads": str(pads),
        "last state moved by pads": f"{moved:.0%}",
        "blame left at the first word": first,
    }
    alt = (
        f"Two charts of {cell} cells over {len(words)} words and {pads} pads, which are {padding}. Left: {UNITS} units "
        f"by step, blue below 0, red above; the pads move the last state by {moved:.0%}. Right, logarithmic: what is "
        f"left of the last state's blame at each step; at the first word it is {first}."
    )
    return View(CANVAS.picture(alt), numbers)


def _draw_states(axis: Axes, h: Array, tokens: list[str], masked: bool) -> None:
    reach = max(float(np.abs(h).max()), 1e-9)  # a state of small numbers keeps its pattern
    axis.imshow(h.T, cmap="RdBu_r", vmin=-reach, vmax=reach, aspect="auto", interpolation="nearest")
    for step, token in enumerate(tokens):
        if not token:
            axis.axvspan(
                step - 0.5, step + 0.5, facecolor="none", edgecolor=figures.GREY, hatch="///" if masked else "",
                linewidth=0,
            )  # fmt: skip
    _name_steps(axis, tokens)
    axis.set(ylabel="unit", xlabel="step; hatched steps are masked" if masked and not all(tokens) else "step")
    axis.grid(visible=False)


def _draw_blame(axis: Axes, left: Array, tokens: list[str]) -> None:
    shown = np.clip(left, LEAST_BLAME, MOST_BLAME)
    axis.plot(range(len(tokens)), shown, color=figures.BLUE, marker="o", markersize=4, clip_on=False)
    axis.axhline(1.0, color=figures.GREY, linewidth=1, linestyle=":")
    axis.set_yscale("log")
    _name_steps(axis, tokens)
    axis.set(ylim=(LEAST_BLAME, MOST_BLAME), xlim=(-0.5, len(tokens) - 0.5), xlabel="step", ylabel="blame left")
    axis.set_yticks((1e-6, 1e-3, 1, 1e3, 1e6), ("10⁻⁶", "0.001", "1", "1000", "10⁶"))
    axis.minorticks_off()


def _name_steps(axis: Axes, tokens: list[str]) -> None:
    names = [token or "pad" for token in tokens]
    axis.set_xticks(range(len(tokens)), names, rotation=90, fontsize=8)
