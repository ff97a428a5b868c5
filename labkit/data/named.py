"""Sets by name: fetched, or with another one that stands in, and nobody takes one for the other; Keras's image sets.

MNIST, Fashion-MNIST and CIFAR-10 come by way of `keras.datasets`: its cache, and its checksums where it has one.
"""

from __future__ import annotations

import importlib
import socket
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from labkit.data.dataset import DataSet
from labkit.data.textset import Texts

PATIENCE = 15.0  # seconds without an answer after which the network counts as absent
Answer = TypeVar("Answer")
Kind = TypeVar("Kind", DataSet, Texts)


@dataclass(frozen=True)
class Named:
    """What Keras does not say about a set: its full name, where it is from, its licence, its classes."""

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


def fetched(named: Named, load: Callable[[], Answer]) -> Answer:
    """What one of Keras's loaders gives.

    Raises ConnectionError, with the reason, if the set is not in Keras's cache and cannot be downloaded.
    """
    try:
        with patience():
            return load()
    except Exception as problem:  # Keras raises a bare Exception if a download fails
        reason = " ".join(str(problem).split()) or type(problem).__name__
        raise ConnectionError(f"{named.title} could not be loaded ({reason}).") from problem


def or_stand_in(named: Named, call: str, load: Callable[[], Kind], stand_in: Callable[[], Kind], asked: bool) -> Kind:
    """The set, or what ships in its place: with a warning, and with the set's name in its title.

    Raises ConnectionError if the set cannot be loaded and what ships has other classes, unless it was asked for. `call`
    is how to ask for it.
    """
    try:
        return load()
    except ConnectionError as problem:
        found = stand_in()
        if not asked and found.classes != named.classes:
            raise ConnectionError(
                f"{problem} It is downloaded once and then kept: connect to the internet, and run this again. To go on "
                f"without it, {call} takes what ships with the course, which is another task with other classes: "
                f"{found.name}."
            ) from problem
        warnings.warn(f"{problem} Taken in its place: {found.name}.", stacklevel=3)  # at the line that asked for it
        return replace(found, name=f"{found.name}, in place of {named.title}")


def warn_of_folder(name: str) -> None:
    """Warn if a folder has the name of a set that ships or is fetched: by that name nobody gets the folder."""
    if Path(name).is_dir():
        warnings.warn(
            f'"{name}" is the name of a set, so the folder of that name is not read: for the folder write "./{name}".',
            stacklevel=3,
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
