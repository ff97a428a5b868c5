"""Language models: sentences as rows of word numbers, a bigram model to beat, perplexity, and samples."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit.activations import Array, softmax

PAD, UNKNOWN, START, END = range(4)
MARKS = ("", "<unknown>", "<start>", "<end>")
UNSEEN = 0.1  # added to each word's count: what never came may still come
DISCOUNT = 0.75  # taken from each count of a pair

_WORD = re.compile(r"[a-z0-9]+(?:[-'_.][a-z0-9]+)*")

Ids = NDArray[np.int32]
Model = Callable[[Ids], Any]  # rows of word numbers (n, length) in, logits of each next word (n, length, words) out


def tokenise(text: str) -> list[str]:
    """The words of an English text in small letters, without punctuation."""
    return _WORD.findall(text.lower())


@dataclass(frozen=True)
class Corpus:
    """Sentences as rows of `length` + 1 word numbers: a start, the words, an end, pads.

    `words` holds the most frequent words of the training sentences; any other is unknown. A sentence that is too long
    is cut and has no end.
    """

    words: tuple[str, ...]
    length: int
    tokenise: Callable[[str], list[str]]
    train: Ids
    validation: Ids
    test: Ids

    @classmethod
    def of(cls, data: Any, tokenise: Callable[[str], list[str]], size: int, length: int) -> Corpus:
        """The corpus of a data set of sentences, with `size` words in all, the four marks included."""
        counts = Counter(word for sentence in data.x_train for word in tokenise(str(sentence)))
        frequent = sorted(counts, key=lambda word: (-counts[word], word))
        empty = np.zeros((0, length + 1), dtype=np.int32)
        bare = cls((*MARKS, *frequent[: size - len(MARKS)]), length, tokenise, empty, empty, empty)
        parts = (data.x_train, data.x_validation, data.x_test)
        return cls(bare.words, length, tokenise, *(bare.encode(part) for part in parts))

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each word."""
        return {word: number for number, word in enumerate(self.words)}

    def encode(self, sentences: Sequence[str]) -> Ids:
        """Rows of word numbers, (sentences, length + 1)."""
        rows = np.full((len(sentences), self.length + 1), PAD, dtype=np.int32)
        for row, sentence in zip(rows, sentences, strict=True):
            known = [self.numbers.get(word, UNKNOWN) for word in self.tokenise(str(sentence))]
            ids = [START, *known, END][: self.length + 1]
            row[: len(ids)] = ids
        return rows

    def decode(self, row: Sequence[int]) -> str:
        """The words of a row, without marks but for unknown words."""
        return " ".join(self.words[number] for number in row if number not in (PAD, START, END))


def pairs(rows: Ids) -> tuple[Ids, Ids]:
    """What a model reads, (n, length), and the word that follows at each place, (n, length)."""
    return rows[:, :-1], rows[:, 1:]


def of_targets(log_probabilities: NDArray[Any], targets: Ids) -> Array:
    """The log-probability of each target that is no pad, (words,)."""
    chosen = np.take_along_axis(log_probabilities, targets[..., None].astype(np.intp), axis=-1)[..., 0]
    return np.asarray(chosen[targets != PAD], dtype=float)


def log_softmax(logits: NDArray[Any]) -> NDArray[Any]:
    """Log-probabilities along the last axis, in the dtype of the logits."""
    logits = logits - logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def perplexity(logits: NDArray[Any], targets: Ids) -> float:
    """exp of the mean cross entropy of the words that follow; pads are not counted."""
    return float(np.exp(-of_targets(log_softmax(logits), targets).mean()))


@dataclass(frozen=True)
class Bigram:
    """The next word from the last one alone: `probabilities` (words, words), a row for each last word."""

    probabilities: Array

    @classmethod
    def mixed(cls, rows: Ids, words: int, k: float) -> Bigram:
        """Counted pairs, mixed with the share of each word among all as if k more pairs (Jelinek and Mercer, 1980)."""
        counts = _pair_counts(rows, words)
        share = counts.sum(axis=0) + UNSEEN
        share[[PAD, START]] = 0.0
        return cls((counts + k * share / share.sum()) / (counts.sum(axis=1, keepdims=True) + k))

    @classmethod
    def kneser_ney(cls, rows: Ids, words: int) -> Bigram:
        """Discounted counts of pairs, and by how many different words each word follows (Kneser and Ney, 1995)."""
        counts = _pair_counts(rows, words)
        kinds = (counts > 0).sum(axis=0) + UNSEEN
        kinds[[PAD, START]] = 0.0
        seen = counts.sum(axis=1, keepdims=True)
        freed = DISCOUNT * (counts > 0).sum(axis=1, keepdims=True) / np.maximum(seen, 1)
        backed = np.where(seen > 0, freed, 1.0) * kinds / kinds.sum()
        return cls(np.maximum(counts - DISCOUNT, 0) / np.maximum(seen, 1) + backed)

    def __call__(self, rows: Ids) -> Array:
        """Log-probabilities of each next word, (n, length, words)."""
        with np.errstate(divide="ignore"):  # no pad and no start ever follows
            return np.log(self.probabilities)[rows]


def _pair_counts(rows: Ids, words: int) -> Array:
    before, after = (part.ravel() for part in pairs(rows))
    counts = np.zeros((words, words))
    np.add.at(counts, (before[after != PAD], after[after != PAD]), 1.0)
    return counts


def sample(model: Model, corpus: Corpus, beginning: str, temperature: float, rng: np.random.Generator) -> str:
    """A sentence that begins as told, each next word drawn from the model; no unknown word is drawn."""
    row = [START, *(corpus.numbers.get(word, UNKNOWN) for word in corpus.tokenise(beginning))]
    while len(row) <= corpus.length:
        read = np.full((1, corpus.length), PAD, dtype=np.int32)
        read[0, : len(row)] = row
        logits = np.array(model(read), dtype=float)[0, len(row) - 1]
        logits[[PAD, UNKNOWN, START]] = -np.inf
        row.append(int(rng.choice(len(logits), p=softmax(logits / temperature))))
        if row[-1] == END:
            break
    return corpus.decode(row)
