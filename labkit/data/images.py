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
from labkit.data.named import NAMED, from_keras, or_stand_in, warn_of_folder
from labkit.data.painted import fruits
from labkit.data.tables import digits

NAMES = ("digits", "fruits", *NAMED)


def load(
    what: str | os.PathLike[str], *, per_class: int | None = None, size: int = 64, seed: int = 0, fallback: bool = False
) -> DataSet:
    """Images by name, or from a folder with one sub-folder for each class.

    Images are uint8, 0 to 255, of shape (n, height, width, channels), whatever the set. "digits" and "fruits" ship with
    the course; "mnist", "fashion_mnist" and "cifar10" come from Keras's loaders, which fetch them once and check them.

    If MNIST cannot be loaded, the digits stand in for it: a warning says so, and so does the title. What ships in place
    of the other two has other classes (digits for Fashion-MNIST, fruits for CIFAR-10), so it must be asked for with
    `fallback=True`; otherwise ConnectionError says what to do.

    `per_class` keeps that many training images of each class (fruits: 30 unless it is given). `size`, in pixels, is
    for fruits and folders: the others have their own. `seed` paints the fruits and deals the rows of the others.
    """
    name = os.fspath(what)
    if name in NAMES:
        warn_of_folder(name)
    if name == "fruits":
        return _fruits(per_class, size, seed)
    if name == "digits":
        data = _digit_images(seed)
    elif name in NAMED:
        data = or_stand_in(
            NAMED[name], f'data.load("{name}", fallback=True)',
            lambda: from_keras(name, seed), lambda: _stand_in(name, per_class, seed), fallback,
        )  # fmt: skip
    elif Path(name).expanduser().is_dir():
        data = folder(name, size=size, seed=seed)
    else:
        raise FileNotFoundError(f"There is no data set and no folder {name!r}. By name there are: {', '.join(NAMES)}.")
    return data if per_class is None else few(data, per_class)


def _stand_in(name: str, per_class: int | None, seed: int) -> DataSet:
    return _fruits(per_class, 32, seed) if name == "cifar10" else _digit_images(seed)


def _fruits(per_class: int | None, size: int, seed: int) -> DataSet:
    return fruits(30 if per_class is None else per_class, size=size, seed=seed)


def _digit_images(seed: int) -> DataSet:
    rows = digits(seed)

    def images(x: NDArray[Any]) -> NDArray[np.uint8]:
        return np.rint(x * 255).astype("uint8").reshape(-1, 8, 8, 1)

    return replace(
        rows, x_train=images(rows.x_train), x_validation=images(rows.x_validation), x_test=images(rows.x_test)
    )
