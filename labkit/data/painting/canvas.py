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
    """A grid of points, or a window of it, flattened row by row: `x` and `y` have shape (points,).

    `pixels` is the side of the whole grid; `rows` and `columns` are the window's.
    """

    def __init__(self, pixels: int, rows: slice | None = None, columns: slice | None = None) -> None:
        self.pixels, self.rows, self.columns = pixels, rows or slice(0, pixels), columns or slice(0, pixels)
        across, down = centres(pixels)[self.columns], centres(pixels)[self.rows]
        self.shape = len(down), len(across)
        self.x = np.tile(across, len(down))
        self.y = np.repeat(down, len(across))

    def noise(self, rng: np.random.Generator, cells: int) -> Array:
        """Smooth noise with about `cells` hills and valleys across the whole grid; mean 0, most within -1 and 1."""
        weights = _spline(self.pixels, cells)  # (pixels, cells + 3)
        lattice = rng.uniform(-1.8, 1.8, (cells + 3, cells + 3))
        down, across = (self._reached(part, cells) for part in (self.rows, self.columns))
        return (weights[self.rows, down] @ lattice[down, across] @ weights[self.columns, across].T).ravel()

    def _reached(self, part: slice, cells: int) -> slice:
        """The part of a lattice that noise in this part of the grid depends on."""
        first, last = ((2 * i + 1) * cells // (2 * self.pixels) for i in (part.start, part.stop - 1))
        return slice(first, last + 4)

    def window(self, left: float, right: float, top: float, bottom: float, finer: int) -> Canvas:
        """The part between these places, with `finer` points for each point along either side."""
        low = np.floor((np.array([left, top]) + 1) / 2 * self.pixels)
        high = np.ceil((np.array([right, bottom]) + 1) / 2 * self.pixels)
        ends = np.clip([low, high], 0, self.pixels).astype(int).T * finer
        columns, rows = (slice(*end) for end in ends.tolist())
        return Canvas(self.pixels * finer, rows, columns)

    def slopes(self, values: Array) -> Array:
        """How steeply values on the grid rise towards the right and towards the bottom: (2, points)."""
        down, across = np.gradient(values.reshape(self.shape), 2 / self.pixels)
        return np.stack([across.ravel(), down.ravel()])


@lru_cache(maxsize=4)
def canvas(pixels: int) -> Canvas:
    """The whole grid of this size; nobody writes to it, so that one serves every picture."""
    return Canvas(pixels)


@lru_cache(maxsize=16)
def centres(pixels: int) -> Array:
    """Where the middles of `pixels` points lie between -1 and 1."""
    places = (np.arange(pixels) + 0.5) * (2 / pixels) - 1
    places.flags.writeable = False
    return places


def gaussian(rows: int, columns: int, sigma: float, shift: float = 0.0) -> Array:
    """Weights (rows, columns) that smooth `columns` points along one axis and read them off at `rows` points."""
    distance = (centres(rows)[:, None] - centres(columns) - shift) / sigma
    weights = np.exp(-np.minimum(0.5 * distance * distance, 40))  # smaller ones add nothing, and take long
    return weights / (weights.sum(axis=1, keepdims=True) if shift == 0 else np.sqrt(2 * np.pi) * sigma * columns / 2)


def step(low: float, high: float, value: Array) -> Array:
    """0 below `low`, 1 above `high`, smooth between."""
    t = (value - low) * (1 / (high - low))
    np.minimum(np.maximum(t, 0, out=t), 1, out=t)
    curve = 3 - 2 * t
    curve *= t
    curve *= t
    return curve


def mix(first: Array, second: Array, share: Array | float) -> Array:
    """`first` where the share is 0, `second` where it is 1."""
    return first + (second - first) * share


def length(vectors: Array) -> Array:
    """How long each of m vectors (k, m) is; many times as fast as a sum over so short an axis."""
    squared = vectors[0] * vectors[0]
    for part in vectors[1:]:
        squared += part * part
    return np.sqrt(squared, out=squared)


def colour(red: float, green: float, blue: float) -> Array:
    """A colour that broadcasts over points, of shape (3, 1)."""
    return np.array([[red], [green], [blue]])


def blurred(mask: Array, sigma: float, shift: tuple[float, float]) -> Array:
    """A mask (n, n) moved by `shift` (x, y) and smoothed; what is outside counts as empty."""
    down, across = (gaussian(len(mask), len(mask), sigma, way) for way in reversed(shift))
    return down @ mask @ across.T


def jitter(shade: Array, rng: np.random.Generator, amount: float = 0.05) -> Array:
    """A colour near another."""
    return np.clip(shade + rng.normal(0, amount, (3, 1)), 0, 1)


def segment(x: Array, y: Array, start: tuple[float, float], end: tuple[float, float]) -> tuple[Array, Array]:
    """How far each point is from a straight line, and where along it (0 to 1) the nearest point lies."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    along = np.clip(((x - start[0]) * dx + (y - start[1]) * dy) / (dx * dx + dy * dy + 1e-12), 0, 1)
    return np.sqrt((x - start[0] - along * dx) ** 2 + (y - start[1] - along * dy) ** 2), along


@lru_cache(maxsize=128)
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
