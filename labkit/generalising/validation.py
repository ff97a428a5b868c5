"""What keeps an estimate honest: scaling without a leak, folds, and the moment to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labkit.arrays import Array

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]  # the rows to fit on, the rows held out


def standardise(train: ArrayLike, test: ArrayLike) -> tuple[Array, Array]:
    """Both with the training columns' mean and deviation taken out; a constant training column is only centred."""
    train, test = np.asarray(train, dtype=float), np.asarray(test, dtype=float)
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    scale = np.where(deviation == 0, 1.0, deviation)
    return (train - mean) / scale, (test - mean) / scale


def k_fold(n: int, k: int, rng: np.random.Generator) -> list[Fold]:
    """k ways to hold out a share of n shuffled rows; together they hold out each row once."""
    parts = np.array_split(rng.permutation(n), k)
    return [(np.concatenate(parts[:i] + parts[i + 1 :]), parts[i]) for i in range(k)]


def cross_validate(score: Callable[[NDArray[np.int64], NDArray[np.int64]], float], folds: Sequence[Fold]) -> float:
    """The mean over the folds of what `score` gives for the rows to fit on and the rows held out."""
    return float(np.mean([score(train, held_out) for train, held_out in folds]))


def should_stop(losses: Sequence[float], patience: int) -> bool:
    """Whether the best loss was followed by `patience` epochs or more without a better one."""
    return len(losses) > 0 and len(losses) - 1 - int(np.argmin(losses)) >= patience


def stopping_epoch(losses: Sequence[float], patience: int) -> int:
    """The index of the first epoch after which should_stop; the last one where it never does."""
    stops = (epoch for epoch in range(len(losses)) if should_stop(losses[: epoch + 1], patience))
    return next(stops, len(losses) - 1)
