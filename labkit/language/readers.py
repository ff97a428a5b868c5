"""Networks that read rows of ids and give a class, drawn anew and trained from a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labkit import training
from labkit.learning.accuracy import share_right

if TYPE_CHECKING:
    import keras

WIDTH, DROPPED, BATCH, RATE = 32, 0.3, 64, 4e-3


def reader(cell: str, words: int, classes: int, *, masked: bool = True, bidirectional: bool = False) -> keras.Model:
    """A compiled classifier of ids (n, any length), 0 for padding: embedding, "LSTM", "GRU" or "RNN", softmax.

    A bidirectional one has half as many units for each direction. "mean" takes the mean of the embeddings: it knows no
    order.
    """
    import keras

    layer_of = {"RNN": keras.layers.SimpleRNN, "LSTM": keras.layers.LSTM, "GRU": keras.layers.GRU}
    ids = keras.Input((None,), dtype="int32")
    vectors = keras.layers.Embedding(words, WIDTH, mask_zero=masked)(ids)
    if cell == "mean":
        layer = keras.layers.GlobalAveragePooling1D()
    elif bidirectional:
        layer = keras.layers.Bidirectional(layer_of[cell](WIDTH // 2))
    else:
        layer = layer_of[cell](WIDTH)
    last = keras.layers.Dropout(DROPPED)(layer(vectors))
    model = keras.Model(ids, keras.layers.Dense(classes, activation="softmax")(last))
    model.compile(keras.optimizers.Adam(RATE), "sparse_categorical_crossentropy")
    return model


def train(model: keras.Model, x: NDArray[Any], y: NDArray[Any], epochs: int, seed: int) -> float:
    """Draw the weights anew, train, and give the seconds of training, without those of compiling.

    Another size of batch takes time: what does not fill the last batch is left out.
    """
    training.warm_up(model, x, y, BATCH)
    return training.fit_anew(model, x, y, RATE, epochs, seed, BATCH, steps=epochs * len(x) // BATCH)


def accuracy(model: keras.Model, x: NDArray[Any], y: NDArray[Any]) -> float:
    """Share of the rows whose largest output is the right class; an output of NaN is never right."""
    return share_right(probabilities(model, x), y)


def probabilities(model: keras.Model, x: NDArray[Any]) -> NDArray[Any]:
    """The model's outputs as an array, in one call: Keras's `predict` compiles first."""
    import keras

    return np.asarray(keras.ops.convert_to_numpy(model(x, training=False)))
