"""MNIST, Fashion-MNIST and CIFAR-10 by way of `keras.datasets`: its cache, and its checksums where it has one."""

from __future__ import annotations

import importlib

import numpy as np

from labkit.data.by_name import Named, fetched
from labkit.data.dataset import DataSet

NAMED = {
    "mnist": Named(
        "MNIST, handwritten digits",
        "LeCun, Cortes and Burges (1998), from NIST's forms, by Keras's loader",
        "CC BY-SA 3.0",
        tuple("0123456789"),
    ),
    "fashion_mnist": Named(
        "Fashion-MNIST",
        "Zalando Research (Xiao, Rasul and Vollgraf, 2017), by Keras's loader",
        "MIT",
        ("T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"),
    ),
    "cifar10": Named(
        "CIFAR-10",
        "Krizhevsky (2009), from the 80 Million Tiny Images, by Keras's loader",
        "none stated by its authors",
        ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    ),
}


def from_keras(name: str, seed: int = 0) -> DataSet:
    """A set of Keras's. Its test part stays the test part; a sixth of its training rows become the validation part.

    Raises ConnectionError if the set is not in Keras's cache and cannot be downloaded.
    """
    from sklearn.model_selection import train_test_split

    named, loader = NAMED[name], importlib.import_module(f"keras.datasets.{name}")
    (x, y), (x_test, y_test) = fetched(named, loader.load_data)
    y, y_test = y.ravel().astype("int64"), y_test.ravel().astype("int64")
    train, validation = train_test_split(np.arange(len(y)), test_size=1 / 6, stratify=y, random_state=seed)
    if x.ndim == 3:  # grey images come without a channel axis
        x, x_test = x[..., None], x_test[..., None]
    return DataSet(
        named.title,
        named.source,
        named.licence,
        named.classes,
        *(x[train], y[train], x[validation], y[validation], x_test, y_test),
    )
