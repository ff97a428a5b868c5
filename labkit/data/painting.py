"""First, plain version of the painter; its interface stays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FRUITS = ("fresh apple", "fresh banana", "fresh orange", "rotten apple", "rotten banana", "rotten orange")


def paint_fruits(labels: Any, size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """One RGB image for each label (0 to 5, as in `FRUITS`), uint8 of shape (n, size, size, 3)."""
    labels = np.asarray(labels)
    seeds = rng.integers(2**63, size=len(labels))
    images = np.empty((len(labels), size, size, 3), "uint8")
    for image, label, seed in zip(images, labels, seeds, strict=True):
        image[:] = _paint(int(label), size, np.random.default_rng(seed))
    return images


def _paint(label: int, size: int, rng: np.random.Generator) -> NDArray[Any]:
    kind, rotten = label % 3, label >= 3
    axis = (np.arange(size) + 0.5) / size * 2 - 1
    x, y = np.meshgrid(axis, axis)
    x0, y0 = rng.uniform(-0.25, 0.25, 2)
    turn, scale = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 0.75)
    u = ((x - x0) * np.cos(turn) + (y - y0) * np.sin(turn)) / scale
    v = (-(x - x0) * np.sin(turn) + (y - y0) * np.cos(turn)) / scale
    colours = [[(0.75, 0.12, 0.1), (0.6, 0.7, 0.2)], [(0.95, 0.8, 0.2), (0.75, 0.8, 0.25)], [(0.95, 0.5, 0.08)] * 2]
    first, second = np.array(colours[kind])
    colour = first + (second - first) * rng.uniform()
    if kind == 1:
        r, angle = np.hypot(u, v + 0.6), np.arctan2(u, v + 0.6)
        depth = 1 - ((r - 1) / 0.28) ** 2 - (angle / 0.9) ** 4
    else:
        depth = 1 - (u**2 + v**2) * (1 + (0.25 * np.exp(-(u**2) / 0.03) * (v < 0) if kind == 0 else 0))
    inside = np.clip(depth / 0.05, 0, 1)[..., None]
    shade = (0.45 + 0.6 * np.sqrt(np.clip(depth, 0, 1)))[..., None] * colour
    if rotten:
        for _ in range(rng.integers(3, 6)):
            a, b = rng.uniform(-0.6, 0.6, 2)
            spot = np.clip((0.35 - np.hypot(u - a, v - (0.4 if kind == 1 else 0) - b)) / 0.1, 0, 1)[..., None]
            shade = shade * (1 - 0.8 * spot) + 0.8 * spot * np.array([0.25, 0.15, 0.08])
    image = rng.uniform(0.2, 0.8, 3) * (1 - inside) + shade * inside + rng.normal(0, 0.02, (size, size, 1))
    return np.rint(np.clip(image, 0, 1) * 255)
