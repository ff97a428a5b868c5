"""Training on few images: how often each is shown, changed anew or not, and what is learned from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labkit import training
from labkit.learning.accuracy import share_right

if TYPE_CHECKING:
    import keras


def shown(
    images: NDArray[Any], labels: NDArray[Any], count: int, change: keras.Layer | None, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """`count` images and labels as training shows them: epoch after epoch, each in a new order.

    Where there is a `change`, a Keras layer, it changes every epoch's images anew. Shapes (count, …) and (count,).
    """
    epochs = -(-count // len(labels))
    order = np.concatenate([epoch * len(labels) + rng.permutation(len(labels)) for epoch in range(epochs)])[:count]
    copies = np.concatenate(_epochs(images.astype("float32"), epochs, change))
    return copies[order], np.tile(labels, epochs)[order]


def accuracy(
    model: keras.Model, images: NDArray[Any], labels: NDArray[Any], test: tuple[NDArray[Any], NDArray[Any]],
    batch_size: int, seed: int,
) -> float:  # fmt: skip
    """Share of the test images right after the compiled model, its weights drawn anew, has seen the images once.

    Images are taken in their order, in batches of `batch_size`. One compiled model serves many runs.
    """
    import keras

    training.restart(model, seed)
    model.fit(images, labels, batch_size=batch_size, shuffle=False, verbose=0)
    scores = keras.ops.convert_to_numpy(model(test[0].astype("float32"), training=False))
    return share_right(scores, test[1])


def _epochs(images: NDArray[np.float32], epochs: int, change: keras.Layer | None) -> list[NDArray[np.float32]]:
    if change is None:
        return [images] * epochs
    import tensorflow as tf  # a pipeline runs on TensorFlow beside every backend

    passes = tf.data.Dataset.from_tensors(images).repeat(epochs).map(lambda batch: change(batch, training=True))
    return list(passes.as_numpy_iterator())
