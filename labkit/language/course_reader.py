"""A small Transformer that has read first lines of documentation, in NumPy: its weights ship with the course."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labkit.arrays import Array
from labkit.language.attention import Parameters, causal_mask, layer_norm, positional_encoding, transformer_block
from labkit.language.encoding import UNKNOWN, tokenise
from labkit.language.next_word import START
from labkit.learning.activations import softmax

WEIGHTS = Path(__file__).with_name("course_reader.npz")  # made by pretraining.reader
HEADS, LENGTH = 4, 16


@dataclass(frozen=True)
class Reading:
    """What the model sees in a sentence of n words, the start included."""

    words: tuple[str, ...]  # as the reader wrote them
    unknown: tuple[bool, ...]  # whether the model takes it for any unknown word
    weights: Array  # of each block and head, (blocks, heads, n, n)
    guesses: Array  # probabilities of each next word, (n, vocabulary)


@dataclass(frozen=True)
class Reader:
    """A trained language model: its words, what it learned outside its blocks, and the parameters of each block."""

    words: tuple[str, ...]
    outside: Parameters  # embedding, gain, shift, out, bias
    blocks: tuple[Parameters, ...]

    def read(self, sentence: str, divide_by: float | None = None) -> Reading:
        """Read a sentence, of which the first 15 words count; scores are divided by √d unless told otherwise."""
        numbers = {word: number for number, word in enumerate(self.words)}
        tokens = tokenise(sentence)[: LENGTH - 1]
        ids = [START, *(numbers.get(token, UNKNOWN) for token in tokens)]
        width = self.outside["embedding"].shape[1]
        x = self.outside["embedding"][ids] * np.sqrt(width) + positional_encoding(LENGTH, width)[: len(ids)]
        weights = []
        for parameters in self.blocks:
            x, seen = transformer_block(x, parameters, HEADS, causal_mask(len(ids)), divide_by)
            weights.append(seen)
        last = layer_norm(x, self.outside["gain"], self.outside["shift"])
        guesses = softmax(last @ self.outside["out"] + self.outside["bias"])
        return Reading(("start", *tokens), tuple(number == UNKNOWN for number in ids), np.array(weights), guesses)

    def width_of_head(self) -> int:
        """The columns of one head: d."""
        return self.outside["embedding"].shape[1] // HEADS


@functools.cache
def reader() -> Reader:
    """The course's reader, from the file that ships with it."""
    with np.load(WEIGHTS, allow_pickle=False) as file:
        words = tuple(str(word) for word in file["words"])
        arrays = {name: file[name].astype("float32") for name in file.files if name != "words"}
    count = 1 + max(int(name.split("/")[0][5:]) for name in arrays if name.startswith("block"))
    outside = {name: array for name, array in arrays.items() if "/" not in name}
    blocks = tuple(
        {name.split("/")[1]: array for name, array in arrays.items() if name.startswith(f"block{block}/")}
        for block in range(count)
    )
    return Reader(words, outside, blocks)
