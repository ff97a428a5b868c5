"""Activation functions and their derivatives, in NumPy, stable for every finite input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from labkit.arrays import Array


def sigmoid(x: ArrayLike) -> Array:
    """1 / (1 + exp(-x)); only exp of a number that is not positive is taken, so nothing overflows."""
    x = np.asarray(x, dtype=float)
    small = np.exp(-np.abs(x))  # in (0, 1]
    return np.where(x >= 0, 1.0, small) / (1.0 + small)


def sigmoid_derivative(x: ArrayLike) -> Array:
    """The slope of the sigmoid at x; 1/4 at most."""
    s = sigmoid(x)
    return s * (1.0 - s)


def tanh(x: ArrayLike) -> Array:
    """The hyperbolic tangent: a sigmoid stretched to (-1, 1)."""
    return np.tanh(np.asarray(x, dtype=float))


def tanh_derivative(x: ArrayLike) -> Array:
    """The slope of tanh at x; 1 at most."""
    return 1.0 - tanh(x) ** 2


def relu(x: ArrayLike) -> Array:
    """x where x is positive, else 0."""
    return np.maximum(np.asarray(x, dtype=float), 0.0)


def relu_derivative(x: ArrayLike) -> Array:
    """1 where x is positive, else 0; at 0, where no slope exists, 0 as Keras has it."""
    return (np.asarray(x, dtype=float) > 0).astype(float)


def leaky_relu(x: ArrayLike, slope: float = 0.01) -> Array:
    """x where x is positive, else slope times x."""
    x = np.asarray(x, dtype=float)
    return np.where(x > 0, x, slope * x)


def leaky_relu_derivative(x: ArrayLike, slope: float = 0.01) -> Array:
    """1 where x is positive, else slope."""
    return np.where(np.asarray(x, dtype=float) > 0, 1.0, slope)


def softmax(logits: ArrayLike) -> Array:
    """Probabilities along the last axis."""
    logits = np.asarray(logits, dtype=float)
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class Activation:
    """A function with its derivative and the name that it has on screen."""

    name: str
    function: Callable[[ArrayLike], Array]
    derivative: Callable[[ArrayLike], Array]


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation("sigmoid", sigmoid, sigmoid_derivative),
        Activation("tanh", tanh, tanh_derivative),
        Activation("ReLU", relu, relu_derivative),
        Activation("leaky ReLU", leaky_relu, leaky_relu_derivative),
    )
}
