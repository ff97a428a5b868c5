"""The training of the course's backbone. Its card is course_vgg16.md.

The network learns to tell invented things apart and to name their attributes, with batch normalisation after each
convolution; afterwards the normalisation is folded into the convolutions, and a plain VGG16 is left.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from labkit.models.backbone import WIDTH
from labkit.models.preprocessing import Preprocess
from labkit.models.pretraining import things
from labkit.models.pretraining.things import AMOUNTS, CHOICES, Things
from labkit.models.vgg import BLOCKS

IMAGES, EPOCHS, BATCH, PART = 30_000, 9, 64, 1_000
PEAK, DECAY, WARM_UP = 2e-3, 0.02, 500  # learning rate, weight decay, steps
CHOICE_WEIGHTS = {"kind": 1.0, "shape": 0.5, "texture": 0.5, "patches": 0.5, "background": 0.05}
OF_THE_PICTURE = {"background x", "background y", "background value", "blur", "noise", "size", "brightness"}
AMOUNT_WEIGHTS = [0.02 if name in OF_THE_PICTURE else 0.1 for name in AMOUNTS]


class Batches(keras.utils.PyDataset):
    """Batches in a new order every epoch, each turned and mirrored at random: no attribute depends on either."""

    def __init__(self, data: Things, answers: np.ndarray, batch: int, seed: int) -> None:
        super().__init__(workers=1)
        self.data, self.answers, self.batch = data, answers, batch
        self.rng = np.random.default_rng([seed, 9])
        self.on_epoch_end()

    def __len__(self) -> int:
        return len(self.answers) // self.batch

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self.order[index * self.batch : (index + 1) * self.batch]
        turns, mirror = self.rng.integers(4), self.rng.integers(2)
        images = np.rot90(self.data.images[rows], turns, (1, 2))[:, :, :: 1 - 2 * mirror]
        return np.ascontiguousarray(images), self.answers[rows]

    def on_epoch_end(self) -> None:
        """A new order."""
        self.order = self.rng.permutation(len(self.answers))


class Cosine(keras.optimizers.schedules.LearningRateSchedule):
    """A linear warm-up to the peak, then half a cosine down to zero."""

    def __init__(self, peak: float, steps: int, warm_up: int) -> None:
        self.peak, self.steps, self.warm_up = peak, steps, warm_up

    def __call__(self, step: Any) -> Any:
        """The rate of this step."""
        step = ops.cast(step, "float32")
        share = (step - self.warm_up) / (self.steps - self.warm_up)
        falling = 0.5 * (1 + ops.cos(np.pi * ops.clip(share, 0.0, 1.0)))
        return self.peak * ops.minimum(step / self.warm_up, falling)

    def get_config(self) -> dict[str, Any]:
        """The three settings."""
        return {"peak": self.peak, "steps": self.steps, "warm_up": self.warm_up}


def network(width: float, size: int) -> keras.Model:
    """The VGG16 with batch normalisation, and one linear answer of the averaged features for all questions."""
    x = inputs = keras.Input((size, size, 3))
    x = Preprocess()(x)
    for block, (convolutions, filters) in enumerate(BLOCKS, start=1):
        for number in range(1, convolutions + 1):
            name = f"block{block}_conv{number}"
            x = keras.layers.Conv2D(
                round(filters * width), 3, padding="same", use_bias=False, kernel_initializer="he_normal", name=name
            )(x)
            x = keras.layers.BatchNormalization(momentum=0.98, name=f"{name}_norm")(x)
            x = keras.layers.ReLU()(x)
        x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(sum(CHOICES.values()) + len(AMOUNTS), name="answers")(x))


def loss(answers: Any, outputs: Any) -> Any:
    """Cross-entropy of each choice and squared error of each amount (where there is one), weighted, summed."""
    total, start = 0.0, 0
    for column, (name, classes) in enumerate(CHOICES.items()):
        logits = outputs[:, start : start + classes]
        truth = ops.cast(answers[:, column], "int32")
        total += CHOICE_WEIGHTS[name] * ops.sparse_categorical_crossentropy(truth, logits, from_logits=True)
        start += classes
    amounts = answers[:, len(CHOICES) :]
    there = ops.logical_not(ops.isnan(amounts))
    errors = ops.where(there, ops.square(ops.where(there, amounts, 0.0) - outputs[:, start:]), 0.0)
    return total + ops.sum(errors * np.array(AMOUNT_WEIGHTS, "float32"), axis=1)


def draw(images: int, size: int, seed: int, first: int = 0) -> Things:
    """Pictures drawn on every core; the same on any number of them."""
    parts = range(first, first + -(-images // PART))
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        drawn = list(pool.map(things.draw, [PART] * len(parts), [size] * len(parts), [seed] * len(parts), parts))
    return Things(
        *(np.concatenate([getattr(part, name) for part in drawn]) for name in ("images", "choices", "amounts"))
    )


def folded(model: keras.Model) -> dict[str, np.ndarray]:
    """The weights of a plain VGG16 that computes the same features, by their paths.

    A convolution's kernel k and its normalisation (g, b, mean, variance) become the kernel k g / s and the bias
    b - mean g / s with s = sqrt(variance + epsilon). Then the layers' scales are evened out: what one loses, which a
    ReLU lets pass, the next gains. The first would be a hundred times finer than the others, and hard to fine-tune.
    """
    names = [layer.name for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    kernels, biases = [], []
    for name in names:
        norm = model.get_layer(f"{name}_norm")
        gamma, beta, mean, variance = (np.array(weight) for weight in norm.get_weights())
        scale = gamma / np.sqrt(variance + norm.epsilon)
        kernels.append(model.get_layer(name).get_weights()[0] * scale)
        biases.append(beta - mean * scale)
    gains = np.array([np.sqrt(2 / np.prod(k.shape[:3])) / k.std() for k in kernels])  # to the scale of He's initial one
    gains /= np.exp(np.log(gains).mean())  # their product is 1: the features stay what they are
    so_far = np.cumprod(gains)
    weights = {}
    for name, kernel, bias, gain, product in zip(names, kernels, biases, gains, so_far, strict=True):
        weights[f"{name}/kernel"], weights[f"{name}/bias"] = kernel * gain, bias * product
    return weights


def save(weights: dict[str, np.ndarray], path: Path) -> None:
    """Keep the weights in half precision."""
    np.savez_compressed(path, **{name: values.astype("float16") for name, values in weights.items()})


def report(model: keras.Model, data: Things, answers: np.ndarray) -> str:
    """How well the network answers about pictures it never saw: top-1 of each choice, R squared of each amount."""
    outputs = model.predict(data.images, batch_size=BATCH, verbose=0)
    lines, start = [], 0
    for column, (name, classes) in enumerate(CHOICES.items()):
        right = outputs[:, start : start + classes].argmax(1) == data.choices[:, column]
        lines.append(f"{name:18} {right.mean():6.1%}")
        start += classes
    amounts = answers[:, len(CHOICES) :]
    unexplained = np.nanmean((outputs[:, start:] - amounts) ** 2, axis=0) / np.nanvar(amounts, axis=0)
    return "\n".join([*lines, *(f"{name:18} {1 - part:6.2f}" for name, part in zip(AMOUNTS, unexplained, strict=True))])


def pretrain(images: int, epochs: int, path: Path, width: float = WIDTH, size: int = 64, seed: int = 0) -> None:
    """Draw the pictures, train, fold, save after every epoch, and print how well it went."""
    began = time.perf_counter()
    keras.utils.set_random_seed(seed)
    train, test = draw(images, size, seed), draw(2 * PART, size, seed, first=10_000)
    print(f"{images} pictures after {time.perf_counter() - began:.0f} s", flush=True)
    mean, sd = np.nanmean(train.amounts, axis=0), np.nanstd(train.amounts, axis=0)
    answers, truth = (np.hstack([part.choices, (part.amounts - mean) / sd]).astype("float32") for part in (train, test))
    model = network(width, size)
    rate = Cosine(PEAK, epochs * (images // BATCH), WARM_UP)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=DECAY), loss, jit_compile=False)

    def after_epoch(epoch: int, logs: dict[str, float]) -> None:
        save(folded(model), path)
        print(f"epoch {epoch + 1}: loss {logs['loss']:.3f} after {time.perf_counter() - began:.0f} s", flush=True)

    watch = keras.callbacks.LambdaCallback(on_epoch_end=after_epoch)
    model.fit(Batches(train, answers, BATCH, seed), epochs=epochs, verbose=0, callbacks=[watch])
    print(report(model, test, truth))
