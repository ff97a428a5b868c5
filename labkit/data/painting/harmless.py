"""Marks that sound fruit has too, so that not every spot means rot."""

from __future__ import annotations

import numpy as np

from labkit.data.painting.banana import Banana
from labkit.data.painting.canvas import colour, jitter, mix, step
from labkit.data.painting.rot import spot
from labkit.data.painting.surface import Surface

RUSSET, DOT, SCAR = colour(0.64, 0.49, 0.26), colour(0.36, 0.22, 0.09), colour(0.66, 0.55, 0.36)
LABELS = (colour(0.93, 0.93, 0.90), colour(0.12, 0.32, 0.66), colour(0.10, 0.47, 0.28), colour(0.80, 0.12, 0.16))


def marks(rng: np.random.Generator, fruit: Surface) -> None:
    """None, one or two of the marks that suit the fruit."""
    if isinstance(fruit, Banana):
        if rng.random() < 0.5:
            sugar_dots(rng, fruit)
    elif rng.random() < 0.3:
        russet(rng, fruit)
    if rng.random() < 0.25:
        scar(rng, fruit)
    if rng.random() < 0.25:
        sticker(rng, fruit)
    if rng.random() < 0.15:
        drops(rng, fruit)


def sugar_dots(rng: np.random.Generator, fruit: Surface) -> None:
    """The small brown dots of a ripe banana."""
    dots = fruit.board.noise(rng, 34)[fruit.where]
    fruit.tint(rng.uniform(0.5, 0.85) * step(0.0, 0.25, dots - rng.uniform(0.75, 1.0)), DOT)


def russet(rng: np.random.Generator, fruit: Surface) -> None:
    """A thin, pale, corky net."""
    net = step(0.25, 0.0, np.abs(fruit.mid + 0.4 * fruit.fine)) * step(1.1, 0.4, fruit.distance(spot(rng), 0.7, 0.2))
    fruit.tint(0.5 * net, RUSSET, gloss=0.05)


def scar(rng: np.random.Generator, fruit: Surface) -> None:
    """A healed scratch: short, thin, pale brown."""
    start = np.array(spot(rng))
    way = rng.uniform(-0.25, 0.25, 2)
    for t in (0.0, 0.33, 0.67, 1.0):
        a, b = np.clip(start + t * way, -1, 1)
        fruit.tint(0.6 * step(1.0, 0.5, fruit.distance((a, b), 0.06)), SCAR, gloss=0.05)


def sticker(rng: np.random.Generator, fruit: Surface) -> None:
    """A grocer's oval label: one colour at its rim, another within."""
    place, radius = spot(rng), rng.uniform(0.16, 0.22)
    away = fruit.distance(place, radius)
    first, second = rng.choice(len(LABELS), 2, replace=False)
    fruit.tint(step(1.05, 0.95, away), jitter(LABELS[first], rng, 0.03), gloss=0.3)
    fruit.tint(step(0.68, 0.58, away), jitter(LABELS[second], rng, 0.03))
    fruit.tint(step(0.12, 0.06, np.abs(away - 0.3)), mix(LABELS[first], LABELS[second], 0.3))


def drops(rng: np.random.Generator, fruit: Surface) -> None:
    """Drops of water: each a small hill with a highlight of its own."""
    for _ in range(rng.integers(3, 9)):
        place, radius = spot(rng), rng.uniform(0.05, 0.10)
        away = fruit.distance(place, radius)
        inside = step(1.05, 0.9, away)
        fruit.tint(0.25 * inside, fruit.albedo * 0.6, gloss=1.0)
        fruit.dent(place, inside * np.clip(away, 0, 1), -0.8)
