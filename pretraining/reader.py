"""Trains the small Transformer that ships with the course: `python -m pretraining.reader` writes its weights.

It reads the training sentences alone; with other versions of the libraries the sentences differ, and so do the weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labkit import data
from labkit.language import transformers
from labkit.language.course_reader import LENGTH, WEIGHTS
from labkit.language.next_word import Corpus

if TYPE_CHECKING:
    import keras

SHAPE = transformers.Shape(words=1000, length=LENGTH, width=32, blocks=2, dropout=0.2)
LEARNING_RATE, EPOCHS, SEED = 4e-3, 8, 0


def main() -> None:
    """Train, say the validation perplexity, and write the file."""
    corpus = Corpus.of(data.sentences(), SHAPE.words, SHAPE.length)
    model = transformers.language_model("Transformer", SHAPE)
    learned = transformers.course(model, corpus.train, corpus.validation, LEARNING_RATE, EPOCHS, SEED)
    print("validation perplexity by epoch:", *np.round(learned.perplexity, 1))
    arrays: dict[str, Any] = {name: array.astype("float16") for name, array in parameters_of(model).items()}
    np.savez_compressed(WEIGHTS, words=np.array(corpus.words), **arrays)


def parameters_of(model: keras.Model) -> dict[str, NDArray[Any]]:
    """The weights of one of labkit's Transformers, as `labkit.language.course_reader` names and shapes them."""
    width = SHAPE.width
    weights = iter(model.get_weights())
    arrays = {"embedding": next(weights)}
    for block in range(SHAPE.blocks):
        names = ("gain_1", "shift_1", "w_q", "w_k", "w_v", "w_o", "gain_2", "shift_2", "w_1", "b_1", "w_2", "b_2")
        for name in names:
            array = next(weights)  # those of attention have an axis for the heads
            shape = (width, width) if name in ("w_q", "w_k", "w_v", "w_o") else array.shape
            arrays[f"block{block}/{name}"] = array.reshape(shape)
    for name in ("gain", "shift", "out", "bias"):
        arrays[name] = next(weights)
    return arrays


if __name__ == "__main__":
    main()
