"""The comparisons: how near an observed value is to the expected one. Pure; values in, a score from 0 to 1 out."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

from grader.errors import ValuesError
from grader.values import Value, decode, encode


class Judge(Protocol):
    """Compares an observed value with the expected one."""

    def score(self, expected: Value, observed: Value) -> float:
        """1.0 for right, 0.0 for wrong; a judge may give credit in between."""
        ...


@dataclass(frozen=True)
class close:  # noqa: N801  a judge reads as a word: judge=close(rtol=1e-3)
    """Right where shapes are the same and |observed - expected| <= atol + rtol |expected| at every place."""

    rtol: float = 1e-5
    atol: float = 1e-8

    def score(self, expected: Value, observed: Value) -> float:
        """1.0 where every number is close."""
        return float(is_close(expected, observed, self.rtol, self.atol))


@dataclass(frozen=True)
class equal:  # noqa: N801
    """Right where the values are the same; a list and an array of the same numbers are."""

    def score(self, expected: Value, observed: Value) -> float:
        """1.0 where the values are the same."""
        return float(is_close(expected, observed, 0.0, 0.0))


@dataclass(frozen=True, eq=False)
class accuracy:  # noqa: N801
    """Share of rows whose largest observed number stands at the row's label, computed here, from predictions.

    `labels` (n,) stay outside the learner's process. Full credit from `at_least`, none below `zero_at`, a straight
    line in between. Predictions are scores (n, classes), or class numbers (n,).
    """

    labels: Any
    at_least: float
    zero_at: float = 0.0

    def score(self, expected: Value, observed: Value) -> float:
        """Credit from 0 to 1 for the share of right predictions."""
        reached = self.measure(observed)
        if reached >= self.at_least:
            return 1.0
        if reached <= self.zero_at or self.at_least <= self.zero_at:
            return 0.0
        return (reached - self.zero_at) / (self.at_least - self.zero_at)

    def measure(self, observed: Value) -> float:
        """The share of right predictions; 0.0 for anything that is not one prediction a label."""
        predictions = numbers(observed)
        labels = np.asarray(self.labels)
        if predictions is None or not predictions.size or predictions.shape[:1] != labels.shape:
            return 0.0
        if not np.isfinite(predictions).all():
            return 0.0
        classes = predictions.argmax(axis=-1) if predictions.ndim == 2 else predictions
        # One column, or one class for every row, is a constant predictor: it has learned nothing.
        if classes.shape != labels.shape or np.unique(classes).size < 2:
            return 0.0
        return float((classes == labels).mean())


@dataclass(frozen=True, eq=False)
class perplexity:  # noqa: N801
    """exp of the mean cross entropy of targets (n,) under logits or log-probabilities (n, classes), computed here.

    `targets`, class numbers, stay outside the learner's process, and each row is normalised here: raising all logits
    gains nothing. Full credit up to `at_most`, none from `zero_at`, in between a straight line in the cross entropy.
    """

    targets: Any
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

    def measure(self, observed: Value) -> float:
        """The perplexity; infinite for anything that is not one row of finite numbers a target."""
        rows = numbers(observed)
        targets = np.asarray(self.targets)
        if rows is None or rows.ndim != 2 or rows.dtype.kind == "c" or rows.shape[:1] != targets.shape:
            return math.inf
        if not targets.size or rows.shape[1] <= targets.max() or not np.isfinite(rows).all():
            return math.inf
        logits = rows.astype(np.float64)
        logits -= logits.max(axis=-1, keepdims=True)
        losses = np.log(np.exp(logits).sum(axis=-1)) - logits[np.arange(len(targets)), targets]
        return math.exp(min(float(losses.mean()), 700.0))


JUDGES: dict[str, type] = {"close": close, "equal": equal, "accuracy": accuracy, "perplexity": perplexity}


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
