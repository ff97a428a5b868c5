"""What every loader gives: inputs and answers in three parts, with their source, licence and classes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, repr=False)
class DataSet:
    """Inputs and answers in three parts that share no row. Showing it says where the data come from.

    An answer is a class number; where `classes` is empty it is a quantity. Images are uint8, 0 to 255, of shape
    (n, height, width, channels); tables are float32 of shape (n, columns).
    """

    name: str
    source: str
    licence: str
    classes: tuple[str, ...]
    x_train: NDArray[Any]
    y_train: NDArray[Any]
    x_validation: NDArray[Any]
    y_validation: NDArray[Any]
    x_test: NDArray[Any]
    y_test: NDArray[Any]

    def __repr__(self) -> str:
        sizes = f"{len(self.x_train)} train, {len(self.x_validation)} validation, {len(self.x_test)} test"
        return (
            f"{self.name}\n"
            f"  source   {self.source}\n"
            f"  licence  {self.licence}\n"
            f"  inputs   {self.x_train.shape[1:]} {self.x_train.dtype}, "
            f"{self.x_train.min():g} to {self.x_train.max():g}\n"
            f"  {self._answers()}\n"
            f"  split    {sizes}{', the same class shares in each' if self.classes else ''}"
        )

    def _answers(self) -> str:
        if self.classes:
            return f"classes  {len(self.classes)}: {', '.join(self.classes)}"
        return f"answers  a quantity, {self.y_train.min():g} to {self.y_train.max():g}"


def reshuffled(data: DataSet, seed: int) -> DataSet:
    """The same set with its training and validation rows dealt anew. The test part stays as it is."""
    x = np.concatenate([data.x_train, data.x_validation])
    y = np.concatenate([data.y_train, data.y_validation])
    rows = np.random.default_rng(seed).permutation(len(y))
    train, validation = rows[: len(data.y_train)], rows[len(data.y_train) :]
    return replace(data, x_train=x[train], y_train=y[train], x_validation=x[validation], y_validation=y[validation])


def few(data: DataSet, per_class: int) -> DataSet:
    """The same set with the first `per_class` training rows of each class; validation and test stay whole.

    A class with fewer rows keeps all of them. Raises ValueError if `per_class` is below 1.
    """
    if per_class < 1:
        raise ValueError(f"A class needs at least one training image; per_class is {per_class}.")
    rows = np.sort(np.concatenate([np.flatnonzero(data.y_train == c)[:per_class] for c in np.unique(data.y_train)]))
    return replace(data, x_train=data.x_train[rows], y_train=data.y_train[rows])
