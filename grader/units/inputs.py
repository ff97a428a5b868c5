"""What probes are called with: fixed values, and inputs drawn from a seed.

A drawn input is new for each seed. The public checks use one seed, each gradebook has a secret one of its own.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from grader.core.errors import SourceError
from grader.core.values import Value

PUBLIC_SEED = "public"
DRAWS = 3  # of a unit's inputs, for each gradebook: what a hand-in has shown need not be what the next is asked


@dataclass(frozen=True)
class Drawn:
    """An input that is drawn anew for each seed."""

    draw: Callable[[np.random.Generator], Value]


@dataclass(frozen=True)
class Labelled(Drawn):
    """Inputs that are drawn together with their labels. A judge that was given this very draw gets the labels."""


def drawn(make: Callable[[np.random.Generator], Value]) -> Drawn:
    """What the author's own function makes of a generator.

    >>> @length_task.probe(words=drawn(lambda rng: ["ab", "cde"][: int(rng.integers(1, 3))]))
    ... def of_some_words(length, words):
    ...     return length(words)
    """
    return Drawn(make)


def labelled(make: Callable[[np.random.Generator], tuple[Value, Value]]) -> Labelled:
    """The inputs of an author's function of a generator that returns inputs and labels, one label a row.

    `accuracy(held_out, …)` judges by the labels of `held_out = labelled(make)`; they never leave the grader.

    >>> held_out = labelled(lambda rng: (rng.normal(size=(50, 2)), rng.integers(0, 3, 50)))
    >>> @predict_task.probe(x=held_out, judge=accuracy(held_out, at_least=0.9))
    ... def on_unseen_rows(predict, x):
    ...     return predict(x)
    """
    return Labelled(make)


def normal(*shape: int, loc: float = 0.0, scale: float = 1.0) -> Drawn:
    """Independent normal numbers of the given shape, float64.

    >>> @double_task.probe(x=normal(8, 10, scale=5.0))
    ... def of_rows(double, x):
    ...     return double(x)
    """
    return Drawn(lambda rng: rng.normal(loc, scale, shape))


def uniform(*shape: int, low: float = 0.0, high: float = 1.0) -> Drawn:
    """Independent uniform numbers in [low, high) of the given shape, float64.

    >>> @double_task.probe(x=uniform(5, low=-1.0))
    ... def of_five(double, x):
    ...     return double(x)
    """
    return Drawn(lambda rng: rng.uniform(low, high, shape))


def integers(*shape: int, low: int, high: int) -> Drawn:
    """Independent integers from low to high - 1 of the given shape, int64; without a shape one plain number.

    >>> @double_task.probe(x=integers(3, low=1, high=7))
    ... def of_dice(double, x):
    ...     return double(x)
    """
    return Drawn(lambda rng: rng.integers(low, high, shape))


def one_hot(rows: int, classes: int) -> Drawn:
    """Random labels as one-hot rows, shape (rows, classes), float64.

    >>> @loss_task.probe(y_true=one_hot(9, 4), y_prob=probabilities(9, 4))
    ... def of_drawn_rows(loss, y_true, y_prob):
    ...     return loss(y_true, y_prob)
    """
    return Drawn(lambda rng: np.eye(classes)[rng.integers(0, classes, rows)])


def probabilities(rows: int, classes: int) -> Drawn:
    """Random rows of positive numbers that sum to 1, shape (rows, classes), float64.

    >>> @loss_task.probe(y_true=one_hot(9, 4), y_prob=probabilities(9, 4))
    ... def of_drawn_rows(loss, y_true, y_prob):
    ...     return loss(y_true, y_prob)
    """
    return Drawn(lambda rng: rng.dirichlet(np.ones(classes), rows))


def array(values: Any, dtype: Any = None) -> np.ndarray:
    """A fixed array of these values; NumPy's own choice of dtype, if none is given.

    >>> array([[1, 0.5]]).shape
    (1, 2)
    """
    return np.array(values, dtype=dtype)


def draw(inputs: Mapping[str, Any], seed: str, *place: str) -> dict[str, Value]:
    """The inputs of the probe at `place` (unit, task, probe) for a seed. The order of other probes does not matter."""
    found = {}
    for name, value in inputs.items():
        try:
            found[name] = _drawn(value, _key(seed, *place, name))
        except SourceError:
            raise
        except Exception as error:  # of the author's own function, or NumPy's of a shape or a bound that is none
            what = f"input {name!r} of probe {place[-1]!r}" if place else f"input {name!r}"
            raise SourceError(f"{what} cannot be drawn: {type(error).__name__}: {error}") from error
    return found


def labels_of(held_out: Labelled, inputs: Mapping[str, Any], seed: str, *place: str) -> Value:
    """The labels that belong to the probe's inputs at `place`. Raises SourceError where `held_out` is none of them."""
    for name, value in inputs.items():
        if value is held_out:
            return _pair(held_out, _key(seed, *place, name))[1]
    raise SourceError("its judge has the labels of a draw that is none of the probe's inputs")


def _drawn(value: Any, key: str) -> Value:
    if isinstance(value, Labelled):
        return _pair(value, key)[0]
    if not isinstance(value, Drawn):
        return value
    found = value.draw(_generator(key))
    # NumPy's generators take a plain number as their seed, and no array.
    return found.item() if isinstance(found, np.ndarray) and not found.ndim else found


@lru_cache(maxsize=4)  # to paint hundreds of images takes seconds, and both halves are asked for
def _pair(held_out: Labelled, key: str) -> tuple[Value, Value]:
    pair = held_out.draw(_generator(key))
    if not isinstance(pair, tuple) or len(pair) != 2:
        raise SourceError("what `labelled` is given must return a pair: inputs and labels")
    return pair


def _key(*place: str) -> str:
    return "/".join(place)


def _generator(key: str) -> np.random.Generator:
    return np.random.default_rng(int.from_bytes(hashlib.sha256(key.encode()).digest(), "big"))


def seeds(secret: str) -> list[str]:
    """The seed of each draw of a gradebook."""
    return [secret, *(f"{secret}/{number}" for number in range(1, DRAWS))]


def draw_for(secret: str, digest: str, before: int | None = None) -> int:
    """The number of the draw for a submission of this digest, after a hand-in of the learner's with the draw `before`.

    Of the first one nobody can tell it who does not know the gradebook's secret. From then on they follow in turn, so
    that a learner meets none again before all of them were used; chosen by chance, a third of the third hand-ins would.
    """
    if before is not None:
        return (before + 1) % DRAWS
    return int.from_bytes(hashlib.sha256(f"draw/{secret}/{digest}".encode()).digest(), "big") % DRAWS
