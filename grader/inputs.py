"""What probes are called with: fixed values, and inputs drawn from a seed.

A drawn input is new for each seed. The public checks use one seed, each gradebook has a secret one of its own.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.values import Value

PUBLIC_SEED = "public"


@dataclass(frozen=True)
class Drawn:
    """An input that is drawn anew for each seed."""

    draw: Callable[[np.random.Generator], Value]


def normal(*shape: int, loc: float = 0.0, scale: float = 1.0) -> Drawn:
    """Independent normal numbers of the given shape, float64."""
    return Drawn(lambda rng: rng.normal(loc, scale, shape))


def uniform(*shape: int, low: float = 0.0, high: float = 1.0) -> Drawn:
    """Independent uniform numbers in [low, high) of the given shape, float64."""
    return Drawn(lambda rng: rng.uniform(low, high, shape))


def integers(*shape: int, low: int, high: int) -> Drawn:
    """Independent integers from low to high - 1 of the given shape, int64."""
    return Drawn(lambda rng: rng.integers(low, high, shape))


def one_hot(rows: int, classes: int) -> Drawn:
    """Random labels as one-hot rows, shape (rows, classes), float64."""
    return Drawn(lambda rng: np.eye(classes)[rng.integers(0, classes, rows)])


def probabilities(rows: int, classes: int) -> Drawn:
    """Random rows of positive numbers that sum to 1, shape (rows, classes), float64."""
    return Drawn(lambda rng: rng.dirichlet(np.ones(classes), rows))


def array(values: Any, dtype: Any = None) -> np.ndarray:
    """A fixed array."""
    return np.array(values, dtype=dtype)


def draw(inputs: Mapping[str, Any], seed: str, *place: str) -> dict[str, Value]:
    """The inputs of the probe at `place` (unit, task, probe) for a seed. The order of other probes does not matter."""
    return {name: _drawn(value, "/".join([seed, *place, name])) for name, value in inputs.items()}


def _drawn(value: Any, key: str) -> Value:
    if not isinstance(value, Drawn):
        return value
    entropy = int.from_bytes(hashlib.sha256(key.encode()).digest(), "big")
    return value.draw(np.random.default_rng(entropy))
