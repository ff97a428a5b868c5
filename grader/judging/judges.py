"""The comparisons: how near an observed value is to the expected one. Pure; values in, a score from 0 to 1 out."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import numpy as np

from grader.core.errors import ValuesError
from grader.core.messages import Message, Messages, message
from grader.core.values import Value, decode, encode


class Judge(Protocol):
    """Compares an observed value with the expected one."""

    def score(self, expected: Value, observed: Value) -> float:
        """1.0 for right, 0.0 for wrong; a judge may give credit in between."""
        ...

    def tell(self, observed: Value) -> str | Messages:
        """What this judge alone can say about a value that did not earn all, without giving an answer away; or "".

        A judge of an author's own says it in the author's words.
        """
        ...


class Silent:
    """A judge that leaves it to others to say what is wrong."""

    def tell(self, observed: Value) -> str | Messages:
        """Nothing."""
        return ()


@dataclass(frozen=True)
class close(Silent):  # noqa: N801  a judge reads as a word: judge=close(rtol=1e-3)
    """Right where shapes are the same and |observed - expected| <= atol + rtol |expected| at every place.

    >>> close(rtol=1e-3).score(2.0, 2.001)
    1.0
    """

    rtol: float = 1e-5
    atol: float = 1e-8

    def score(self, expected: Value, observed: Value) -> float:
        """1.0 where every number is close."""
        return float(is_close(expected, observed, self.rtol, self.atol))


@dataclass(frozen=True)
class equal(Silent):  # noqa: N801
    """Right where the values are the same; a list and an array of the same numbers are.

    >>> equal().score([1, 2], array([1, 2])), equal().score("b", "c")
    (1.0, 0.0)
    """

    def score(self, expected: Value, observed: Value) -> float:
        """1.0 where the values are the same."""
        return float(is_close(expected, observed, 0.0, 0.0))


@dataclass(frozen=True)
class by_hand(Silent):  # noqa: N801
    """Left to a person: what the probe returns is kept and shown, and its points wait until somebody has marked it.

    >>> by_hand().score("the reference's words", "a learner's words")
    0.0
    """

    def score(self, expected: Value, observed: Value) -> float:
        """0.0: nothing is earned before it is marked."""
        return 0.0


@dataclass(frozen=True, eq=False)
class accuracy:  # noqa: N801
    """Share of rows whose largest observed number stands at the row's label, computed here, from predictions.

    `labels` (n,) stay outside the learner's process; a `labelled` draw among the probe's inputs brings its own. Full
    credit from `at_least`, none below `zero_at`, a straight line in between. A class of which less than `least_recall`
    are right bounds the credit by its recall over `least_recall`. Predictions are scores (n, classes), or class
    numbers (n,). `classes` names them in messages.

    >>> judge = accuracy([0, 1, 1, 0], at_least=0.9, zero_at=0.5)
    >>> judge.score(None, [0, 1, 1, 0]), round(judge.score(None, [0, 1, 1, 1]), 3)
    (1.0, 0.625)
    """

    labels: Any
    at_least: float
    zero_at: float = 0.0
    least_recall: float = 0.0
    classes: Sequence[str] = ()

    def score(self, expected: Value, observed: Value) -> float:
        """Credit from 0 to 1 for the share of right predictions."""
        predicted, _ = self._predicted(observed)
        if predicted is None:
            return 0.0
        credit = self._credit(self.measure(observed))
        _, recall = self._worst(predicted)
        return credit if recall >= self.least_recall else min(credit, recall / self.least_recall)

    def measure(self, observed: Value) -> float:
        """The share of right predictions; 0.0 for anything that is not one prediction a label."""
        predicted, _ = self._predicted(observed)
        return 0.0 if predicted is None else float((predicted == np.asarray(self.labels)).mean())

    def tell(self, observed: Value) -> Messages:
        """How much is right, and which class is taken for another most often: shares, and no row's label."""
        predicted, problem = self._predicted(observed)
        if predicted is None:
            return (problem,) if problem else ()
        reached = message("scores.accuracy", reached=self.measure(observed), needed=self.at_least)
        return reached, *self._weakest(predicted)

    def _credit(self, reached: float) -> float:
        if reached >= self.at_least:
            return 1.0
        if reached <= self.zero_at or self.at_least <= self.zero_at:
            return 0.0
        return (reached - self.zero_at) / (self.at_least - self.zero_at)

    def _predicted(self, observed: Value) -> "tuple[np.ndarray | None, Message | None]":
        """The class of each row, or None and why there is none."""
        predictions, rows = numbers(observed), len(np.asarray(self.labels))
        if predictions is None or not predictions.size or predictions.ndim not in (1, 2) or len(predictions) != rows:
            return None, message("scores.no_rows", rows=rows)
        if not np.isfinite(predictions).all():
            return None, message("scores.not_finite")
        # One column, or one class for every row, is a constant predictor: it has learned nothing.
        if predictions.shape[1:] == (1,):
            return None, message("scores.one_number")
        classes = predictions.argmax(axis=-1) if predictions.ndim == 2 else predictions
        if np.unique(classes).size < 2:
            return None, message("scores.one_class")
        return classes, None

    def _worst(self, predicted: np.ndarray) -> tuple[float, float]:
        """The class of which the least share is right, and that share."""
        labels = np.asarray(self.labels)
        recalls = {float(number): float((predicted[labels == number] == number).mean()) for number in np.unique(labels)}
        return min(recalls.items(), key=lambda item: item[1])

    def _weakest(self, predicted: np.ndarray) -> Messages:
        """Which class is right least often, and what it is taken for; by their names if both have one."""
        number, share = self._worst(predicted)
        others = predicted[(np.asarray(self.labels) == number) & (predicted != number)]
        found, counts = np.unique(others, return_counts=True)
        other = float(found[counts.argmax()]) if others.size else None
        named = self._has_name(number) and (other is None or self._has_name(other))

        def name(of: float) -> str:
            return self.classes[int(of)] if named else f"class {of:g}"

        said = [message("scores.weakest", kind=name(number), share=share)]
        if other is not None:
            said.append(message("scores.taken_for", other=name(other)))
        if share < self.least_recall:
            said.append(message("scores.short", needed=self.least_recall))
        return tuple(said)

    def _has_name(self, number: float) -> bool:
        return number == int(number) and 0 <= number < len(self.classes)


