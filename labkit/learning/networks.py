"""Dense networks in NumPy, of any depth: first weights, the way forward, the way back, training.

A network is a list of layers, each a weight matrix (in, out) and a bias (out,). An activation stands between two
layers, a softmax with cross entropy at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from labkit.arrays import Array
from labkit.data import DataSet
from labkit.learning import losses
from labkit.learning.accuracy import share_right
from labkit.learning.activations import ACTIVATIONS, softmax

Layers = list[tuple[Array, Array]]
Start = Callable[[int, int, np.random.Generator], Array]
BATCH_SIZE = 32


def zero(fan_in: int, fan_out: int, rng: np.random.Generator) -> Array:
    """Every weight 0."""
    return np.zeros((fan_in, fan_out))


def constant(fan_in: int, fan_out: int, rng: np.random.Generator) -> Array:
    """Every weight 0.1."""
    return np.full((fan_in, fan_out), 0.1)


def small_random(fan_in: int, fan_out: int, rng: np.random.Generator) -> Array:
    """Normal with spread 0.01, whatever the size of the layer."""
    return rng.normal(0.0, 0.01, (fan_in, fan_out))


def glorot_uniform(fan_in: int, fan_out: int, rng: np.random.Generator) -> Array:
    """Uniform with variance 2 / (fan_in + fan_out) (Glorot and Bengio, 2010)."""
    limit = np.sqrt(6.0 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, (fan_in, fan_out))


def he_normal(fan_in: int, fan_out: int, rng: np.random.Generator) -> Array:
    """Normal with variance 2 / fan_in (He and others, 2015)."""
    return rng.normal(0.0, np.sqrt(2.0 / fan_in), (fan_in, fan_out))


STARTS: dict[str, Start] = {
    "zero": zero,
    "small random": small_random,
    "Glorot": glorot_uniform,
    "He": he_normal,
}


def draw(sizes: Sequence[int], starts: Start | Sequence[Start], rng: np.random.Generator) -> Layers:
    """A fresh network: sizes (64, 32, 10) make two layers. `starts` is one for all layers, or one for each."""
    each = [starts] * (len(sizes) - 1) if callable(starts) else starts
    shapes = zip(sizes[:-1], sizes[1:], each, strict=True)
    return [(start(fan_in, fan_out, rng), np.zeros(fan_out)) for fan_in, fan_out, start in shapes]


def forward(x: ArrayLike, layers: Layers, activation: str) -> list[Array]:
    """What each layer computes before its activation; the last are the logits."""
    function = ACTIVATIONS[activation].function
    computed = [np.asarray(x, dtype=float) @ layers[0][0] + layers[0][1]]
    for weights, bias in layers[1:]:
        computed.append(function(computed[-1]) @ weights + bias)
    return computed


def backward(x: ArrayLike, layers: Layers, activation: str, computed: list[Array], blame: Array
             ) -> list[tuple[Array, Array, Array]]:  # fmt: skip
    """Of each layer the gradients for weights, bias and what it computed, from `blame`, that for the logits."""
    function, derivative = ACTIVATIONS[activation].function, ACTIVATIONS[activation].derivative
    gradients: list[tuple[Array, Array, Array]] = []
    for number in range(len(layers) - 1, -1, -1):
        given = function(computed[number - 1]) if number else np.asarray(x, dtype=float)
        gradients.append((given.T @ blame, blame.sum(axis=0), blame))
        if number:
            blame = blame @ layers[number][0].T * derivative(computed[number - 1])
    return gradients[::-1]


def train(data: DataSet, layers: Layers, activation: str, learning_rate: float, epochs: int, seed: int) -> Layers:
    """The network after so many passes through the training rows, in batches of 32; `layers` stays as it was."""
    rng = np.random.default_rng(seed)
    x, y = data.x_train.astype(float), np.eye(len(data.classes))[data.y_train]
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(x), BATCH_SIZE):
            rows = order[first : first + BATCH_SIZE]
            computed = forward(x[rows], layers, activation)
            blame = losses.cross_entropy_gradient(y[rows], computed[-1])
            gradients = backward(x[rows], layers, activation, computed, blame)
            layers = [
                (weights - learning_rate * dw, bias - learning_rate * db)
                for (weights, bias), (dw, db, _) in zip(layers, gradients, strict=True)
            ]
    return layers


def accuracy(data: DataSet, layers: Layers, activation: str) -> float:
    """Share of the validation rows whose largest logit is the right class; a logit of NaN is never right."""
    logits = forward(data.x_validation, layers, activation)[-1]
    return share_right(logits, data.y_validation)


def softmax_regression(
    data: DataSet, batch_size: int, learning_rate: float | Callable[[int], float], epochs: int, seed: int
) -> Array:
    """Training loss before and after each epoch of mini-batch gradient descent, (epochs + 1,), without Keras.

    The learning rate is a number, or a function of the number of steps made.
    """
    rate_at = learning_rate if callable(learning_rate) else lambda _: learning_rate
    rng = np.random.default_rng(seed)
    x, y = data.x_train.astype(float), np.eye(len(data.classes))[data.y_train]
    weights = np.zeros((x.shape[1], y.shape[1]))
    steps = 0
    course = [losses.cross_entropy(y, softmax(x @ weights))]
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            rows = order[start : start + batch_size]
            weights -= rate_at(steps) * x[rows].T @ losses.cross_entropy_gradient(y[rows], x[rows] @ weights)
            steps += 1
        course.append(losses.cross_entropy(y, softmax(x @ weights)))
    return np.array(course)
