"""From texts to rows of numbers, as lab 08 asks for it: tokens, a vocabulary of the training texts, padded ids."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

PAD, UNKNOWN = 0, 1
_RUN = re.compile("[a-z0-9]+|[\u4e00-\u9fff]+")


def tokenise(text: str) -> list[str]:
    """Lower-case runs of letters and digits; runs of Chinese characters cut into words by jieba."""
    tokens: list[str] = []
    for run in _RUN.findall(text.lower()):
        tokens += _words(run) if run[0] >= "\u4e00" else [run]
    return tokens


def _words(run: str) -> list[str]:
    from labkit.language.chinese import jieba

    return list(jieba().lcut(run))


def vocabulary(texts: Sequence[str], size: int) -> dict[str, int]:
    """The most frequent tokens by falling count, with ids from 2: with padding and unknown `size` ids at most."""
    counts = Counter(token for text in texts for token in tokenise(text))
    return {token: number for number, (token, _) in enumerate(counts.most_common(size - 2), start=2)}


def encode(tokens: Sequence[str], words: Mapping[str, int], length: int) -> NDArray[np.int32]:
    """`length` ids: unknown tokens as 1, zeros behind a short text, the end of a long one left out."""
    ids = [words.get(token, UNKNOWN) for token in tokens[:length]]
    return np.array(ids + [PAD] * (length - len(ids)), "int32")


def encoded(texts: Sequence[str], words: Mapping[str, int], length: int) -> NDArray[np.int32]:
    """All texts: (texts, length)."""
    return np.stack([encode(tokenise(text), words, length) for text in texts])
