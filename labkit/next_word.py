"""Guessing the next word: sentences as rows of word numbers, the perplexity of logits, and samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit import language, sequences
from labkit.sequences import PAD, UNKNOWN, tokenise

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


def pairs(rows: Ids) -> tuple[Ids, Ids]:
    """What a model reads, (n, length), and the word that follows at each place, (n, length)."""
    return rows[:, :-1], rows[:, 1:]


def perplexity(logits: NDArray[Any], targets: Ids) -> float:
    """exp of the mean cross entropy of the words that follow; pads are not counted."""
    return language.perplexity(language.log_softmax(logits), targets)


def sample(model: Model, corpus: Corpus, beginning: str, temperature: float, rng: np.random.Generator) -> str:
    """A sentence that begins as told, each next word drawn from the model; no unknown word is drawn."""
    row = [START, *(corpus.numbers.get(word, UNKNOWN) for word in tokenise(beginning))]
    while len(row) <= corpus.length:
        read = np.full((1, corpus.length), PAD, dtype=np.int32)
        read[0, : len(row)] = row
        logits = np.array(model(read), dtype=float)[0, len(row) - 1]
        logits[[PAD, UNKNOWN, START]] = -np.inf
        row.append(sequences.sample(logits, temperature, rng))
        if row[-1] == END:
            break
    return corpus.decode(row)