@dataclass(frozen=True, eq=False)
class perplexity:  # noqa: N801
    """exp of the mean cross entropy of labels (n,) under logits or log-probabilities (n, classes), computed here.

    `labels`, such as the words that follow, stay outside the learner's process, as for `accuracy`. Each row is
    normalised here: raising all logits gains nothing. Full credit up to `at_most`, none from `zero_at`, in between a
    straight line in the cross entropy.

    >>> perplexity([2, 0], at_most=3.5).score(None, [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    1.0
    """

    labels: Any
    at_most: float
    zero_at: float = math.inf

    def score(self, expected: Value, observed: Value) -> float:
        """Credit from 0 to 1 for the perplexity that is reached."""
        reached = self.measure(observed)
        if reached <= self.at_most:
            return 1.0
        if reached >= self.zero_at or self.at_most >= self.zero_at or math.isinf(self.zero_at):
            return 0.0
        return math.log(self.zero_at / reached) / math.log(self.zero_at / self.at_most)

    def tell(self, observed: Value) -> Messages:
        """The perplexity beside the one that is needed."""
        reached = self.measure(observed)
        if math.isinf(reached):
            return (message("scores.no_logits", rows=len(np.asarray(self.labels))),)
        return (message("scores.perplexity", reached=reached, needed=self.at_most),)

    def measure(self, observed: Value) -> float:
        """The perplexity; infinite for anything that is not one row of finite numbers a label."""
        rows = numbers(observed)
        labels = np.asarray(self.labels)
        if rows is None or rows.ndim != 2 or rows.dtype.kind == "c" or rows.shape[:1] != labels.shape:
            return math.inf
        if not labels.size or rows.shape[1] <= labels.max() or not np.isfinite(rows).all():
            return math.inf
        logits = rows.astype(np.float64)
        logits -= logits.max(axis=-1, keepdims=True)
        losses = np.log(np.exp(logits).sum(axis=-1)) - logits[np.arange(len(labels)), labels]
        return math.exp(min(float(losses.mean()), 700.0))


