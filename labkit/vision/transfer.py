"""How much a pretrained backbone saves: from scratch, frozen and tuned, on a few images of each class.

One `Bench` prepares what all runs share: the images once through the frozen part, models compiled once. A seed chooses
the images, the first weights and the order of the batches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labkit import training
from labkit.data import DataSet
from labkit.learning.accuracy import share_right

if TYPE_CHECKING:
    import keras

BATCH = 20
PENALTY = 0.1  # scikit-learn's C: the penalty of a logistic regression is divided by it
SCRATCH_STEPS, SCRATCH_RATE = 240, 2e-3
TUNED_STEPS, TUNED_RATE = 90, 3e-4


def backbone_of(model: keras.Model) -> keras.Model:
    """The backbone inside a classifier: the one of its layers that is itself a model.

    Raises ValueError where there is none, or more than one.
    """
    import keras

    found = [layer for layer in model.layers if isinstance(layer, keras.Model)]
    if len(found) != 1:
        raise ValueError(f"a classifier holds one backbone, a layer that is itself a model; here are {len(found)}")
    return found[0]


def subset(labels: NDArray[Any], per_class: int, seed: int) -> NDArray[np.intp]:
    """Rows of `per_class` random images of each class, in random order."""
    rng = np.random.default_rng(seed)
    rows = [rng.permutation(np.flatnonzero(labels == name))[:per_class] for name in np.unique(labels)]
    return rng.permutation(np.concatenate(rows))


def logistic_accuracy(
    train: NDArray[Any], y_train: NDArray[Any], unseen: NDArray[Any], y_unseen: NDArray[Any]
) -> float:
    """Share of the unseen rows right by logistic regression, fitted to the training rows; any shape of row.

    Rows are centred and scaled to a spread of 1. The penalty keeps the weights in the span of the training rows, so
    their coordinates there suffice: as many columns as rows, however many numbers an image has, and the same answer.
    """
    from sklearn.linear_model import LogisticRegression

    train, unseen = (part.reshape(len(part), -1).astype(float) for part in (train, unseen))
    middle = train.mean(axis=0)
    spread = (train - middle).std()
    _, _, span = np.linalg.svd((train - middle) / spread, full_matrices=False)  # (rows, numbers of an image)
    fitted = LogisticRegression(C=PENALTY, max_iter=2000).fit((train - middle) / spread @ span.T, y_train)
    return float(fitted.score((unseen - middle) / spread @ span.T, y_unseen))


@dataclass(frozen=True)
class Half:
    """The upper blocks of the backbone and a head, compiled; `start` are the weights that were shipped."""

    model: keras.Model
    start: list[NDArray[Any]]
    inputs: NDArray[Any]  # of the training images: the maps that the lower blocks give
    unseen: NDArray[Any]  # of the images that judge


class Bench:
    """Measures four ways to learn from few images. Accuracy is the share of the data set's test images right."""

    def __init__(self, data: DataSet, backbone: keras.Model) -> None:
        self._data, self._backbone = data, backbone
        self._half: Half | None = None
        self._small: keras.Model | None = None
        self._features: tuple[NDArray[Any], NDArray[Any]] | None = None

    def pixels(self, per_class: int, seed: int) -> float:
        """Logistic regression on the pixels themselves: no network at all."""
        rows = subset(self._data.y_train, per_class, seed)
        return self._fitted(self._data.x_train[rows] / 255, rows, self._data.x_test / 255)

    def scratch(self, per_class: int, seed: int) -> float:
        """A small convolutional network with batch norm, from random weights."""
        import keras

        rows = subset(self._data.y_train, per_class, seed)
        if self._small is None:
            self._small = _small_network(self._data)
            self._small.compile(keras.optimizers.Adam(), "sparse_categorical_crossentropy", jit_compile=False)
        training.restart(self._small, seed, SCRATCH_RATE)
        return self._trained(self._small, self._data.x_train[rows], rows, self._data.x_test, SCRATCH_STEPS)

    def frozen(self, per_class: int, seed: int) -> float:
        """A head alone, on the features of the frozen backbone; fitted as logistic regression, which it is."""
        rows = subset(self._data.y_train, per_class, seed)
        train, unseen = self._means()
        return self._fitted(train[rows], rows, unseen)

    def tuned(self, per_class: int, seed: int) -> float:
        """The frozen classifier, then its blocks 4 and 5 and its head trained on."""
        from sklearn.linear_model import LogisticRegression

        half = self._upper()
        rows = subset(self._data.y_train, per_class, seed)
        head = LogisticRegression(max_iter=2000).fit(self._means()[0][rows], self._data.y_train[rows])
        training.restart(half.model, seed, TUNED_RATE)
        half.model.set_weights([*half.start[:-2], head.coef_.T, head.intercept_])
        return self._trained(half.model, half.inputs[rows], rows, half.unseen, TUNED_STEPS)

    def _fitted(self, train: NDArray[Any], rows: NDArray[np.intp], unseen: NDArray[Any]) -> float:
        return logistic_accuracy(train, self._data.y_train[rows], unseen, self._data.y_test)

    def _trained(
        self, model: keras.Model, images: NDArray[Any], rows: NDArray[np.intp], unseen: NDArray[Any], steps: int
    ) -> float:
        """Accuracy of a restarted model after so many steps on the images, which come in the order of a seed."""
        epochs = -(-steps * BATCH // len(rows))
        order = training.in_epochs(len(rows), epochs, np.random.default_rng(0))[: steps * BATCH]
        training.fit_in_order(model, images, self._data.y_train[rows], order, BATCH)
        return share_right(model.predict(unseen, batch_size=60, verbose=0), self._data.y_test)

    def _means(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Features of the training images and of the unseen ones: each map's mean over its places."""
        if self._features is None:
            half = self._upper()
            below = _without_head(half.model)
            self._features = (
                below.predict(half.inputs, batch_size=60, verbose=0),
                below.predict(half.unseen, batch_size=60, verbose=0),
            )
        return self._features

    def _upper(self) -> Half:
        if self._half is None:
            self._half = _split(self._backbone, self._data)
        return self._half


def _split(backbone: keras.Model, data: DataSet) -> Half:
    """The images through blocks 1 to 3, once; a copy of blocks 4 and 5 with a head on top."""
    import keras

    from labkit import models

    below = keras.Model(backbone.inputs, backbone.get_layer("block3_pool").output)
    maps = [
        below.predict(models.preprocess(images), batch_size=60, verbose=0) for images in (data.x_train, data.x_test)
    ]
    upper = [layer for layer in backbone.layers if layer.name.startswith(("block4", "block5"))]
    copies = [type(layer).from_config(layer.get_config()) for layer in upper]
    model = keras.Sequential([
        keras.Input(maps[0].shape[1:]), *copies, keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(len(data.classes), "softmax"),
    ])  # fmt: skip
    for copy, layer in zip(copies, upper, strict=True):
        copy.set_weights(layer.get_weights())
        copy.trainable = True
    model.compile(keras.optimizers.Adam(), "sparse_categorical_crossentropy", jit_compile=False)
    return Half(model, model.get_weights(), *maps)


def _without_head(model: keras.Sequential) -> keras.Model:
    import keras

    return keras.Model(model.inputs, model.layers[-2].output)


def _small_network(data: DataSet) -> keras.Model:
    """Three convolutions of stride 2, each with batch norm: 25,000 parameters."""
    import keras

    layers = keras.layers
    found: list[keras.Layer] = [keras.Input(data.x_train.shape[1:]), layers.Rescaling(1 / 127.5, -1.0)]
    for filters, kernel in ((16, 5), (32, 3), (64, 3)):
        # Its statistics must settle within the few steps there are: a momentum of 0.9.
        convolution = layers.Conv2D(filters, kernel, 2, "same", use_bias=False)
        found += [convolution, layers.BatchNormalization(momentum=0.9), layers.ReLU()]
    return keras.Sequential([*found, layers.GlobalAveragePooling2D(), layers.Dense(len(data.classes), "softmax")])
