"""Watching a network fit a quantity epoch by epoch, on the rows that it learns from and on rows held out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labkit import training
from labkit.arrays import Array
from labkit.data import DataSet, reshuffled
from labkit.generalising.validation import standardise

if TYPE_CHECKING:
    import keras

FIT_SHARE = 0.75  # of the training rows; the others say when to stop

Part = tuple[NDArray[np.float32], NDArray[np.float32]]  # inputs, and the quantity as a column


def parts(data: DataSet, seed: int) -> tuple[Part, Part, Part]:
    """Rows to fit, to stop by and unseen, dealt anew and standardised by the first; the test part stays out."""
    dealt = reshuffled(data, seed)
    cut = round(FIT_SHARE * len(dealt.y_train))
    x_fit, y_fit = dealt.x_train[:cut], dealt.y_train[:cut, None]
    x_stop, y_stop = dealt.x_train[cut:], dealt.y_train[cut:, None]

    def scaled(x: NDArray[Any], y: NDArray[Any]) -> Part:
        return standardise(x_fit, x)[1].astype("float32"), standardise(y_fit, y)[1].astype("float32")

    return scaled(x_fit, y_fit), scaled(x_stop, y_stop), scaled(dealt.x_validation, dealt.y_validation[:, None])


def errors_by_epoch(model: keras.Model, rows: Sequence[Part], epochs: int, seed: int) -> Array:
    """Mean squared error on each part after each epoch, (parts, epochs). The first part is the one to fit.

    The compiled model's weights are drawn anew from the seed. An epoch is one step on all rows to fit.
    """
    training.restart(model, seed)
    x, y = (np.concatenate(columns) for columns in zip(*rows, strict=True))
    ends = np.cumsum([len(part_y) for _, part_y in rows])[:-1]
    errors = []
    for _ in range(epochs):
        model.train_on_batch(*rows[0])
        squared: Any = (np.asarray(model.predict_on_batch(x)) - y) ** 2
        errors.append([part.mean() for part in np.split(squared, ends)])
    return np.array(errors).T
