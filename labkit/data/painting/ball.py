"""Round fruit: bodies whose radius depends on the angle from their axis, seen from any side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from labkit.data.painting.canvas import Array, Canvas, length
from labkit.data.painting.surface import Surface

ROUNDS = 4  # after which the surface has settled


@dataclass
class Pose:
    """Where a fruit lies on the picture, how large it is, and where its axis points (a unit vector)."""

    x: float
    y: float
    scale: float
    axis: Array  # (3,)


@dataclass
class Ball(Surface):
    """A round fruit. `latitude` is 1 at the stem and -1 at the other end."""

    pose: Pose
    latitude: Array  # (m,)
    height: Array  # (m,) towards the viewer

    def at(self, a: float, b: float) -> tuple[Array, Array]:
        """A spot within 0.8 of the radius from the middle."""
        radius, angle = 0.8 * np.sqrt((a + 1) / 2), np.pi * b
        x, y = radius * np.cos(angle), radius * np.sin(angle)
        return np.array([[x], [y], [np.sqrt(1 - x * x - y * y)]]), np.array([[x], [y]])

    def longitude(self) -> Array:
        """The angle around the axis, from -pi to pi."""
        first = np.cross(self.pose.axis, [0.31, 0.52, 0.79])
        first /= np.sqrt(first @ first)
        return np.arctan2(np.cross(self.pose.axis, first) @ self.point, first @ self.point)


def ball(
    canvas: Canvas, rng: np.random.Generator, pose: Pose, profile: Callable[[Array], tuple[Array, Array]], lumps: float
) -> Ball:
    """The visible side of a body. `profile` gives the radius at a latitude, and its slope; `lumps` bend it.

    The surface is found by going from the radius to the height and back, which settles where slopes are gentle.
    """
    coarse, mid, fine = canvas.noise(rng, 9), canvas.noise(rng, 24), canvas.noise(rng, 56)
    x, y = (canvas.x - pose.x) / pose.scale, (canvas.y - pose.y) / pose.scale
    flat = x * x + y * y
    near = np.flatnonzero(flat < 1.25)
    x, y, flat, bent = x[near], y[near], flat[near], 1 + lumps * coarse[near]
    level, squared = pose.axis[0] * x + pose.axis[1] * y, np.ones(len(near))
    for _ in range(ROUNDS):
        height = np.sqrt(np.maximum(squared - flat, 0))
        latitude = (level + pose.axis[2] * height) / np.sqrt(np.maximum(squared, flat))
        radius, slope = profile(latitude)
        squared = radius * bent
        squared *= squared
    seen = squared > flat
    near, x, y, height = near[seen], x[seen], y[seen], np.sqrt((squared - flat)[seen])
    latitude, slope = latitude[seen], slope[seen]
    point = np.stack([x, y, height])
    point /= length(point)
    normal = point - slope * (pose.axis[:, None] - latitude * point)
    normal /= length(normal)
    normal[2] = np.maximum(normal[2], 0.02)
    return Ball(
        canvas, near, np.stack([x, y]), point, normal, coarse[near], mid[near], fine[near], pose, latitude, height
    )
