"""One call for every image set: by its name, or a folder of the learner's own."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit.data.dataset import DataSet, few
from labkit.data.folders import folder
from labkit.data.named import NAMED, from_keras
from labkit.data.painted import fruits
from labkit.data.tabular import digits


def load(what: str | os.PathLike[str], *, per_class: int | None = None, size: int = 64, seed: int = 0) -> DataSet:
    """Images by name, or from a folder with one sub-folder for each class.

    Images are uint8, 0 to 255, of shape (n, height, width, channels), whatever the set. "digits" and "fruits" ship with
    the course; "mnist", "fashion_mnist" and "cifar10" come from Keras's loaders, which fetch them once and check them.
    Where they cannot be had, digits stand in for the first two and fruits for the third, and one sentence says so.

    `per_class` keeps that many training images of each class (fruits: 30 where it is not given). `size`, in pixels, is
    for fruits and folders: the others have their own. `seed` paints the fruits and deals the rows of the others.
    """
    name = os.fspath(what)
    if name == "fruits":
        return fruits(per_class or 30, size=size, seed=seed)
    data = _whole(name, per_class, size, seed)
    return data if per_class is None else few(data, per_class)


def _whole(name: str, per_class: int | None, size: int, seed: int) -> DataSet:
    if name == "digits":
        return _digit_images(seed)
    if name in NAMED:
        return _famous(name, per_class, seed)
    if not Path(name).expanduser().is_dir():
        known = ", ".join(["digits", "fruits", *NAMED])
        raise FileNotFoundError(f"There is no data set and no folder {name!r}. By name there are: {known}.")
    return folder(name, size=size, seed=seed)


def _famous(name: str, per_class: int | None, seed: int) -> DataSet:
    try:
        return from_keras(name, seed)
    except Exception as problem:  # noqa: BLE001  Keras raises a bare Exception where a download fails
        stand_in, told = _stand_in(name, per_class, seed)
        reason = " ".join(str(problem).split()) or type(problem).__name__
        print(f"{NAMED[name].title} could not be had ({reason}): {told} stand in for it.")
        return stand_in


def _stand_in(name: str, per_class: int | None, seed: int) -> tuple[DataSet, str]:
    if name == "cifar10":
        return fruits(per_class or 30, size=32, seed=seed), "the course's painted fruits"
    return _digit_images(seed), "scikit-learn's digits of 8 x 8 pixels"


def _digit_images(seed: int) -> DataSet:
    rows = digits(seed)

    def images(x: NDArray[Any]) -> NDArray[np.uint8]:
        return np.rint(x * 255).astype("uint8").reshape(-1, 8, 8, 1)

    return replace(
        rows, x_train=images(rows.x_train), x_validation=images(rows.x_validation), x_test=images(rows.x_test)
    )
