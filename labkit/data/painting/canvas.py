"""What all painting is done with: a grid of points, smooth noise on it, soft edges, blur.

A picture spans -1 to 1 in x (to the right) and in y (down), whatever its size in pixels. All chance comes from lattices
of a fixed size, so that a larger picture shows the same scene. Sums are in float64: rounded to 8 bits, a picture is the
same on every machine.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Canvas:
    """A square grid of points, `pixels` a side, flattened: `x` and `y` have shape (pixels * pixels,)."""

    def __init__(self, pixels: int) -> None:
        self.pixels = pixels
        axis = centres(pixels)
        self.x = np.tile(axis, pixels)
        self.y = np.repeat(axis, pixels)

    def noise(self, rng: np.random.Generator, cells: int) -> Array:
        """Smooth noise with about `cells` hills and valleys a side; mean 0, most of it within -1 and 1."""
        weights = _spline(self.pixels, cells)  # (pixels, cells + 3)
        return (weights @ rng.uniform(-1.8, 1.8, (cells + 3, cells + 3)) @ weights.T).ravel()

    def blurred(self, mask: Array, sigma: float, shift: tuple[float, float] = (0.0, 0.0)) -> Array:
        """A mask of shape (pixels * pixels,), moved by `shift` (x, y) and smoothed; outside counts as empty."""
        across = gaussian(self.pixels, self.pixels, sigma, shift[0])
        down = gaussian(self.pixels, self.pixels, sigma, shift[1])
        return (down @ mask.reshape(self.pixels, self.pixels) @ across.T).ravel()


@lru_cache(maxsize=4)
def canvas(pixels: int) -> Canvas:
    """The grid of this size; it is read only, so that one serves every picture."""
    return Canvas(pixels)


def centres(pixels: int) -> Array:
    """Where the middles of `pixels` points lie between -1 and 1."""
    return (np.arange(pixels) + 0.5) * (2 / pixels) - 1


def gaussian(rows: int, columns: int, sigma: float, shift: float = 0.0) -> Array:
    """Weights (rows, columns) that smooth `columns` points along one axis and read them off at `rows` points."""
    distance = (centres(rows)[:, None] - centres(columns) - shift) / sigma
    weights = np.exp(-0.5 * distance**2)
    return weights / (weights.sum(axis=1, keepdims=True) if shift == 0 else np.sqrt(2 * np.pi) * sigma * columns / 2)


def step(low: float, high: float, value: Array) -> Array:
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(first: Array, second: Array, share: Array | float) -> Array:
    """`first` where the share is 0, `second` where it is 1."""
    return first + (second - first) * share


def colour(red: float, green: float, blue: float) -> Array:
    """A colour that broadcasts over points, of shape (3, 1)."""
    return np.array([[red], [green], [blue]])


def jitter(shade: Array, rng: np.random.Generator, amount: float = 0.05) -> Array:
    """A colour near another."""
    return np.clip(shade + rng.normal(0, amount, (3, 1)), 0, 1)


def segment(x: Array, y: Array, start: tuple[float, float], end: tuple[float, float]) -> tuple[Array, Array]:
    """How far each point is from a straight line, and where along it (0 to 1) the nearest point lies."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    along = np.clip(((x - start[0]) * dx + (y - start[1]) * dy) / (dx * dx + dy * dy + 1e-12), 0, 1)
    return np.sqrt((x - start[0] - along * dx) ** 2 + (y - start[1] - along * dy) ** 2), along


@lru_cache(maxsize=64)
def _spline(points: int, cells: int) -> Array:
    """Weights (points, cells + 3) of the uniform cubic B-spline (de Boor, 1978)."""
    place = (centres(points) + 1) / 2 * cells
    first = np.minimum(place.astype(int), cells - 1)
    t = place - first
    basis = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3]) / 6
    weights = np.zeros((points, cells + 3))
    for k in range(4):
        weights[np.arange(points), first + k] = basis[k]
    return weights
