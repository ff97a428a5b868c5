"""Trains all that the explorer of moving weights shows: `python -m pretraining.weight_map` writes its file.

A state takes half a second to train, and a figure must follow the hand: the explorer shows what was recorded here.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labkit import data, models, training
from labkit.learning.accuracy import share_right
from labkit.vision import movement
from labkit.vision.movement_explorer import EXPONENTS, HEADS, RECORD, STEPS, TRAINABLE

if TYPE_CHECKING:
    import keras

PER_CLASS, BATCH = 10, 20


@dataclass(frozen=True)
class Course:
    """Weights and accuracy before and after the steps. Accuracy is the share of the validation images right."""

    before: movement.Weights
    after: movement.Weights
    accuracy_before: float
    accuracy_after: float


def record(path: Path = RECORD) -> None:
    """Train every state and write what comes of it."""
    states = list(itertools.product(HEADS, TRAINABLE, EXPONENTS))
    runs = [course(*state) for state in states]
    shape = len(HEADS), len(TRAINABLE), len(EXPONENTS), -1
    first = runs[0]
    layers = movement.changes(first.before, first.after)
    blocks = list(dict.fromkeys(map(movement.block, first.before)))
    sizes = [sum(a.size for path, a in first.before.items() if movement.block(path) == block) for block in blocks]
    changes = [np.concatenate(list(movement.changes(run.before, run.after).values())) for run in runs]
    moved = [[block in movement.moved(run.before, run.after) for block in blocks] for run in runs]
    accuracies = [(run.accuracy_before, run.accuracy_after) for run in runs]
    np.savez_compressed(
        path, layers=list(layers), filters=[len(shares) for shares in layers.values()], blocks=blocks, sizes=sizes,
        changes=np.asarray(changes, np.float32).reshape(shape), moved=np.reshape(moved, shape),
        accuracies=np.reshape(accuracies, shape),
    )  # fmt: skip


def course(head: str, trainable: str, exponent: float) -> Course:
    """Six steps of Adam on 20 images each, from the course's backbone and the named head."""
    stage = _stage()
    model = stage.model
    training.restart(model, 0, 10.0**exponent)
    model.set_weights(stage.start)
    if head == "fresh":
        model.layers[-1].set_weights(stage.fresh)
    chosen = {"head", *(f"block{number}" for number in TRAINABLE[trainable])}
    for mask, weight in zip(model.optimizer.masks, model.trainable_variables, strict=True):
        mask.assign(float(movement.block(weight.path) in chosen))
    before, accuracy_before = movement.weights(model), _accuracy(stage)
    rows = np.arange(BATCH * STEPS) % len(stage.images)
    training.fit_in_order(model, stage.images, stage.labels, rows, BATCH)
    return Course(before, movement.weights(model), accuracy_before, _accuracy(stage))


@dataclass(frozen=True)
class _Stage:
    """One compiled model that serves every state, and what it starts from."""

    model: keras.Model
    start: list[NDArray[Any]]
    fresh: list[NDArray[Any]]  # the head's first weights
    images: NDArray[np.uint8]
    labels: NDArray[Any]
    validation: tuple[NDArray[np.uint8], NDArray[Any]]


@functools.cache
def _stage() -> _Stage:
    """All weights are trainable, and a mask for each holds back those that are not chosen: one compilation for all."""
    import keras
    from sklearn.linear_model import LogisticRegression

    fruits = data.fruits(PER_CLASS)
    inputs = keras.Input(fruits.x_train.shape[1:])
    maps = models.backbone()(models.Preprocess()(inputs))
    pooled = keras.layers.GlobalAveragePooling2D()(maps)
    scores = keras.layers.Dense(len(fruits.classes), "softmax", name="head")
    model = keras.Model(inputs, scores(pooled))
    fresh = np.random.default_rng(0).normal(0, pooled.shape[-1] ** -0.5, scores.kernel.shape)
    features = keras.Model(inputs, pooled).predict(fruits.x_train, verbose=0)
    fitted = LogisticRegression(max_iter=2000).fit(features, fruits.y_train)
    scores.set_weights([fitted.coef_.T, fitted.intercept_])
    model.compile(_masked_adam(), "sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    return _Stage(
        model, model.get_weights(), [fresh, np.zeros(len(fruits.classes))], fruits.x_train, fruits.y_train,
        (fruits.x_validation, fruits.y_validation),
    )  # fmt: skip


def _masked_adam() -> keras.optimizers.Optimizer:
    import keras

    class MaskedAdam(keras.optimizers.Adam):  # type: ignore[misc]
        """Adam whose step of each weight is multiplied by a mask, 0 or 1."""

        def build(self, variables: Any) -> None:
            super().build(variables)
            self.masks = [self.add_variable((), "ones", name=f"mask_{i}") for i in range(len(variables))]

        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            mask = self.masks[self._get_variable_index(variable)]
            super().update_step(gradient, variable, learning_rate * keras.ops.cast(mask, variable.dtype))

    return MaskedAdam()


def _accuracy(stage: _Stage) -> float:
    images, labels = stage.validation
    return share_right(stage.model.predict(images, batch_size=60, verbose=0), labels)


if __name__ == "__main__":
    record()
