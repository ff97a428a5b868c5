"""What is drawn for many pictures at once: numbers, events and smooth noise."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


@cache
def interpolation(cells: int, size: int) -> Floats:
    """Weights (size, cells) that spread a row of cells smoothly over a row of pixels."""
    places = np.linspace(1, cells - 2, size)[:, None]
    weights = np.exp(-((places - np.arange(cells)) ** 2) / 0.5)
    return (weights / np.sqrt((weights**2).sum(axis=1, keepdims=True))).astype("float32")


class Draw:
    """Random numbers for n pictures at once, each shaped (n, 1, 1)."""

    def __init__(self, n: int, rng: np.random.Generator) -> None:
        self.n, self.rng = n, rng

    def uniform(self, low: float, high: float) -> Floats:
        """Even between the two."""
        return self.rng.uniform(low, high, (self.n, 1, 1)).astype("float32")

    def normal(self, sd: float) -> Floats:
        """Gaussian about 0."""
        return (sd * self.rng.normal(size=(self.n, 1, 1))).astype("float32")

    def happens(self, share: float) -> Floats:
        """1 in this share of the pictures, else 0."""
        return (self.rng.random((self.n, 1, 1)) < share).astype("float32")

    def field(self, cells: int, size: int) -> Floats:
        """Smooth noise (n, size, size), about -1 to 1, with `cells` bumps across."""
        grid = self.rng.normal(size=(self.n, cells + 3, cells + 3)).astype("float32")
        across = interpolation(cells + 3, size)
        return across @ grid @ across.T
