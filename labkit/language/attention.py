"""Attention and what is built on it, in NumPy: masks, heads, positions, layer norm and a Transformer's block."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labkit.arrays import Array
from labkit.learning.activations import relu, softmax

EPSILON = 1e-3  # Keras's own in LayerNormalization
Parameters = Mapping[str, NDArray[np.floating]]


def attention(
    q: ArrayLike, k: ArrayLike, v: ArrayLike, mask: ArrayLike | None = None, divide_by: float | None = None
) -> tuple[Array, Array]:
    """What each query reads, (…, n, d_v), and its weights on all keys, (…, n, m); where `mask` is False, it is 0.

    Shapes (…, n, d), (…, m, d), (…, m, d_v); scaled dot products (Vaswani and others, 2017), divided by the root of d
    unless told otherwise.
    """
    q, k, v = (np.asarray(array, dtype=float) for array in (q, k, v))
    scores = q @ np.swapaxes(k, -1, -2) / (divide_by or np.sqrt(q.shape[-1]))  # (…, n, m)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    weights = softmax(scores)
    return weights @ v, weights


def causal_mask(length: int) -> NDArray[np.bool_]:
    """Who may look at whom, (length, length): each place at itself and at those before."""
    return np.tri(length, dtype=bool)


def split_heads(x: ArrayLike, heads: int) -> Array:
    """(…, n, width) to (…, heads, n, width / heads): each head gets neighbouring columns."""
    x = np.asarray(x)
    return np.swapaxes(x.reshape(*x.shape[:-1], heads, x.shape[-1] // heads), -2, -3)


def merge_heads(x: ArrayLike) -> Array:
    """(…, heads, n, d) back to (…, n, heads · d)."""
    x = np.swapaxes(np.asarray(x), -2, -3)  # (…, n, heads, d)
    return x.reshape(*x.shape[:-2], -1)


def positional_encoding(length: int, width: int) -> Array:
    """Sines in the even columns, cosines in the odd ones, (length, width) (Vaswani and others, 2017)."""
    angles = np.arange(length)[:, None] / 10_000 ** (np.arange(0, width, 2) / width)  # (length, width / 2)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, width)


def layer_norm(x: ArrayLike, gain: ArrayLike, shift: ArrayLike) -> Array:
    """Each row with mean 0 and variance 1 along the last axis, times gain, plus shift (Ba, Kiros and Hinton, 2016)."""
    x = np.asarray(x, dtype=float)
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt(x.var(axis=-1, keepdims=True) + EPSILON) * gain + shift


def look(x: ArrayLike, parameters: Parameters, heads: int, mask: ArrayLike | None = None,
         divide_by: float | None = None) -> tuple[Array, Array]:  # fmt: skip
    """What the heads of one block read from x, (…, n, width), and their weights, (…, heads, n, n)."""
    q, k, v = (split_heads(np.asarray(x) @ parameters[name], heads) for name in ("w_q", "w_k", "w_v"))
    read, weights = attention(q, k, v, mask, divide_by)
    return merge_heads(read) @ parameters["w_o"], weights


def transformer_block(x: ArrayLike, parameters: Parameters, heads: int, mask: ArrayLike | None = None,
                      divide_by: float | None = None) -> tuple[Array, Array]:  # fmt: skip
    """One pre-norm block: its output, (…, n, width), and the weights of its heads, (…, heads, n, n).

    `parameters` holds gain_1, shift_1, w_q, w_k, w_v, w_o, gain_2, shift_2, w_1, b_1, w_2 and b_2.
    """
    x = np.asarray(x, dtype=float)
    read, weights = look(layer_norm(x, parameters["gain_1"], parameters["shift_1"]), parameters, heads, mask, divide_by)
    x = x + read
    hidden = relu(layer_norm(x, parameters["gain_2"], parameters["shift_2"]) @ parameters["w_1"] + parameters["b_1"])
    return x + hidden @ parameters["w_2"] + parameters["b_2"], weights
