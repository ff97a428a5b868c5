"""Loss functions, their gradients, and the slow but sure way to a gradient: central differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from labkit.arrays import Array
from labkit.learning.activations import sigmoid, softmax

SMALLEST_PROBABILITY = 1e-12  # log(0) is minus infinity, so probabilities are clipped here


def mse(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Mean of the squared differences over every entry."""
    return float(np.mean((np.asarray(y_true, dtype=float) - np.asarray(y_pred, dtype=float)) ** 2))


def cross_entropy(y_true: ArrayLike, y_prob: ArrayLike) -> float:
    """Mean over rows of minus the log of the probability given to the true class (one-hot rows)."""
    log_prob = np.log(np.clip(np.asarray(y_prob, dtype=float), SMALLEST_PROBABILITY, 1.0))
    return float(-np.mean(np.sum(np.asarray(y_true) * log_prob, axis=-1)))


def cross_entropy_gradient(y_true: ArrayLike, logits: ArrayLike) -> Array:
    """Gradient of the mean cross entropy of softmax(logits), with respect to the logits."""
    y_true = np.asarray(y_true, dtype=float)
    return (softmax(logits) - y_true) / len(y_true)


def binary_cross_entropy(target: ArrayLike, logit: ArrayLike) -> Array:
    """Minus the log of the probability that sigmoid(logit) gives to the target, 0 or 1; entry by entry."""
    logit = np.asarray(logit, dtype=float)
    return np.logaddexp(0.0, logit) - np.asarray(target) * logit


def binary_cross_entropy_gradient(target: ArrayLike, logit: ArrayLike) -> Array:
    """Its slope with respect to the logit."""
    return sigmoid(logit) - np.asarray(target)


def squared_error(target: ArrayLike, logit: ArrayLike) -> Array:
    """Squared difference between sigmoid(logit) and the target, 0 or 1; entry by entry."""
    return (sigmoid(logit) - np.asarray(target)) ** 2


def squared_error_gradient(target: ArrayLike, logit: ArrayLike) -> Array:
    """Its slope with respect to the logit: the sigmoid's derivative stands in it as a factor."""
    p = sigmoid(logit)
    return 2.0 * (p - np.asarray(target)) * p * (1.0 - p)


def central_differences(function: Callable[[Array], float], x: ArrayLike, step: float = 1e-5) -> Array:
    """Gradient of a function of one array, two calls for each entry: (f(x + step) - f(x - step)) / (2 step)."""
    x = np.array(x, dtype=float)
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        nudge = np.zeros_like(x)
        nudge[index] = step
        gradient[index] = (function(x + nudge) - function(x - nudge)) / (2.0 * step)
    return gradient
