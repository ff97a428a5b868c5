"""Makes the models that learners of the sample class hand in: `python tests/sample_class/models.py`.

A minute on two cores. Run it after the fruit set or the sentences have changed, with the names of the files to make, or
with none for all; the files are kept, since no training gives the same bytes twice.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
EPOCHS, READER_EPOCHS = 15, 2
WORDS, LENGTH = 1000, 20
sys.path.insert(0, str(HERE.parents[1]))


def small_network(path: Path) -> None:
    """A network from scratch, trained on the few images without augmentation: short of the mark."""
    import keras

    from labkit import data

    keras.utils.set_random_seed(26)
    fruits = data.fruits(per_class=100)
    layers = [keras.Input((64, 64, 3)), keras.layers.Rescaling(1 / 255)]
    for filters in (12, 16, 24, 32):
        layers += [
            keras.layers.Conv2D(filters, 3, padding="same", use_bias=False),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.ReLU(),
            keras.layers.MaxPooling2D(),
        ]
    network = keras.Sequential([*layers, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(6)])
    network.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    network.fit(fruits.x_train, fruits.y_train, batch_size=32, epochs=EPOCHS, verbose=0)
    inference = keras.Sequential([keras.Input((64, 64, 3)), *network.layers])  # without its optimiser
    inference.save(path)
    right = (inference.predict(fruits.x_test, verbose=0).argmax(axis=-1) == fruits.y_test).mean()
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB, {right:.1%} of the test images right")


def with_a_lambda(path: Path) -> None:
    """A file that brings code."""
    from tests.attacks.poison import POISON

    path.write_bytes(POISON["code_in_a_lambda"]())


def small_reader(path: Path) -> None:
    """A reader of few numbers a word, stopped after its first epochs: short of the mark."""
    import keras

    from labkit import data

    rows, found = _rows(), data.sentences()
    ids = keras.Input((LENGTH,), dtype="int32")
    vectors = keras.layers.Embedding(WORDS, 8, mask_zero=True)(ids)
    scores = keras.layers.Dense(5)(keras.layers.GlobalAveragePooling1D()(vectors))
    _fitted(keras.Model(ids, scores), rows, found.y_train, READER_EPOCHS, path)


def small_writer(path: Path) -> None:
    """A writer of few numbers a word, stopped after its first epoch: it knows single words, and little more."""
    rows = _rows()
    _fitted(_word_by_word(), rows, np.pad(rows[:, 1:], ((0, 0), (0, 1))), 3, path)


def writer_of_the_present_word(path: Path) -> None:
    """A writer whose answers were not shifted: it says what it reads."""
    rows = _rows()
    _fitted(_word_by_word(), rows, rows, 20, path)


def _word_by_word() -> Any:
    import keras

    ids = keras.Input((LENGTH,), dtype="int32")
    return keras.Model(ids, keras.layers.Dense(WORDS)(keras.layers.Embedding(WORDS, 12)(ids)))


def _rows() -> Any:
    from labkit import data
    from labkit.language import next_word

    return next_word.Corpus.of(data.sentences(), WORDS, LENGTH).train[:, :LENGTH]


def _fitted(model: Any, x: Any, y: Any, epochs: int, path: Path) -> None:
    """Train from one seed, and save without the optimiser."""
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0 if y.ndim > 1 else None)
    model.compile(keras.optimizers.Adam(5e-3), loss)
    model.fit(x, y, batch_size=64, epochs=epochs, verbose=0)
    keras.Model(model.inputs, model.outputs).save(path)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


MAKERS = (small_network, with_a_lambda, small_reader, small_writer, writer_of_the_present_word)

if __name__ == "__main__":
    import keras

    chosen = sys.argv[1:] or [maker.__name__ for maker in MAKERS]
    for maker in MAKERS:
        if maker.__name__ in chosen:
            keras.utils.set_random_seed(26)
            maker(HERE / f"{maker.__name__}.keras")
