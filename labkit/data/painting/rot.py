"""What rot does to a skin: soft brown patches with darker rims, mould, wrinkles, blackened bananas."""

from __future__ import annotations

import numpy as np

from labkit.data.painting.banana import Banana
from labkit.data.painting.canvas import Array, colour, jitter, mix, step
from labkit.data.painting.surface import Surface

BROWN, RIM, BLACK = colour(0.47, 0.29, 0.13), colour(0.25, 0.14, 0.07), colour(0.13, 0.09, 0.06)
FUR, PUSTULE = colour(0.90, 0.91, 0.86), colour(0.78, 0.68, 0.50)
SPORES = (colour(0.36, 0.45, 0.30), colour(0.40, 0.52, 0.50), colour(0.45, 0.46, 0.36))
Spot = tuple[float, float]


def spot(rng: np.random.Generator) -> Spot:
    """Somewhere on the side that the viewer sees."""
    a, b = rng.uniform(-1, 1, 2)
    return float(a), float(b)


def rot_apple(rng: np.random.Generator, fruit: Surface) -> None:
    """One or two large soft patches, often with rings of pustules; sometimes mould; a wrinkled skin."""
    wrinkled(rng, fruit, rng.uniform(0.2, 0.9))
    spots = [spot(rng) for _ in range(rng.integers(1, 3))]
    for place in spots:
        radius = rng.uniform(0.50, 0.80)
        patch(rng, fruit, place, radius)
        if rng.random() < 0.75:
            pustules(rng, fruit, place, radius)
    for _ in range(rng.integers(0, 4)):
        bruise(rng, fruit, spot(rng), rng.uniform(0.14, 0.28))
    if rng.random() < 0.3:
        mould(rng, fruit, spots[0], rng.uniform(0.25, 0.40))


def rot_orange(rng: np.random.Generator, fruit: Surface) -> None:
    """Mostly mould, green with a white margin, upon a soft patch; or soft brown patches alone."""
    wrinkled(rng, fruit, rng.uniform(0.2, 0.9))
    place, mouldy = spot(rng), rng.random() < 0.8
    patch(rng, fruit, place, rng.uniform(0.55, 0.85))
    if mouldy:
        mould(rng, fruit, place, rng.uniform(0.42, 0.75))
    if not mouldy or rng.random() < 0.4:
        patch(rng, fruit, spot(rng), rng.uniform(0.35, 0.7))
    for _ in range(rng.integers(0, 4)):
        bruise(rng, fruit, spot(rng), rng.uniform(0.12, 0.26))


def rot_banana(rng: np.random.Generator, fruit: Banana) -> None:
    """Black and brown blotches over much of the skin, ends blackened far in, sometimes mould."""
    fruit.albedo = mix(fruit.albedo, BROWN, rng.uniform(0.1, 0.45))
    fruit.gloss *= 0.5
    cover = rng.uniform(-0.4, 0.3)
    blotches = 0.8 * fruit.coarse + 0.55 * fruit.mid + 0.2 * fruit.fine + cover
    fruit.tint(0.8 * step(-0.35, 0.1, blotches), jitter(BROWN, rng, 0.03))
    fruit.tint(0.9 * step(0.05, 0.4, blotches), jitter(mix(RIM, BLACK, rng.random()), rng, 0.02), gloss=0.1)
    reach = rng.uniform(0.55, 0.95)
    fruit.tint(0.9 * step(reach, reach + 0.25, np.abs(fruit.along + 0.1 * fruit.mid)), BLACK, gloss=0.05)
    wrinkled(rng, fruit, rng.uniform(0.2, 0.6))
    for _ in range(rng.integers(0, 3)):
        patch(rng, fruit, spot(rng), rng.uniform(0.4, 0.8))
    if rng.random() < 0.4:
        mould(rng, fruit, spot(rng), rng.uniform(0.25, 0.5))


def patch(rng: np.random.Generator, fruit: Surface, place: Spot, radius: float) -> None:
    """A sunken soft patch: brown, darker at its rim and in blotches, a little shiny where it is wet."""
    away = fruit.distance(place, radius, ragged=0.16)
    inside, rim = step(1.03, 0.9, away), step(0.16, 0.0, np.abs(away - 0.93))
    shade = jitter(BROWN, rng, 0.03) * rng.uniform(0.7, 1.15)
    fruit.tint(0.92 * inside, shade * (1 + 0.25 * fruit.mid), gloss=rng.uniform(0.05, 0.2))
    fruit.tint(0.75 * rim, RIM)
    fruit.tint(0.5 * step(0.6, 0.1, away), shade * 0.65)
    fruit.dent(place, rim, -0.45)


def bruise(rng: np.random.Generator, fruit: Surface, place: Spot, radius: float) -> None:
    """A small dark spot with a soft edge."""
    away = fruit.distance(place, radius, ragged=0.2)
    fruit.tint(rng.uniform(0.7, 0.95) * step(1.1, 0.6, away), mix(RIM, BLACK, rng.random()), gloss=0.05)


def pustules(rng: np.random.Generator, fruit: Surface, place: Spot, radius: float) -> None:
    """Rings of small pale cushions around a patch's middle, as Monilinia makes them."""
    away = fruit.distance(place, radius, ragged=0.05)
    rings = np.cos(away * rng.uniform(16, 22)) + 0.9 * fruit.fine
    fruit.tint(0.85 * step(0.55, 0.95, rings) * step(0.88, 0.75, away), jitter(PUSTULE, rng, 0.03), gloss=0.0)


def mould(rng: np.random.Generator, fruit: Surface, place: Spot, radius: float) -> None:
    """Fur: white at its margin, green to grey where it bears spores, rough, and never shiny."""
    fur = fruit.board.noise(rng, 44)
    away = fruit.distance(place, radius, ragged=0.22) + 0.10 * fur[fruit.where]
    spores = jitter(SPORES[rng.integers(len(SPORES))], rng, 0.03)
    fruit.tint(step(1.12, 0.95, away), FUR * (1 + 0.08 * fruit.fine), gloss=0.0)
    fruit.tint(step(0.78, 0.5, away), spores * (1 + 0.22 * fur[fruit.where]))
    fruit.wrinkle(fur, 0.006 * step(1.12, 0.9, away))


def wrinkled(rng: np.random.Generator, fruit: Surface, strength: float) -> None:
    """A skin that has lost water: dull, in folds."""
    folds = _ridged(fruit.board.noise(rng, 13)) + 0.5 * _ridged(fruit.board.noise(rng, 26))
    fruit.wrinkle(folds, 0.035 * strength)
    fruit.albedo *= 1 - 0.22 * strength * (1 - np.clip(folds[fruit.where], 0, 1))
    fruit.gloss *= 1 - 0.8 * strength


def _ridged(noise: Array) -> Array:
    return 1 - np.abs(noise) * 1.6
