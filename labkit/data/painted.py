"""The painted fruit set: six classes, fresh and rotten apples, bananas and oranges."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit.data.dataset import DataSet
from labkit.data.painting import FRUITS, paint_fruits

TRAIN, VALIDATION, TEST = range(3)
VALIDATION_PER_CLASS, TEST_PER_CLASS = 20, 50


def fruits(per_class: int = 30, *, size: int = 64, seed: int = 0) -> DataSet:
    """Painted fruit, fresh and rotten: uint8 images (n, size, size, 3), RGB 0 to 255, and labels 0 to 5.

    `per_class` training images of each class, 20 of each for validation and 50 for the test. The training images of a
    smaller `per_class` are the first of a larger one's; validation and test images do not depend on it. A larger
    `size` shows the same scenes in more detail.
    """
    if per_class < 1:
        raise ValueError(f"A class needs at least one training image; per_class is {per_class}.")
    return DataSet(
        "Painted fruit, fresh and rotten",
        f"painted by this course (labkit.data.painting) from seed {seed}; no photographs",
        "Apache-2.0, as the course's code",
        FRUITS,
        *_part(seed, TRAIN, per_class, size),
        *_part(seed, VALIDATION, VALIDATION_PER_CLASS, size),
        *_part(seed, TEST, TEST_PER_CLASS, size),
    )


def _part(seed: int, part: int, per_class: int, size: int) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Images and labels of one part; a copy, so that nobody's change reaches the next call."""
    images, labels = _painted(seed, part, per_class, size)
    return images.copy(), labels.copy()


@lru_cache(maxsize=12)
def _painted(seed: int, part: int, per_class: int, size: int) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    deal, painter = (np.random.default_rng([seed, part, use]) for use in range(2))
    labels = np.concatenate([deal.permutation(len(FRUITS)) for _ in range(per_class)])
    return paint_fruits(labels, size, painter), labels
