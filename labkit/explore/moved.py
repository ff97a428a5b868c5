"""Which weights move while a model is trained: chosen blocks, a learning rate, a head trained before or not.

A state takes half a second to train, and a figure must follow the hand: all 90 were trained beforehand, and stand in
`weight_map.npz`. `record` trains them anew.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labkit import data, figures, metrics, models, movement, training
from labkit.explore.stage import SCREEN_DPI, Choice, Explorer, Slider, View

if TYPE_CHECKING:
    import keras

RECORD = Path(__file__).with_name("weight_map.npz")
PER_CLASS, BATCH, STEPS = 10, 20, 6
TRAINABLE = {
    "head alone": (),
    "block 5": (5,),
    "blocks 4–5": (4, 5),
    "blocks 3–5": (3, 4, 5),
    "all": (1, 2, 3, 4, 5),
}
HEADS = ("trained before", "fresh")
LOWEST, HIGHEST, STEP = -5.0, -1.0, 0.5  # of the learning rate's logarithm
EXPONENTS = tuple(np.arange(LOWEST, HIGHEST + STEP / 2, STEP).tolist())


def weight_map() -> Explorer:
    """Choose what is trainable and a learning rate; see which weights six steps move, and what it does to accuracy."""
    return Explorer(
        draw,
        {
            "head": Choice("Head", HEADS, HEADS[0]),
            "trainable": Choice("Trainable", tuple(TRAINABLE), "blocks 4–5"),
            "exponent": Slider("Learning rate, log10", LOWEST, HIGHEST, STEP, -4.0),
        },
    )


@dataclass(frozen=True)
class Course:
    """Weights and accuracy before and after the steps. Accuracy is the share of the validation images right."""

    before: movement.Weights
    after: movement.Weights
    accuracy_before: float
    accuracy_after: float


@dataclass(frozen=True)
class Outcome:
    """What a state shows of its course."""

    changes: dict[str, NDArray[Any]]  # by layer, of each filter
    moved: list[str]  # blocks
    sizes: dict[str, int]  # weights of each block
    accuracy_before: float
    accuracy_after: float


def outcome(head: str, trainable: str, exponent: float) -> Outcome:
    """A state as it was recorded."""
    recorded = _recorded()
    state = HEADS.index(head), tuple(TRAINABLE).index(trainable), round((exponent - LOWEST) / STEP)
    ends = np.cumsum(recorded["filters"])[:-1]
    layers = np.split(recorded["changes"][state].astype(float), ends)
    blocks, sizes = recorded["blocks"].tolist(), recorded["sizes"].tolist()
    return Outcome(
        dict(zip(recorded["layers"].tolist(), layers, strict=True)),
        [block for block, moved in zip(blocks, recorded["moved"][state], strict=True) if moved],
        dict(zip(blocks, sizes, strict=True)),
        *recorded["accuracies"][state].tolist(),
    )


@functools.cache
def _recorded() -> dict[str, NDArray[Any]]:
    with np.load(RECORD, allow_pickle=False) as arrays:
        return dict(arrays)


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


@figures.styled
def draw(head: str, trainable: str, exponent: float) -> View:
    """One state of the explorer."""
    run = outcome(head, trainable, exponent)
    found, names = run.changes, run.moved
    figure, (axis,) = figures.new(width=9.2, height=3.2)
    accuracies = f"{run.accuracy_before:.0%} → {run.accuracy_after:.0%}"
    movement.draw(figure, axis, found, f"After {STEPS} steps: {len(names)} of 6 parts moved, accuracy {accuracies}")
    count = sum(run.sizes[name] for name in names)
    numbers = {
        "learning rate": f"{10**exponent:.2g}",
        "weights that moved": f"{count:,} of {sum(run.sizes.values()):,}",
        "largest change of a filter": movement.share(max(float(shares.max()) for shares in found.values())),
        "validation accuracy": accuracies,
    }
    alt = (
        f"A map of the layers, a cell for each filter, after {STEPS} steps of Adam at a rate of {10**exponent:.2g}; "
        f"trainable: {trainable}; the head was {head if head != 'fresh' else 'not trained before'}. "
        f"{movement.words(found)} Validation accuracy goes from {run.accuracy_before:.0%} to {run.accuracy_after:.0%}."
    )
    return View(figures.picture(figure, alt, dpi=SCREEN_DPI), numbers)


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
    return metrics.share_right(stage.model.predict(images, batch_size=60, verbose=0), labels)
