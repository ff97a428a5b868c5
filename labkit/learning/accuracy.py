"""The share of answers that are right."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def share_right(scores: ArrayLike, labels: ArrayLike) -> float:
    """Share of the rows whose largest score is that of their class; scores are (n, classes).

    A row in which one score is NaN or infinite is never right.
    """
    scores = np.asarray(scores)
    right = (scores.argmax(axis=-1) == np.asarray(labels)) & np.isfinite(scores).all(axis=-1)
    return float(np.mean(right))