@dataclass(frozen=True, eq=False)
class by:  # noqa: N801
    """Judge what an author's function says of the returned value, outside the process that returned it.

    A probe that returned "every row is in a part: True" would return what anybody can write down. It returns the parts
    instead, and `facts` says what they mean: the function gets the value that came back, and by name those of the
    probe's inputs that it has parameters for. What it returns is compared with what it returns for the reference by
    `judge`. The value may be anything that a learner made: what the function raises is the learner's failure, and it
    should take no longer for a large value than for a small one.

    >>> def parts(came_back, rows):
    ...     train, test = came_back
    ...     return {"every row is in one part": sorted([*train, *test]) == list(range(rows))}
    >>> @split_task.probe(rows=integers(low=50, high=80), judge=by(parts))
    ... def of_drawn_rows(split, rows):
    ...     return split(rows)
    """

    facts: Callable[..., Value]
    judge: Judge = field(default_factory=close)


JUDGES: dict[str, type] = {
    "close": close, "equal": equal, "accuracy": accuracy, "perplexity": perplexity, "by_hand": by_hand,
}  # fmt: skip


def judge_to_json(judge: Judge) -> dict[str, Any]:
    """The JSON form of a judge, for a public check."""
    settings = {name: encode(value) for name, value in asdict(judge).items()}  # type: ignore[call-overload]
    return {"name": type(judge).__name__, **settings}


def judge_from_json(form: dict[str, Any]) -> Judge:
    """The judge of a JSON form. Raises ValuesError where the name is unknown."""
    settings = {name: decode(value) for name, value in form.items() if name != "name"}
    if form.get("name") not in JUDGES:
        raise ValuesError(f"no judge is named {form.get('name')!r}; there are {', '.join(JUDGES)}")
    judge: Judge = JUDGES[form["name"]](**settings)
    return judge


def numbers(value: Value) -> np.ndarray | None:
    """The value as an array of numbers, or None where it is not one: text, None, ragged lists."""
    if value is None or isinstance(value, str | dict) or _holds_text(value):
        return None
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    return array if array.dtype.kind in "biufc" else None


def is_close(expected: Value, observed: Value, rtol: float, atol: float) -> bool:
    """Whether two plain values agree: numbers and arrays to the tolerance, anything else exactly.

    NaN agrees with NaN. A list, a tuple and an array of the same shape agree where their numbers do.
    """
    left, right = numbers(expected), numbers(observed)
    if left is not None and right is not None:
        return left.shape == right.shape and _all_close(left, right, rtol, atol)
    if isinstance(expected, dict) and isinstance(observed, dict):
        return expected.keys() == observed.keys() and all(
            is_close(expected[key], observed[key], rtol, atol) for key in expected
        )
    if isinstance(expected, list | tuple) and isinstance(observed, list | tuple):
        return len(expected) == len(observed) and all(
            is_close(a, b, rtol, atol) for a, b in zip(expected, observed, strict=True)
        )
    if isinstance(expected, np.ndarray):
        return _same_texts(expected, observed)
    if isinstance(observed, np.ndarray):
        return _same_texts(observed, expected)
    return type(expected) is type(observed) and expected == observed


def _holds_text(value: Value) -> bool:
    """Whether there is text in a list. NumPy would make each of its items as long as the longest text."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "U"
    if not isinstance(value, list | tuple):
        return isinstance(value, str)
    kinds = set(map(type, value))  # of a million numbers in a moment
    return str in kinds or (not kinds.isdisjoint((list, tuple, np.ndarray)) and any(map(_holds_text, value)))


def _same_texts(array: np.ndarray, other: Value) -> bool:
    """Whether an array of text holds the same as an array, or as a list of lists."""
    if array.dtype.kind != "U":
        return False
    if isinstance(other, np.ndarray):
        return other.dtype.kind == "U" and array.shape == other.shape and bool((array == other).all())
    return array.size > 0 and _same_list(array.tolist(), other)


def _same_list(texts: Any, other: Value) -> bool:
    if isinstance(texts, list):
        same_length = isinstance(other, list | tuple) and len(texts) == len(other)
        return same_length and all(map(_same_list, texts, other))  # type: ignore[arg-type]
    return isinstance(other, str) and texts == other


def _all_close(expected: np.ndarray, observed: np.ndarray, rtol: float, atol: float) -> bool:
    if rtol == atol == 0:  # exact: isclose would compare large integers as floats
        return bool(np.array_equal(expected, observed, equal_nan=True))
    with np.errstate(all="ignore"):
        return bool(np.isclose(observed, expected, rtol, atol, equal_nan=True).all())
