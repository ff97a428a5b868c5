"""Guessing the next word: sentences as rows of word numbers, counts of word pairs, perplexity, and samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit.arrays import Array
from labkit.language.encoding import PAD, UNKNOWN, tokenise
from labkit.learning.activations import softmax

START, END = 2, 3
MARKS = ("", "<unknown>", "<start>", "<end>")

Ids = NDArray[np.int32]
Model = Callable[[Ids], Any]  # rows of word numbers (n, length) in, logits of each next word (n, length, words) out


@dataclass(frozen=True)
class Corpus:
    """Sentences as rows of `length` + 1 word numbers: a start, the words, an end, pads.

    `words` holds the most frequent words of the training sentences; any other is unknown. A sentence that is too long
    is cut and has no end.
    """

    words: tuple[str, ...]
    length: int
    train: Ids
    validation: Ids
    test: Ids

    @classmethod
    def of(cls, data: Any, size: int, length: int) -> Corpus:
        """The corpus of a data set of sentences, with `size` words in all, the four marks included."""
        counts = Counter(word for sentence in data.x_train for word in tokenise(str(sentence)))
        frequent = sorted(counts, key=lambda word: (-counts[word], word))
        empty = np.zeros((0, length + 1), dtype=np.int32)
        bare = cls((*MARKS, *frequent[: size - len(MARKS)]), length, empty, empty, empty)
        parts = (data.x_train, data.x_validation, data.x_test)
        return cls(bare.words, length, *(bare.encode(part) for part in parts))

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each word."""
        return {word: number for number, word in enumerate(self.words)}

    def encode(self, sentences: Sequence[str]) -> Ids:
        """Rows of word numbers, (sentences, length + 1)."""
        rows = np.full((len(sentences), self.length + 1), PAD, dtype=np.int32)
        for row, sentence in zip(rows, sentences, strict=True):
            known = [self.numbers.get(word, UNKNOWN) for word in tokenise(str(sentence))]
            ids = [START, *known, END][: self.length + 1]
            row[: len(ids)] = ids
        return rows

    def decode(self, row: Sequence[int]) -> str:
        """The words of a row, without marks but for unknown words."""
        return " ".join(self.words[number] for number in row if number not in (PAD, START, END))


def next_word_pairs(ids: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.float32]]:
    """x, y and weights (n, length - 1): y is the word after x, and its weight is 0 where that is padding."""
    x, y = ids[:, :-1], ids[:, 1:]
    return x, y, (y != PAD).astype("float32")


def perplexity(scores: NDArray[Any], y: NDArray[Any]) -> float:
    """exp of the mean surprise at the words y (n, steps), of which pads do not count.

    Scores are logits or log probabilities, (n, steps, words). A model that gives each of V words the same probability
    has perplexity V.
    """
    return _perplexity(np.take_along_axis(log_softmax(scores), y[..., None], axis=-1)[..., 0], y)


def _perplexity(log_probabilities: NDArray[Any], y: NDArray[Any]) -> float:
    """Of the log probabilities that the words y were given, both (n, steps)."""
    return float(np.exp(-log_probabilities[y != PAD].mean()))


def draw(logits: NDArray[Any], temperature: float, rng: np.random.Generator) -> int:
    """A number drawn from softmax(logits / temperature), logits (words,)."""
    probabilities = softmax(np.asarray(logits, float) / temperature)
    return int(rng.choice(len(probabilities), p=probabilities))


def sample(model: Model, corpus: Corpus, beginning: str, temperature: float, rng: np.random.Generator) -> str:
    """A sentence that begins as told, each next word drawn from the model; no unknown word is drawn."""
    row = [START, *(corpus.numbers.get(word, UNKNOWN) for word in tokenise(beginning))]
    while len(row) <= corpus.length:
        read = np.full((1, corpus.length), PAD, dtype=np.int32)
        read[0, : len(row)] = row
        logits = np.array(model(read), dtype=float)[0, len(row) - 1]
        logits[[PAD, UNKNOWN, START]] = -np.inf
        row.append(draw(logits, temperature, rng))
        if row[-1] == END:
            break
    return corpus.decode(row)


@dataclass(frozen=True)
class Bigrams:
    """How often each word follows each other one, smoothed: probabilities (words, words), a row for the word before."""

    probabilities: Array

    def log_probabilities(self, x: NDArray[Any]) -> Array:
        """Log probabilities of the next word after each of x (n, steps): (n, steps, words)."""
        return np.log(self.probabilities)[x]

    def perplexity(self, x: NDArray[Any], y: NDArray[Any]) -> float:
        """How surprised it is at y (n, steps), where each word follows that of x; zeros of y do not count."""
        return _perplexity(np.log(self.probabilities[x, y]), y)


def bigrams(x: NDArray[Any], y: NDArray[Any], words: int, discount: float = 0.75) -> Bigrams:
    """Counts of pairs with absolute discounting (Ney, Essen and Kneser, 1994): each seen pair gives up `discount`.

    What is given up after a word goes to all words as a single word is expected to follow: by the number of different
    words that it follows, plus a little for each, so that none has probability 0.
    """
    counts = np.zeros((words, words))
    np.add.at(counts, (x[y > 0], y[y > 0]), 1.0)
    kinds = (counts > 0).sum(axis=0) + 0.1  # after how many different words each was seen
    kinds[0] = 0.0  # padding is never next
    alone = kinds / kinds.sum()
    totals = counts.sum(axis=1, keepdims=True)
    given_up = np.where(totals > 0, discount * (counts > 0).sum(axis=1, keepdims=True) / np.maximum(totals, 1), 1.0)
    kept = np.maximum(counts - discount, 0) / np.maximum(totals, 1)
    return Bigrams(kept + given_up * alone + 1e-300)


def log_softmax(logits: NDArray[Any]) -> NDArray[Any]:
    """Log probabilities along the last axis; any shape in, the same shape out."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
