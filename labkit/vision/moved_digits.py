"""Digits on a canvas of 10 x 10 pixels: in its middle, or moved, and nothing is cut off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labkit.learning.accuracy import share_right

DIGIT, MARGIN = 8, 1
SIDE = DIGIT + 2 * MARGIN
MIDDLE = (0, 0)
PLACES = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1))  # all nine
MOVED = tuple(place for place in PLACES if place != MIDDLE)


def place(rows: ArrayLike, where: ArrayLike = MIDDLE) -> NDArray[np.float32]:
    """Digits as rows of 64 values, on a canvas, (n, 10, 10, 1).

    `where` is how far they stand from the middle, as (down, right), each -1, 0 or 1: one pair, or (n, 2).
    """
    digits = np.asarray(rows, dtype="float32").reshape(-1, DIGIT, DIGIT)
    corners = np.broadcast_to(np.asarray(where) + MARGIN, (len(digits), 2))
    canvas = np.zeros((len(digits), SIDE, SIDE, 1), "float32")
    for image, digit, (top, left) in zip(canvas, digits, corners, strict=True):
        image[top : top + DIGIT, left : left + DIGIT, 0] = digit
    return canvas


def accuracies(
    predict: Callable[[NDArray[np.float32]], NDArray[Any]], rows: ArrayLike, labels: ArrayLike
) -> tuple[float, float]:
    """Share of right answers in the middle, and the mean of the shares in the eight places around it.

    `predict` takes images (n, 10, 10, 1) and gives scores (n, classes); a score of NaN is never right.
    """

    def right(where: tuple[int, int]) -> float:
        return share_right(predict(place(rows, where)), labels)

    return right(MIDDLE), float(np.mean([right(where) for where in MOVED]))
