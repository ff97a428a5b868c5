"""Apples: a body with a hollow at either end, a stem, sometimes a leaf; skins from green to dark red."""

from __future__ import annotations

import numpy as np

from labkit.data.painting.ball import Ball, Pose, ball
from labkit.data.painting.canvas import Array, Canvas, colour, jitter, mix, segment, step

# Ground and blush of some well-known kinds, and how much of the skin is blushed.
KINDS = (
    (colour(0.78, 0.70, 0.22), colour(0.74, 0.09, 0.10), 0.85),  # red
    (colour(0.70, 0.55, 0.20), colour(0.52, 0.04, 0.09), 1.00),  # dark red
    (colour(0.86, 0.76, 0.33), colour(0.85, 0.22, 0.14), 0.55),  # yellow and red
    (colour(0.56, 0.70, 0.20), colour(0.66, 0.62, 0.22), 0.25),  # green
    (colour(0.66, 0.72, 0.24), colour(0.78, 0.20, 0.16), 0.40),  # green and red
    (colour(0.90, 0.80, 0.33), colour(0.91, 0.56, 0.25), 0.30),  # yellow
)
STEM, CALYX = colour(0.32, 0.21, 0.11), colour(0.23, 0.17, 0.10)


def profile(latitude: Array) -> tuple[Array, Array]:
    """The radius at a latitude, and its slope: broad shoulders, a hollow at the stem, a shallower one below."""
    top, bottom = (1 - latitude) / 0.09, (1 + latitude) / 0.06
    at_top, at_bottom = 1 / (1 + top * top), 1 / (1 + bottom * bottom)
    hollow, foot = 0.24 * at_top * at_top, 0.10 * at_bottom * at_bottom
    slope = 0.05 - hollow * at_top * top * (4 / 0.09) + foot * at_bottom * bottom * (4 / 0.06)
    return 0.97 + 0.05 * latitude - hollow - foot, slope


def apple(canvas: Canvas, rng: np.random.Generator, pose: Pose, lumps: float) -> Ball:
    """An apple's body in a sound skin."""
    body = ball(canvas, rng, pose, profile, lumps)
    ground, blush, share = KINDS[rng.integers(len(KINDS))]
    ground, blush = jitter(ground, rng), jitter(blush, rng)
    table = rng.uniform(-1, 1, 64)
    place = (body.longitude() / (2 * np.pi) + 0.5) * 64
    first = place.astype(int) % 64
    streaks = mix(table[first], table[(first + 1) % 64], place - np.floor(place))
    side = rng.normal(0, 1, 3)
    sun = (side / np.sqrt(side @ side)) @ body.point
    blushed = step(-0.5, 0.5, 0.8 * sun + 2.2 * (share - 0.5) + 0.35 * streaks + 0.3 * body.mid)
    body.tint(np.ones(len(body.where)), ground)
    body.albedo = mix(body.albedo, blush, blushed)
    body.albedo *= 1 + 0.06 * body.mid + 0.05 * streaks
    freckles = step(0.75, 1.1, body.fine) * rng.uniform(0, 0.5)
    body.tint(freckles, ground + 0.1)
    body.gloss[:] = rng.uniform(0.35, 0.75)
    hollow = step(0.80, 0.98, body.latitude)
    body.tint(hollow * step(-0.6, 0.6, body.mid) * 0.7, colour(0.62, 0.52, 0.25), gloss=0.1)
    below = step(0.965, 0.99, -body.latitude)
    body.tint(below, CALYX, gloss=0.0)
    body.open *= 1 - 0.55 * step(0.86, 1.0, body.latitude) - 0.3 * step(0.93, 1.0, -body.latitude)
    return body


def stem(canvas: Canvas, rng: np.random.Generator, body: Ball, image: Array) -> None:
    """Draw the stem where the body does not hide it."""
    pose, length, thick = body.pose, rng.uniform(0.45, 0.7), rng.uniform(0.045, 0.065)
    bend = rng.uniform(-0.22, 0.22, 3)
    shade, soft = jitter(STEM, rng, 0.04), 0.6 * 2 / canvas.pixels / pose.scale
    height, covered = body.layer(body.height[None], canvas)
    depth = np.where(covered > 0.5, height / np.maximum(covered, 0.5), -9.0)
    joints = [pose.axis * (0.68 + length * t) + bend * t * t for t in (0, 0.5, 1)]
    x, y = (canvas.x - pose.x) / pose.scale, (canvas.y - pose.y) / pose.scale
    for start, end in zip(joints, joints[1:], strict=False):
        away, along = segment(x, y, (start[0], start[1]), (end[0], end[1]))
        in_front = start[2] + along * (end[2] - start[2]) + thick > depth
        mask = step(thick + soft, thick - soft, away) * in_front
        lit = shade * (0.75 + 0.6 * step(thick, 0.0, away))
        image += mask * (lit - image)
