"""Rows dealt to a training, a validation and a test part."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]


def dealt(labels: NDArray[Any], rng: np.random.Generator) -> tuple[Rows, Rows, Rows]:
    """Row numbers of three parts, each in random order: of each class a fifth, and at least one, in the latter two.

    Labels are (n,). A class of fewer than three rows is missing in a part.
    """
    parts: tuple[list[Rows], list[Rows], list[Rows]] = ([], [], [])
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        fifth = max(1, round(len(rows) / 5))
        for part, of_class in zip(parts, (rows[2 * fifth :], rows[:fifth], rows[fifth : 2 * fifth]), strict=True):
            part.append(of_class)
    train, validation, test = (rng.permutation(np.concatenate(part)) for part in parts)
    return train, validation, test
