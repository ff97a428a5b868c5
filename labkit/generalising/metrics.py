"""Measures of how good predictions are, in NumPy, as scikit-learn defines them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labkit.arrays import Array


def confusion_matrix(y_true: ArrayLike, y_pred: ArrayLike, classes: int) -> NDArray[np.int64]:
    """How many rows of true class i were predicted as j, (classes, classes)."""
    matrix = np.zeros((classes, classes), dtype=int)
    np.add.at(matrix, (np.asarray(y_true), np.asarray(y_pred)), 1)
    return matrix


def precision_recall_f1(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[float, float, float]:
    """Precision, recall and F1 of class 1 against class 0; a share of nothing counts as 0."""
    (_, false_alarms), (missed, hits) = confusion_matrix(y_true, y_pred, 2).tolist()
    return (
        _share(hits, hits + false_alarms),
        _share(hits, hits + missed),
        _share(2 * hits, 2 * hits + false_alarms + missed),
    )


def r_squared(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """1 minus the squared errors over those of the constant mean; y_true must not be constant."""
    y_true, y_pred = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float)
    return float(1 - np.sum((y_true - y_pred) ** 2) / np.sum((y_true - y_true.mean()) ** 2))


def roc(y_true: ArrayLike, scores: ArrayLike) -> tuple[Array, Array]:
    """False and true positive rate for each threshold between two different scores, from (0, 0) to (1, 1)."""
    y_true, scores = np.asarray(y_true), np.asarray(scores, dtype=float)
    order = np.argsort(-scores, kind="stable")
    last_of_equals = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.cumsum(y_true[order])[last_of_equals]
    false_alarms = last_of_equals + 1 - hits
    return np.append(0.0, false_alarms / false_alarms[-1]), np.append(0.0, hits / hits[-1])


def auc(false_positive_rate: Array, true_positive_rate: Array) -> float:
    """The area under a ROC curve."""
    return float(np.trapezoid(true_positive_rate, false_positive_rate))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
