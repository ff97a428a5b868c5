"""Fitting powers of x to few points, with a penalty on large weights: where under- and overfitting can be seen."""

from __future__ import annotations

import functools
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from labkit.arrays import Array

POINTS, VALIDATION_POINTS = 20, 200
NOISE = 0.25  # the deviation of the points from the curve: no model can be better in the mean
HIGHEST_DEGREE = 15
PENALTIES = ("none", "L2", "L1")


def curve(x: ArrayLike) -> Array:
    """What the points would show without noise."""
    return np.sin(1.5 * np.pi * np.asarray(x, dtype=float))


@functools.cache
def points(seed: int = 5) -> tuple[Array, Array, Array, Array]:
    """x and y of the points to fit, then of the points for validation, from -1 to 1, with noise."""
    rng = np.random.default_rng(seed)
    x, x_validation = np.linspace(-1, 1, POINTS), rng.uniform(-1, 1, VALIDATION_POINTS)
    y, y_validation = (curve(part) + rng.normal(0, NOISE, len(part)) for part in (x, x_validation))
    return x, y, x_validation, y_validation


@dataclass(frozen=True)
class Fit:
    """A fitted polynomial: its constant, and its weights for x, x², and so on."""

    constant: float
    weights: Array

    def __call__(self, x: ArrayLike) -> Array:
        """Its value at each x."""
        return self.constant + powers(x, len(self.weights)) @ self.weights

    def error(self, x: Array, y: Array) -> float:
        """Mean squared error."""
        return float(np.mean((self(x) - y) ** 2))


def powers(x: ArrayLike, degree: int) -> Array:
    """The columns x, x², up to x to the degree, (n, degree)."""
    return np.asarray(x, dtype=float)[:, None] ** np.arange(1, degree + 1)


def fit(x: Array, y: Array, degree: int, penalty: str, strength: float) -> Fit:
    """Least mean squared error plus strength times the sum of the squared (L2) or absolute (L1) weights."""
    columns = powers(x, degree)
    means = columns.mean(axis=0)
    centred, target = columns - means, y - y.mean()  # the constant bears no penalty
    if not degree:
        weights = np.zeros(0)
    elif penalty == "L1":
        weights = _least_absolute(centred, target, strength)
    else:
        root = np.sqrt(strength * len(y)) if penalty == "L2" else 0.0
        system = np.vstack([centred, root * np.eye(degree)])
        weights = np.linalg.lstsq(system, np.append(target, np.zeros(degree)))[0]
    return Fit(float(y.mean() - means @ weights), weights)


def _least_absolute(columns: Array, target: Array, strength: float) -> Array:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import Lasso

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = Lasso(strength / 2, fit_intercept=False, max_iter=20_000, tol=1e-3)
        weights: Array = model.fit(columns, target).coef_
    return weights


@functools.lru_cache(maxsize=64)
def fits(penalty: str, strength: float) -> tuple[Fit, ...]:
    """The fits of degree 0 to the highest, to the points of the first seed."""
    x, y, _, _ = points()
    return tuple(fit(x, y, degree, penalty, strength) for degree in range(HIGHEST_DEGREE + 1))
