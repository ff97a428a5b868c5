"""What the course's backbone is worth on the painted fruit: `python -m pretraining.evaluate`.

For 10, 30 and 100 training images a class, each on the test part, over several seeds, each of which paints a set of its
own. From the images as they are: logistic regression on the pixels, on the frozen features, and a small network from
scratch. From images augmented anew every time: the same network, and the fine-tuned backbone.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labkit import data
from labkit.learning.accuracy import share_right
from labkit.machine.backend import keep_freed_memory
from labkit.models.backbone import backbone
from labkit.models.preprocessing import Preprocess, preprocess

if TYPE_CHECKING:
    import keras

PER_CLASS = (10, 30, 100)
PASSES = 12_000  # training images that a network sees, counting each as often as it comes
BATCH, PEAK = 32, 1e-3
SCRATCH_FILTERS = (16, 32, 64)


def frozen(images: NDArray[np.uint8], labels: NDArray[Any], test: NDArray[np.uint8], seed: int) -> NDArray[Any]:
    """Scores of the test images by logistic regression on the backbone's averaged features."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    network = backbone()
    features, held_out = (network.predict(preprocess(part), verbose=0).mean((1, 2)) for part in (images, test))
    return (
        make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=2000))
        .fit(features, labels)
        .predict_proba(held_out)
    )


def tuned(images: NDArray[np.uint8], labels: NDArray[Any], test: NDArray[np.uint8], seed: int) -> NDArray[Any]:
    """Scores of the test images by the backbone with a linear head, all of it trained."""
    import keras

    keras.utils.set_random_seed(seed)
    return _trained(backbone(), images, labels, test, augment=True)


def scratch(images: NDArray[np.uint8], labels: NDArray[Any], test: NDArray[np.uint8], seed: int) -> NDArray[Any]:
    """Scores of the test images by a small network trained from nothing on the images as they are."""
    return _trained(_small(images.shape[1:], seed), images, labels, test, augment=False)


def augmented(images: NDArray[np.uint8], labels: NDArray[Any], test: NDArray[np.uint8], seed: int) -> NDArray[Any]:
    """Scores of the test images by the same network, trained on augmented images."""
    return _trained(_small(images.shape[1:], seed), images, labels, test, augment=True)


def _small(shape: tuple[int, ...], seed: int) -> keras.Model:
    """A convolutional network with batch normalisation and 24,000 parameters, before any training."""
    import keras

    keras.utils.set_random_seed(seed)
    x = inputs = keras.Input(shape)
    for filters in SCRATCH_FILTERS:
        x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization(momentum=0.9)(x)
        x = keras.layers.MaxPooling2D()(keras.layers.ReLU()(x))
    return keras.Model(inputs, x)


def pixels(images: NDArray[np.uint8], labels: NDArray[Any], test: NDArray[np.uint8], seed: int) -> NDArray[Any]:
    """Scores of the test images by logistic regression on the pixels."""
    from sklearn.linear_model import LogisticRegression

    rows, held_out = (part.reshape(len(part), -1) / 255 for part in (images, test))
    return LogisticRegression(C=0.01, max_iter=1000).fit(rows, labels).predict_proba(held_out)


def _trained(
    features: keras.Model, images: NDArray[np.uint8], labels: NDArray[Any], test: NDArray[np.uint8], augment: bool
) -> NDArray[Any]:
    """Scores of the test images after PASSES training images, with a warm-up and a cosine."""
    import keras

    x = inputs = keras.Input(images.shape[1:])
    if augment:
        x = keras.layers.RandomFlip("horizontal")(x)
        x = keras.layers.RandomRotation(0.1, fill_mode="reflect")(x)
        x = keras.layers.RandomTranslation(0.1, 0.1, fill_mode="reflect")(x)
    x = keras.layers.GlobalAveragePooling2D()(features(Preprocess()(x)))
    model = keras.Model(inputs, keras.layers.Dense(int(labels.max()) + 1)(keras.layers.Dropout(0.2)(x)))
    epochs = PASSES // len(images)
    steps = epochs * -(-len(images) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(
        PEAK / 100, steps - steps // 10, warmup_target=PEAK, warmup_steps=steps // 10
    )
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=0.01, clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    model.fit(images.astype("float32"), labels, epochs=epochs, batch_size=BATCH, verbose=0)
    return model.predict(test.astype("float32"), verbose=0)


WAYS: dict[str, Callable[..., NDArray[Any]]] = {
    "pixels": pixels,
    "frozen": frozen,
    "scratch": scratch,
    "augmented": augmented,
    "tuned": tuned,
}


def accuracies(way: str, per_class: int, seeds: range) -> NDArray[np.float64]:
    """Share of right answers on the test part, a seed each."""
    found = []
    for seed in seeds:
        fruit = data.fruits(per_class, seed=seed)  # the images of a smaller set are the first of a larger one's
        scores = WAYS[way](fruit.x_train, fruit.y_train, fruit.x_test, seed)
        found.append(share_right(scores, fruit.y_test))
    return np.array(found)


def main() -> None:
    """Print the table: mean and standard deviation over the seeds, and the seconds a seed takes."""
    parser = argparse.ArgumentParser(prog="python -m pretraining.evaluate", description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--per-class", nargs="+", type=int, default=PER_CLASS)
    settings = parser.parse_args()
    keep_freed_memory()
    for per_class in settings.per_class:
        for way in settings.ways:
            began = time.perf_counter()
            found = accuracies(way, per_class, range(settings.seeds))
            took = (time.perf_counter() - began) / settings.seeds
            spread = f" ± {found.std(ddof=1):5.1%}" if len(found) > 1 else ""
            print(f"{per_class:3} a class  {way:9} {found.mean():6.1%}{spread}  {took:5.0f} s", flush=True)


if __name__ == "__main__":
    main()
