"""The training of the course's backbone. Its card is course_vgg16.md.

The network learns to tell invented things apart and to name their attributes, with batch normalisation after each
convolution; afterwards the normalisation is folded into the convolutions, and a plain VGG16 is left.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from labkit.learning.accuracy import share_right
from labkit.machine.backend import keep_freed_memory
from labkit.models.backbone import WIDTH
from labkit.models.preprocessing import Preprocess
from labkit.models.vgg import BLOCKS
from pretraining.backbone import things
from pretraining.backbone.things import AMOUNTS, CHOICES, Things

IMAGES, BATCH, PART = 40_000, 32, 1_000
PHASES = ((48, 6), (64, 7))  # size of the pictures, epochs: first small ones, at half the cost
PEAK, DECAY, WARM_UP = 2e-3, 0.02, 500  # learning rate, weight decay, steps
CHOICE_WEIGHTS = {"kind": 1.0, "shape": 0.5, "texture": 1.0, "patches": 1.0, "background": 0.05}
OF_THE_PICTURE = {"background x", "background y", "background value", "blur", "noise", "size", "brightness"}
OF_PATCHES = {"patch share", "patch contrast", "specks", "texture strength"}
AMOUNT_WEIGHTS = [0.02 if name in OF_THE_PICTURE else 0.3 if name in OF_PATCHES else 0.1 for name in AMOUNTS]
EARLY = {3: 0.3, 4: 0.3}  # blocks that answer, too, while training, and the weight of their answers


class Batches(keras.utils.PyDataset):
    """Batches in a new order every epoch, each turned and mirrored at random: no attribute depends on either."""

    def __init__(self, data: Things, answers: np.ndarray, batch: int, seed: int) -> None:
        super().__init__(workers=1)
        self.data, self.answers, self.batch = data, answers, batch
        self.rng = np.random.default_rng([seed, 9])
        self.on_epoch_end()

    def __len__(self) -> int:
        return len(self.answers) // self.batch

    def __getitem__(self, index: int) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        rows = self.order[index * self.batch : (index + 1) * self.batch]
        turns, mirror = int(self.rng.integers(4)), int(self.rng.integers(2))
        images = np.rot90(self.data.images[rows], turns, (1, 2))[:, :, :: 1 - 2 * mirror]
        return np.ascontiguousarray(images), (self.answers[rows],) * (len(EARLY) + 1)

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


def network(width: float) -> keras.Model:
    """The VGG16 with batch normalisation, and linear answers to all questions from the averaged features.

    Blocks 3 and 4 answer as well as the last one: what they are told reaches the early layers undiluted (the auxiliary
    classifiers of Szegedy et al., 2014). The last output is the one that counts.
    """
    x = inputs = keras.Input((None, None, 3))
    x = Preprocess()(x)
    answers = []
    for block, (convolutions, filters) in enumerate(BLOCKS, start=1):
        for number in range(1, convolutions + 1):
            name = f"block{block}_conv{number}"
            x = keras.layers.Conv2D(
                round(filters * width), 3, padding="same", use_bias=False, kernel_initializer="he_normal", name=name
            )(x)
            x = keras.layers.BatchNormalization(momentum=0.98, name=f"{name}_norm")(x)
            x = keras.layers.ReLU()(x)
        x = keras.layers.MaxPooling2D(name=f"block{block}_pool")(x)
        if block in EARLY or block == len(BLOCKS):
            averaged = keras.layers.GlobalAveragePooling2D(name=f"averaged{block}")(x)
            answers.append(keras.layers.Dense(sum(CHOICES.values()) + len(AMOUNTS), name=f"answers{block}")(averaged))
    return keras.Model(inputs, answers)


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
    halves: dict[str, Any] = {name: values.astype("float16") for name, values in weights.items()}
    np.savez_compressed(path, **halves)


def report(model: keras.Model, data: Things, answers: np.ndarray) -> str:
    """How well the network answers about pictures it never saw: top-1 of each choice, R squared of each amount."""
    outputs = model.predict(data.images, batch_size=BATCH, verbose=0)[-1]
    lines, start = [], 0
    for column, (name, classes) in enumerate(CHOICES.items()):
        right = share_right(outputs[:, start : start + classes], data.choices[:, column])
        lines.append(f"{name:18} {right:6.1%}")
        start += classes
    amounts = answers[:, len(CHOICES) :]
    unexplained = np.nanmean((outputs[:, start:] - amounts) ** 2, axis=0) / np.nanvar(amounts, axis=0)
    return "\n".join([*lines, *(f"{name:18} {1 - part:6.2f}" for name, part in zip(AMOUNTS, unexplained, strict=True))])


def pretrain(images: int, phases: Sequence[tuple[int, int]], path: Path, width: float = WIDTH, seed: int = 0) -> None:
    """Draw the pictures of each phase, train, fold, save after every epoch, and print how well it went."""
    began = time.perf_counter()
    keep_freed_memory()
    keras.utils.set_random_seed(seed)
    model = network(width)
    rate = Cosine(PEAK, sum(epochs for _, epochs in phases) * (images // BATCH), WARM_UP)
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=DECAY),
        [loss] * len(model.outputs),
        loss_weights=[*EARLY.values(), 1.0],
        jit_compile=False,
    )

    def say(text: str) -> None:
        print(f"{time.perf_counter() - began:5.0f} s  {text}", flush=True)

    def after_epoch(epoch: int, logs: dict[str, float]) -> None:
        save(folded(model), path)
        say(f"loss {logs['loss']:.3f}")

    watch = keras.callbacks.LambdaCallback(on_epoch_end=after_epoch)
    mean = sd = np.empty(0)
    for phase, (size, epochs) in enumerate(phases):
        drawn = draw(images, size, seed, first=1000 * phase)
        if not phase:
            mean, sd = np.nanmean(drawn.amounts, axis=0), np.nanstd(drawn.amounts, axis=0)
        say(f"{images} pictures of {size} x {size}")
        model.fit(Batches(drawn, answers(drawn, mean, sd), BATCH, seed), epochs=epochs, verbose=0, callbacks=[watch])
    test = draw(2 * PART, phases[-1][0], seed, first=100_000)
    print(report(model, test, answers(test, mean, sd)))


def answers(data: Things, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """A row for each picture: its choices, and its amounts on one scale."""
    return np.hstack([data.choices, (data.amounts - mean) / sd]).astype("float32")
