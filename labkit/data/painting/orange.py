"""Oranges: nearly round, pored, with a green button where the stem was and sometimes a navel."""

from __future__ import annotations

import numpy as np

from labkit.data.painting.ball import Ball, Pose, ball
from labkit.data.painting.canvas import Array, Canvas, colour, jitter, step

KINDS = (colour(0.96, 0.52, 0.07), colour(0.97, 0.62, 0.11), colour(0.92, 0.42, 0.06), colour(0.97, 0.66, 0.14))
BUTTON, GREEN = colour(0.36, 0.42, 0.16), colour(0.60, 0.63, 0.14)


def profile(latitude: Array) -> tuple[Array, Array]:
    """The radius at a latitude, and its slope: a little flattened, a small hollow at the button."""
    top = (1 - latitude) / 0.05
    at_top = 1 / (1 + top * top)
    hollow = 0.07 * at_top * at_top
    return 1 - 0.04 * latitude * latitude - hollow, -0.08 * latitude - hollow * at_top * top * (4 / 0.05)


def orange(canvas: Canvas, rng: np.random.Generator, pose: Pose, lumps: float) -> Ball:
    """An orange's body in a sound skin."""
    body = ball(canvas, rng, pose, profile, lumps)
    body.tint(np.ones(len(body.where)), jitter(KINDS[rng.integers(len(KINDS))], rng, 0.03))
    spot, green = tuple(rng.uniform(-1, 1, 2)), rng.random() < 0.3
    if green:
        body.tint(0.75 * step(1.2, 0.2, body.distance(spot, 0.9, 0.3)), GREEN)
    body.albedo *= 1 + 0.05 * body.mid
    pores = canvas.noise(rng, 84)
    body.wrinkle(pores, 0.0028)
    body.tint(0.28 * step(0.55, 1.0, pores[body.where]), body.albedo * 0.7)
    body.gloss[:] = rng.uniform(0.25, 0.5)
    _ends(body, rng)
    return body


def _ends(body: Ball, rng: np.random.Generator) -> None:
    """The button at the stem with its creases, and at the other end a navel or a scar."""
    around = 1 + 0.10 * np.cos(5 * body.longitude() + rng.uniform(0, 6))
    angle = np.sqrt(np.maximum(2 - 2 * body.latitude, 0)) * around  # near the stem, the angle from it
    body.open *= 1 - 0.25 * step(0.5, 0.1, angle)
    body.tint(step(0.19, 0.13, angle), jitter(BUTTON, rng, 0.04), gloss=0.05)
    body.tint(step(0.07, 0.04, angle), colour(0.62, 0.55, 0.36))
    angle = np.sqrt(np.maximum(2 + 2 * body.latitude, 0)) * around
    if rng.random() < 0.5:
        body.open *= 1 - 0.5 * step(0.06, 0.0, np.abs(angle - 0.22))
        body.open *= 1 - 0.5 * step(0.06, 0.0, angle)
    else:
        body.tint(step(0.10, 0.05, angle), colour(0.35, 0.22, 0.10), gloss=0.0)
