"""Data sets that need no network, each split before anything is fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, repr=False)
class DataSet:
    """Inputs and labels in three parts that share no row. Showing it says where the data come from."""

    name: str
    source: str
    licence: str
    classes: tuple[str, ...]
    x_train: NDArray[np.float32]
    y_train: NDArray[np.int64]
    x_validation: NDArray[np.float32]
    y_validation: NDArray[np.int64]
    x_test: NDArray[np.float32]
    y_test: NDArray[np.int64]

    def __repr__(self) -> str:
        sizes = f"{len(self.x_train)} train, {len(self.x_validation)} validation, {len(self.x_test)} test"
        return (
            f"{self.name}\n"
            f"  source   {self.source}\n"
            f"  licence  {self.licence}\n"
            f"  inputs   {self.x_train.shape[1:]} {self.x_train.dtype}, "
            f"{self.x_train.min():g} to {self.x_train.max():g}\n"
            f"  classes  {len(self.classes)}: {', '.join(self.classes)}\n"
            f"  split    {sizes}, the same class shares in each"
        )


def digits(seed: int = 0) -> DataSet:
    """1,797 handwritten digits of 8 x 8 pixels, as rows of 64 values from 0 to 1; 60 / 20 / 20 percent."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    pixels, labels = load_digits(return_X_y=True)
    pixels = (pixels / 16.0).astype("float32")  # a pixel counts up to 16 dots, on every image: nothing is fitted
    x_train, x_rest, y_train, y_rest = train_test_split(
        pixels, labels, test_size=0.4, stratify=labels, random_state=seed
    )
    x_validation, x_test, y_validation, y_test = train_test_split(
        x_rest, y_rest, test_size=0.5, stratify=y_rest, random_state=seed
    )
    return DataSet(
        name="Optical recognition of handwritten digits",
        source="UCI Machine Learning Repository (Alpaydin and Kaynak, 1998), the copy in scikit-learn",
        licence="CC BY 4.0",
        classes=tuple("0123456789"),
        x_train=x_train,
        y_train=y_train,
        x_validation=x_validation,
        y_validation=y_validation,
        x_test=x_test,
        y_test=y_test,
    )
