"""Small Transformers and LSTMs in Keras: as language models, as classifiers, and how they learn by time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labkit import training
from labkit.arrays import Array
from labkit.language.attention import positional_encoding
from labkit.language.encoding import PAD
from labkit.language.next_word import Ids, next_word_pairs, perplexity
from labkit.learning.accuracy import share_right

if TYPE_CHECKING:
    import keras

KINDS = ("Transformer", "LSTM")
HEADS = 4
BATCH_SIZE = 64


@dataclass(frozen=True)
class Shape:
    """The size of a network: vectors of `width`, `blocks` of a Transformer or as many LSTMs on top of each other."""

    words: int
    length: int
    width: int
    blocks: int
    dropout: float


def language_model(kind: str, shape: Shape) -> keras.Model:
    """Word numbers (n, length) in, logits of each next word (n, length, words) out."""
    import keras

    ids = keras.Input((shape.length,), dtype="int32")
    model = keras.Model(ids, keras.layers.Dense(shape.words)(_vectors(kind, ids, shape, causal=True)))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=PAD)
    model.compile(keras.optimizers.Adam(), loss, jit_compile=False)
    return model


def classifier(kind: str, shape: Shape, classes: int) -> keras.Model:
    """Word numbers (n, length) in, probabilities (n, classes) out, from the mean vector of the words; pads count not.

    The LSTM reads in both directions, since the Transformer looks both ways.
    """
    import keras

    layers = keras.layers
    ids = keras.Input((shape.length,), dtype="int32")
    vectors = _vectors(kind, ids, shape, causal=False)
    real = keras.ops.expand_dims(keras.ops.cast(keras.ops.not_equal(ids, PAD), "float32"), -1)  # (n, length, 1)
    mean = keras.ops.sum(vectors * real, axis=1) / keras.ops.sum(real, axis=1)
    outputs = layers.Dense(classes, activation="softmax")(layers.Dropout(shape.dropout)(mean))
    model = keras.Model(ids, outputs)
    model.compile(keras.optimizers.Adam(), "sparse_categorical_crossentropy", jit_compile=False)
    return model


def _vectors(kind: str, ids: Any, shape: Shape, causal: bool) -> Any:
    """A vector for each word, (n, length, width)."""
    import keras

    scale = keras.initializers.RandomNormal(stddev=shape.width**-0.5)
    x = keras.layers.Embedding(shape.words, shape.width, embeddings_initializer=scale)(ids) * shape.width**0.5
    return {"Transformer": _blocks, "LSTM": _lstms}[kind](x, ids, shape, causal)


def _blocks(x: Any, ids: Any, shape: Shape, causal: bool) -> Any:
    import keras

    layers = keras.layers
    mask = None if causal else keras.ops.expand_dims(keras.ops.not_equal(ids, PAD), 1)  # (n, 1, length)
    x = x + positional_encoding(shape.length, shape.width).astype("float32")
    x = layers.Dropout(shape.dropout)(x)
    for _ in range(shape.blocks):
        h = layers.LayerNormalization()(x)
        look = layers.MultiHeadAttention(HEADS, shape.width // HEADS, use_bias=False)
        x = x + layers.Dropout(shape.dropout)(look(h, h, attention_mask=mask, use_causal_mask=causal))
        h = layers.Dense(2 * shape.width, activation="relu")(layers.LayerNormalization()(x))
        x = x + layers.Dropout(shape.dropout)(layers.Dense(shape.width)(h))
    return layers.LayerNormalization()(x)


def _lstms(x: Any, ids: Any, shape: Shape, causal: bool) -> Any:
    import keras

    layers = keras.layers
    x = layers.Dropout(shape.dropout)(x)
    for _ in range(shape.blocks):
        layer: Any = layers.LSTM(shape.width if causal else shape.width // 2, return_sequences=True)
        # A causal model needs no mask: pads follow the last word, so they change nothing before them.
        x = layer(x) if causal else layers.Bidirectional(layer)(x, mask=keras.ops.not_equal(ids, PAD))
        x = layers.Dropout(shape.dropout)(x)
    return x


@dataclass(frozen=True)
class Course:
    """How a language model learned: after each epoch, the seconds so far and the validation perplexity."""

    seconds: Array
    perplexity: Array

    def by(self, seconds: float) -> float:
        """The best perplexity that was reached in so many seconds; that of the first epoch, if none was."""
        reached = self.perplexity[self.seconds <= seconds]
        return float(reached.min() if reached.size else self.perplexity[0])


def course(model: keras.Model, train: Ids, validation: Ids, learning_rate: float, epochs: int, seed: int) -> Course:
    """Draw the model's weights anew from the seed and train it. Measuring counts no time, nor does compiling."""
    read, targets, _ = next_word_pairs(train)
    training.warm_up(model, read, targets, BATCH_SIZE)
    training.restart(model, seed, learning_rate)
    rng = np.random.default_rng(seed)
    seconds, reached = [0.0], []
    for _ in range(epochs):
        epoch = training.in_epochs(len(train), 1, rng)
        seconds.append(seconds[-1] + training.fit_in_order(model, read, targets, epoch, BATCH_SIZE))
        reached.append(validation_perplexity(model, validation))
    return Course(np.array(seconds[1:]), np.array(reached))


def validation_perplexity(model: keras.Model, rows: Ids) -> float:
    """The perplexity of rows of word numbers, (n, length + 1)."""
    read, targets, _ = next_word_pairs(rows)
    return perplexity(model.predict(read, batch_size=256, verbose=0), targets)


def accuracy_of(model: keras.Model, parts: tuple[NDArray[Any], ...], learning_rate: float, epochs: int, seed: int
                ) -> tuple[float, float]:  # fmt: skip
    """Train a classifier anew on parts = (x, y, x of validation, y of validation): its accuracy there, and seconds."""
    x, y, x_validation, y_validation = parts
    training.warm_up(model, x, y, BATCH_SIZE)
    seconds = training.fit_anew(model, x, y, learning_rate, epochs, seed, BATCH_SIZE)
    return share_right(model.predict(x_validation, batch_size=256, verbose=0), y_validation), seconds
