"""What the experiments do with Keras models, on any backend: train from a seed, measure gradients, count dead units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labkit.data import DataSet

if TYPE_CHECKING:
    import keras

BATCH_SIZE = 32


@dataclass(frozen=True)
class Run:
    """What one training run ends with."""

    accuracy: float  # on the validation part
    dead: float  # share of the hidden units that give 0 for every training row


def train(model: keras.Model, data: DataSet, learning_rate: float, epochs: int, seed: int) -> Run:
    """Draw the compiled model's weights anew from the seed, train it, and measure it.

    One compiled model serves many runs, which saves compiling it for each. All epochs go to Keras as one long row of
    batches, since starting an epoch costs as much time as training it on so few images.
    """
    import keras

    keras.utils.set_random_seed(seed)
    model.set_weights(keras.models.clone_model(model).get_weights())
    model.optimizer.learning_rate = learning_rate
    rng = np.random.default_rng(seed)
    order = np.concatenate([rng.permutation(len(data.x_train)) for _ in range(epochs)])
    model.fit(data.x_train[order], data.y_train[order], batch_size=BATCH_SIZE, shuffle=False, verbose=0)
    return Run(accuracy(model, data), dead_share(model, data.x_train))


def accuracy(model: keras.Model, data: DataSet) -> float:
    """Share of the validation rows whose largest output is the right class; an output of NaN is never right."""
    outputs = layer_outputs(model, data.x_validation)[-1]
    right = (outputs.argmax(axis=-1) == data.y_validation) & np.isfinite(outputs).all(axis=-1)
    return float(np.mean(right))


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
