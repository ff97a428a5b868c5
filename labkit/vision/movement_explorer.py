"""Which weights move while a model is trained: chosen blocks, a learning rate, a head trained before or not.

A state takes half a second to train, and a figure must follow the hand: all 90 were trained beforehand, and stand in
`weight_map.npz`. `pretraining.weight_map` trains them anew.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labkit import figures
from labkit.figures.controls import Choice, Slider
from labkit.figures.numbers import percent
from labkit.figures.stage import SCREEN_DPI, Explorer, View
from labkit.vision import movement

if TYPE_CHECKING:
    pass

RECORD = Path(__file__).with_name("weight_map.npz")
STEPS = 6
TRAINABLE = {
    "head alone": (),
    "block 5": (5,),
    "blocks 4–5": (4, 5),
    "blocks 3–5": (3, 4, 5),
    "all": (1, 2, 3, 4, 5),
}
HEADS = ("trained before", "fresh")
LOWEST, HIGHEST, STEP = -5.0, -1.0, 0.5  # of the learning rate's logarithm
EXPONENTS = tuple(np.arange(LOWEST, HIGHEST + STEP / 2, STEP).tolist())


def weight_map() -> Explorer:
    """Choose what is trainable and a learning rate; see which weights six steps move, and what it does to accuracy."""
    return Explorer(
        draw,
        {
            "head": Choice("Head", HEADS, HEADS[0]),
            "trainable": Choice("Trainable", tuple(TRAINABLE), "blocks 4–5"),
            "exponent": Slider("Learning rate, log10", LOWEST, HIGHEST, STEP, -4.0),
        },
    )


@dataclass(frozen=True)
class Outcome:
    """What a state shows of its course."""

    changes: dict[str, NDArray[Any]]  # by layer, of each filter
    moved: list[str]  # blocks
    sizes: dict[str, int]  # weights of each block
    accuracy_before: float
    accuracy_after: float


def outcome(head: str, trainable: str, exponent: float) -> Outcome:
    """A state as it was recorded."""
    recorded = _recorded()
    state = HEADS.index(head), tuple(TRAINABLE).index(trainable), round((exponent - LOWEST) / STEP)
    ends = np.cumsum(recorded["filters"])[:-1]
    layers = np.split(recorded["changes"][state].astype(float), ends)
    blocks, sizes = recorded["blocks"].tolist(), recorded["sizes"].tolist()
    return Outcome(
        dict(zip(recorded["layers"].tolist(), layers, strict=True)),
        [block for block, moved in zip(blocks, recorded["moved"][state], strict=True) if moved],
        dict(zip(blocks, sizes, strict=True)),
        *recorded["accuracies"][state].tolist(),
    )


@functools.cache
def _recorded() -> dict[str, NDArray[Any]]:
    with np.load(RECORD, allow_pickle=False) as arrays:
        return dict(arrays)


@figures.styled
def draw(head: str, trainable: str, exponent: float) -> View:
    """One state of the explorer."""
    run = outcome(head, trainable, exponent)
    found, names = run.changes, run.moved
    figure, (axis,) = figures.new(width=9.2, height=3.2)
    accuracies = f"{run.accuracy_before:.0%} → {run.accuracy_after:.0%}"
    movement.draw(figure, axis, found, f"After {STEPS} steps: {len(names)} of 6 parts moved, accuracy {accuracies}")
    count = sum(run.sizes[name] for name in names)
    numbers = {
        "learning rate": f"{10**exponent:.2g}",
        "weights that moved": f"{count:,} of {sum(run.sizes.values()):,}",
        "largest change of a filter": percent(max(float(shares.max()) for shares in found.values()), movement.LEAST),
        "validation accuracy": accuracies,
    }
    alt = (
        f"A map of the layers, a cell for each filter, after {STEPS} steps of Adam at a rate of {10**exponent:.2g}; "
        f"trainable: {trainable}; the head was {head if head != 'fresh' else 'not trained before'}. "
        f"{movement.words(found)} Validation accuracy goes from {run.accuracy_before:.0%} to {run.accuracy_after:.0%}."
    )
    return View(figures.picture(figure, alt, dpi=SCREEN_DPI), numbers)
