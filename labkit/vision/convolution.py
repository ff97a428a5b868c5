"""Convolution and pooling of one grey image, in NumPy, with Keras's rules for sizes and for padding.

What every framework calls convolution is a cross-correlation: the kernel is not flipped.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from labkit.arrays import Array

PADDINGS = ("valid", "same")


def output_size(n: int, kernel: int, stride: int, padding: str) -> int:
    """How many numbers come out along an axis of n pixels.

    "valid" counts the windows that lie in the image, "same" one window for each stride begun. Raises ValueError for
    another padding.
    """
    _check(padding)
    return -(-n // stride) if padding == "same" else (n - kernel) // stride + 1


def zeros_around(n: int, kernel: int, stride: int, padding: str) -> tuple[int, int]:
    """How many zeros stand before and after an axis of n pixels. Of an odd number the one more stands after."""
    if padding == "valid":
        return 0, 0
    zeros = max((output_size(n, kernel, stride, padding) - 1) * stride + kernel - n, 0)
    return zeros // 2, zeros - zeros // 2


def padded(image: ArrayLike, kernel_shape: tuple[int, ...], stride: int, padding: str) -> Array:
    """The image (height, width) with the zeros around it that `padding` asks for."""
    image = np.asarray(image, dtype=float)
    zeros = [zeros_around(n, k, stride, padding) for n, k in zip(image.shape, kernel_shape, strict=True)]
    return np.pad(image, zeros)


def convolve2d(image: ArrayLike, kernel: ArrayLike, stride: int = 1, padding: str = "valid") -> Array:
    """The sum of window times kernel at each place. (height, width) and (rows, columns) in; sizes by `output_size`."""
    _check(padding)
    kernel = np.asarray(kernel, dtype=float)
    windows: NDArray[Any] = sliding_window_view(padded(image, kernel.shape, stride, padding), kernel.shape)
    return np.einsum("ijuv,uv->ij", windows[::stride, ::stride], kernel)


def max_pool(image: ArrayLike, size: int) -> Array:
    """The largest number of each size x size window; windows touch, and what fills no whole window is left out."""
    windows: NDArray[Any] = sliding_window_view(np.asarray(image), (size, size))
    return windows[::size, ::size].max(axis=(2, 3))


def _check(padding: str) -> None:
    if padding not in PADDINGS:
        raise ValueError(f"padding is one of {', '.join(map(repr, PADDINGS))}, not {padding!r}")
