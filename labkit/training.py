"""What the experiments do with models: train from a seed, measure losses and gradients, count dead units.

All of it runs on any backend of Keras; softmax regression needs none.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labkit.data import DataSet
from labkit.learning import losses
from labkit.learning.accuracy import share_right

if TYPE_CHECKING:
    import keras

BATCH_SIZE = 32


@dataclass(frozen=True)
class Run:
    """What one training run ends with."""

    accuracy: float  # on the validation part
    dead: float  # share of the hidden units that give 0 for every training row
    loss: float  # mean cross entropy of the training part


def train(model: keras.Model, data: DataSet, learning_rate: float, epochs: int, seed: int) -> Run:
    """Draw the compiled model's weights anew from the seed, empty its optimiser's memory, train it, and measure it.

    For sequential models on rows; `fit_anew` is the part that serves any model.
    """
    fit_anew(model, data.x_train, data.y_train, learning_rate, epochs, seed)
    return Run(accuracy(model, data), dead_share(model, data.x_train), training_loss(model, data))


def fit_anew(
    model: keras.Model, x: NDArray[Any], y: NDArray[Any], rate: float, epochs: int, seed: int,
    batch: int = BATCH_SIZE, *, steps: int | None = None,
) -> float:  # fmt: skip
    """Draw the compiled model's weights anew from the seed, train it, and return the seconds that training took.

    One compiled model serves many runs, which saves compiling it for each, and no run depends on those before it.
    `steps` ends the training before the epochs do. The first run compiles, which counts in its seconds; `warm_up` does
    it beforehand.
    """
    restart(model, seed, rate)
    order = in_epochs(len(x), epochs, np.random.default_rng(seed))
    return fit_in_order(model, x, y, order if steps is None else order[: steps * batch], batch)


def restart(model: keras.Model, seed: int, rate: float | None = None) -> None:
    """Draw the compiled model's weights anew from the seed, and its dropout; empty its optimiser's memory.

    The learning rate stays as it is unless one is given.
    """
    import keras

    keras.utils.set_random_seed(seed)
    bare = keras.Model(model.inputs, model.outputs)  # Keras compiles the clone of a compiled model, which takes time
    fresh = keras.models.clone_model(bare)
    for layer, drawn in zip(bare.layers, fresh.layers, strict=True):
        # Not only weights: a dropout layer counts what it has drawn.
        for variable, first in zip(layer.variables, drawn.variables, strict=True):
            variable.assign(first)
    forget(model)
    if rate is not None:
        model.optimizer.learning_rate = rate


def warm_up(model: keras.Model, x: NDArray[Any], y: NDArray[Any], batch: int = BATCH_SIZE) -> None:
    """Train one batch, which compiles the training step: the seconds of a run after it are those of training alone."""
    model.fit(x[:batch], y[:batch], batch_size=batch, verbose=0)


def in_epochs(rows: int, epochs: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """The numbers of all rows, epoch after epoch, each in a new order, (rows * epochs,)."""
    return np.concatenate([rng.permutation(rows) for _ in range(epochs)])


def fit_in_order(model: keras.Model, x: NDArray[Any], y: NDArray[Any], order: NDArray[np.intp], batch: int) -> float:
    """Train the model on the rows in the order given, and return the seconds that it took.

    All of them go to Keras as one long row of batches, since starting an epoch costs as much time as training it on few
    rows.
    """
    started = time.perf_counter()
    model.fit(x[order], y[order], batch_size=batch, shuffle=False, verbose=0)
    return time.perf_counter() - started


def forget(model: keras.Model) -> None:
    """Set the memory of the model's optimiser, such as its velocities and its step number, to where it began."""
    optimizer = model.optimizer
    if not optimizer.built:
        optimizer.build(model.trainable_variables)
    fresh = type(optimizer).from_config(optimizer.get_config())
    fresh.build(model.trainable_variables)
    for variable, first in zip(optimizer.variables, fresh.variables, strict=True):
        variable.assign(first)


def accuracy(model: keras.Model, data: DataSet) -> float:
    """Share of the validation rows whose largest output is the right class; an output of NaN is never right."""
    return share_right(layer_outputs(model, data.x_validation)[-1], data.y_validation)


def training_loss(model: keras.Model, data: DataSet) -> float:
    """Mean cross entropy of the training rows, for a model that ends with a softmax."""
    return losses.cross_entropy(np.eye(len(data.classes))[data.y_train], layer_outputs(model, data.x_train)[-1])


def dead_share(model: keras.Model, x: NDArray[Any]) -> float:
    """Share of the hidden units that give 0 for every row of x."""
    hidden = np.concatenate(layer_outputs(model, x)[:-1], axis=-1)  # (rows, units of all hidden layers)
    return float(np.mean((hidden == 0).all(axis=0)))


def layer_outputs(model: keras.Model, x: NDArray[Any]) -> list[NDArray[Any]]:
    """What each layer of a sequential model gives for the rows of x, first layer first."""
    import keras

    outputs = []
    for layer in model.layers:
        x = keras.ops.convert_to_numpy(layer(x))
        outputs.append(x)
    return outputs


def gradient_norms(model: keras.Model, x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float64]:
    """Norm of the loss's gradient with respect to each layer's weight matrix, on one batch, first layer first.

    y holds class indices. The optimiser used here writes each gradient into the place of its weight, where every
    backend lets it be read at full precision. It does so in a copy: the model itself does not change.
    """
    import keras

    class GradientInsteadOfStep(keras.optimizers.Optimizer):
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            self.assign(variable, gradient)

    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    copy.compile(GradientInsteadOfStep(1.0), "sparse_categorical_crossentropy", run_eagerly=True, jit_compile=False)
    copy.train_on_batch(x, y)
    return np.array([np.linalg.norm(layer.get_weights()[0]) for layer in copy.layers if layer.weights])
