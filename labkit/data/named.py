"""MNIST, Fashion-MNIST and CIFAR-10 by way of `keras.datasets`: its cache, and its checksums where it has one."""

from __future__ import annotations

import importlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from labkit.data.dataset import DataSet

PATIENCE = 15.0  # seconds without an answer after which the network counts as absent


@dataclass(frozen=True)
class Named:
    """What Keras does not tell of a set: its full name, where it is from, its licence, its classes."""

    title: str
    source: str
    licence: str
    classes: tuple[str, ...]


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

    Raises what Keras raises where the set is not in its cache and cannot be fetched.
    """
    from sklearn.model_selection import train_test_split

    loader = importlib.import_module(f"keras.datasets.{name}")
    with patience():
        (x, y), (x_test, y_test) = loader.load_data()
    y, y_test = y.ravel().astype("int64"), y_test.ravel().astype("int64")
    train, validation = train_test_split(np.arange(len(y)), test_size=1 / 6, stratify=y, random_state=seed)
    if x.ndim == 3:  # grey images come without a channel axis
        x, x_test = x[..., None], x_test[..., None]
    told = NAMED[name]
    return DataSet(
        told.title,
        told.source,
        told.licence,
        told.classes,
        *(x[train], y[train], x[validation], y[validation], x_test, y_test),
    )


@contextmanager
def patience() -> Iterator[None]:
    """Give up on a network that does not answer: Keras itself would wait for minutes."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
