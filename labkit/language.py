"""What a language model is held against: counts of word pairs; and how surprised a model is, as perplexity.

Rows of ids (n, length) hold a sentence each: 0 is padding, every other number a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def perplexity(log_probabilities: NDArray[Any], y: NDArray[Any]) -> float:
    """exp of the mean surprise at the words y (n, steps), which are not 0, given log probabilities (n, steps, words).

    A model that gives each of V words the same probability has perplexity V.
    """
    there = y > 0
    picked = np.take_along_axis(log_probabilities, y[..., None], axis=-1)[..., 0]
    return float(np.exp(-picked[there].mean()))


@dataclass(frozen=True)
class Bigrams:
    """How often each word follows each other one, smoothed: probabilities (words, words), a row for the word before."""

    probabilities: Array

    def log_probabilities(self, x: NDArray[Any]) -> Array:
        """Log probabilities of the next word after each of x (n, steps): (n, steps, words)."""
        return np.log(self.probabilities)[x]

    def perplexity(self, x: NDArray[Any], y: NDArray[Any]) -> float:
        """How surprised it is at y (n, steps), where each word follows that of x; zeros of y do not count."""
        there = y > 0
        return float(np.exp(-np.log(self.probabilities[x[there], y[there]]).mean()))


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
