"""Ways to augment a text, and a quick judge of whether its label survived: naive Bayes on words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

# Pairs that mean nearly the same in documentation.
SYNONYMS = {
    "compute": ("calculate", "evaluate"), "calculate": ("compute", "work out"), "return": ("give", "get"),
    "returns": ("gives",), "set": ("choose", "fix"), "get": ("return", "fetch"), "create": ("make", "build"),
    "make": ("create", "build"), "whether": ("if",), "given": ("stated",), "array": ("table of numbers",),
    "function": ("routine",), "draw": ("plot", "paint"), "plot": ("draw",), "fit": ("train",), "train": ("fit",),
    "size": ("extent",), "number": ("count",), "value": ("number",), "values": ("numbers",), "line": ("stroke",),
    "matrix": ("table",), "data": ("rows",), "label": ("name",), "labels": ("names",), "along": ("over",),
    "model": ("estimator",), "layer": ("stage",), "convert": ("turn", "change"), "apply": ("use",),
}  # fmt: skip
Kind = Callable[[list[str], float, np.random.Generator], list[str]]


def drop(words: list[str], rate: float, rng: np.random.Generator) -> list[str]:
    """Each word is left out with probability `rate`; one word stays."""
    kept = [word for word, number in zip(words, rng.random(len(words)), strict=True) if number >= rate]
    return kept or [words[int(rng.integers(len(words)))]]


def swap(words: list[str], rate: float, rng: np.random.Generator) -> list[str]:
    """Neighbours change places, for a share `rate` of the words."""
    words = list(words)
    for _ in range(round(rate * len(words))):
        i = int(rng.integers(max(len(words) - 1, 1)))
        words[i : i + 2] = words[i : i + 2][::-1]
    return words


def replace(words: list[str], rate: float, rng: np.random.Generator) -> list[str]:
    """A word that the table of synonyms has is replaced with probability `rate`."""
    found = []
    for word in words:
        choices = SYNONYMS.get(word)
        draws = rng.random(), rng.random()  # the same number of draws for each word, whatever the table has
        found.append(choices[int(draws[1] * len(choices))] if choices and draws[0] < rate else word)
    return found


KINDS: dict[str, Kind] = {"drop words": drop, "swap neighbours": swap, "use synonyms": replace}


@dataclass(frozen=True)
class Judge:
    """Naive Bayes on words: log probabilities of each word by class, and of the classes."""

    words: dict[str, int]
    by_word: NDArray[np.float64]  # (words, classes)
    classes: NDArray[np.float64]  # (classes,)

    def probabilities(self, tokens: Sequence[str]) -> NDArray[np.float64]:
        """Of each class, given the words; a word that it does not know says nothing."""
        rows = [self.words[token] for token in tokens if token in self.words]
        scores = self.classes + self.by_word[rows].sum(axis=0)
        powers = np.exp(scores - scores.max())
        return powers / powers.sum()


def tokens_of(text: str) -> list[str]:
    """Lower-case words."""
    return re.findall(r"[a-z0-9]+", text.lower())


def judge(texts: Sequence[str], labels: Iterable[int]) -> Judge:
    """Counts of words in the texts of each class, each count begun at 1 (Laplace)."""
    labels = list(map(int, labels))
    words = {word: i for i, word in enumerate(dict.fromkeys(word for text in texts for word in tokens_of(text)))}
    counts = np.ones((len(words), max(labels) + 1))
    for text, label in zip(texts, labels, strict=True):
        for word in set(tokens_of(text)):
            counts[words[word], label] += 1
    of_class = Counter(labels)
    sizes = np.array([of_class[label] for label in range(max(labels) + 1)], float)
    return Judge(words, np.log(counts / (sizes + 2)), np.log(sizes / sizes.sum()))


@cache
def judge_of_sentences() -> tuple[Judge, tuple[str, ...]]:
    """The judge of this course's sentences, and the names of its classes."""
    from labkit.data import sentences

    found = sentences()
    return judge(found.x_train, found.y_train), found.classes
