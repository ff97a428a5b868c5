"""Optimisers as pure functions of weights, gradient and memory, in NumPy, and a comparison with Keras's own."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from labkit.arrays import Array
from labkit.machine import backend

if TYPE_CHECKING:
    import keras

ADAGRAD_START = 0.1  # Keras begins AdaGrad's sum here, which bounds the first step


@dataclass(frozen=True)
class Settings:
    """What a walk is made with. `momentum` is beta 1 in Adam; the other defaults are Keras's."""

    rate: float
    momentum: float = 0.9
    rho: float = 0.9  # what RMSprop keeps of its memory at each step
    beta_2: float = 0.999  # what Adam keeps of the squares
    epsilon: float = 1e-7


Memory = tuple[Array, ...]
Step = tuple[Array, Memory]  # the new weights and the new memory


def gradient_descent(w: Array, g: Array, memory: Memory, t: int, by: Settings) -> Step:
    """Against the gradient, in proportion to it."""
    return w - by.rate * g, memory


def heavy_ball(w: Array, g: Array, memory: Memory, t: int, by: Settings) -> Step:
    """Momentum: a velocity keeps a share of itself and gains a step of gradient descent."""
    velocity = by.momentum * memory[0] - by.rate * g
    return w + velocity, (velocity,)


def nesterov(w: Array, g: Array, memory: Memory, t: int, by: Settings) -> Step:
    """Momentum that moves as if the velocity had been carried on once more."""
    velocity = by.momentum * memory[0] - by.rate * g
    return w + by.momentum * velocity - by.rate * g, (velocity,)


def adagrad(w: Array, g: Array, memory: Memory, t: int, by: Settings) -> Step:
    """Each weight's rate is divided by the root of the sum of its squared gradients."""
    total = memory[0] + g**2
    return w - by.rate * g / np.sqrt(total + by.epsilon), (total,)


def rmsprop(w: Array, g: Array, memory: Memory, t: int, by: Settings) -> Step:
    """AdaGrad with a memory that fades."""
    squares = by.rho * memory[0] + (1 - by.rho) * g**2
    return w - by.rate * g / np.sqrt(squares + by.epsilon), (squares,)


def adam(w: Array, g: Array, memory: Memory, t: int, by: Settings) -> Step:
    """Momentum over RMSprop, each mean corrected for its start at 0; epsilon stands where the paper has it."""
    mean = by.momentum * memory[0] + (1 - by.momentum) * g
    squares = by.beta_2 * memory[1] + (1 - by.beta_2) * g**2
    corrected_mean, corrected_squares = mean / (1 - by.momentum**t), squares / (1 - by.beta_2**t)
    return w - by.rate * corrected_mean / (np.sqrt(corrected_squares) + by.epsilon), (mean, squares)


@dataclass(frozen=True)
class Optimiser:
    """A rule with the values that its memories begin with."""

    name: str
    step: Callable[[Array, Array, Memory, int, Settings], Step]
    start: tuple[float, ...] = ()


OPTIMISERS: dict[str, Optimiser] = {
    optimiser.name: optimiser
    for optimiser in (
        Optimiser("gradient descent", gradient_descent),
        Optimiser("momentum", heavy_ball, (0.0,)),
        Optimiser("Nesterov", nesterov, (0.0,)),
        Optimiser("AdaGrad", adagrad, (ADAGRAD_START,)),
        Optimiser("RMSprop", rmsprop, (0.0,)),
        Optimiser("Adam", adam, (0.0, 0.0)),
    )
}


def path(
    name: str, gradient: Callable[[Array], Array], start: ArrayLike, steps: int, by: Settings, limit: float = np.inf
) -> Array:
    """The weights before and after each step, (steps + 1, d). A path that leaves the limit stays where it left."""
    optimiser = OPTIMISERS[name]
    w = np.array(start, dtype=float)
    memory: Memory = tuple(np.full_like(w, value) for value in optimiser.start)
    walked = [w]
    for t in range(1, steps + 1):
        if np.abs(w).max() <= limit:
            w, memory = optimiser.step(w, gradient(w), memory, t, by)
        walked.append(w)
    return np.array(walked)


def cosine(step: int, total: int, warm_up: int, peak: float) -> float:
    """A learning rate that rises to its peak in a straight line and falls to 0 along half a cosine."""
    if step < warm_up:
        return peak * step / warm_up
    done = min((step - warm_up) / (total - warm_up), 1.0)
    return peak * (1 + math.cos(math.pi * done)) / 2


def keras_twin(name: str, by: Settings) -> keras.optimizers.Optimizer:
    """Keras's optimiser of that name, with the same settings."""
    from keras import optimizers

    return {
        "gradient descent": lambda: optimizers.SGD(by.rate),
        "momentum": lambda: optimizers.SGD(by.rate, momentum=by.momentum),
        "Nesterov": lambda: optimizers.SGD(by.rate, momentum=by.momentum, nesterov=True),
        "AdaGrad": lambda: optimizers.Adagrad(by.rate, ADAGRAD_START, by.epsilon),
        "RMSprop": lambda: optimizers.RMSprop(by.rate, by.rho, epsilon=by.epsilon),
        "Adam": lambda: optimizers.Adam(by.rate, by.momentum, by.beta_2, by.epsilon),
    }[name]()


def keras_path(
    optimizer: keras.optimizers.Optimizer, gradient: Callable[[Array], Array], start: ArrayLike, steps: int
) -> Array:
    """The path of an optimiser of Keras, (steps + 1, d), in float64, so that it can be compared to many digits."""
    import keras

    with backend.float64():
        w: Any = keras.Variable(np.asarray(start, dtype="float64"), dtype="float64")
        walked = [keras.ops.convert_to_numpy(w).copy()]
        for _ in range(steps):
            slope = gradient(walked[-1])
            optimizer.apply([keras.ops.convert_to_tensor(slope, dtype="float64")], [w])
            walked.append(keras.ops.convert_to_numpy(w).copy())
    return np.array(walked)
