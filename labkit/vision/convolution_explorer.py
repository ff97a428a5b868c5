"""A kernel at work: the window on the image, the feature map that it makes, and what ReLU and pooling leave of it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from labkit import data, figures
from labkit.arrays import Array
from labkit.figures.controls import Choice, Slider
from labkit.figures.matrix import Entries, Matrix
from labkit.figures.numbers import short
from labkit.figures.stage import SCREEN_DPI, Explorer, View
from labkit.vision.convolution import PADDINGS, convolve2d, max_pool, output_size, padded, zeros_around

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KERNELS: dict[str, Entries] = {
    "vertical edge": ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0)),  # Sobel's, unflipped
    "horizontal edge": ((-1.0, -2.0, -1.0), (0.0, 0.0, 0.0), (1.0, 2.0, 1.0)),
    "blur": ((0.0, 0.2, 0.0), (0.2, 0.2, 0.2), (0.0, 0.2, 0.0)),
    "sharpen": ((0.0, -1.0, 0.0), (-1.0, 5.0, -1.0), (0.0, -1.0, 0.0)),
    "move": ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
    "zero": ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
}
SIDE, WIDE, POOL = 8, 3, 2
CELL, GAP, LEFT, BOTTOM, TOP = 0.29, 0.35, 0.2, 0.15, 0.65  # inches


def convolution() -> Explorer:
    """Choose a digit and a kernel, or type one; set stride and padding, and move the window."""
    return Explorer(
        draw,
        {
            "digit": Choice("Digit", tuple(range(10)), 3),
            "padding": Choice("Padding", PADDINGS, "valid"),
            "kernel": Matrix("Kernel", KERNELS, "vertical edge"),
            "stride": Slider("Stride", 1, 3, 1, 1),
            "window": Slider("Window", 1, SIDE**2, 1, 1),
        },
    )


@functools.cache
def image_of(digit: int) -> Array:
    """The first such digit of the training part, (8, 8), in whole numbers from 0 to 16."""
    digits = data.digits()
    first = int(np.flatnonzero(digits.y_train == digit)[0])
    return np.round(digits.x_train[first].astype(float) * 16).reshape(SIDE, SIDE)


@figures.styled
def draw(digit: int, padding: str, kernel: Entries, stride: int, window: int) -> View:
    """One state of the explorer. `window` counts from 1, row by row; a number beyond the last window means the last."""
    image, weights = image_of(digit), np.asarray(kernel)
    feature_map = convolve2d(image, weights, stride, padding)
    left = max_pool(np.maximum(feature_map, 0), POOL)
    row, column = divmod(min(window, feature_map.size) - 1, feature_map.shape[1])
    size, after = len(feature_map), len(left)

    around, zeros = padded(image, weights.shape, stride, padding), zeros_around(SIDE, WIDE, stride, padding)
    reach = float(np.abs(feature_map).max()) or 1.0
    signed = {"cmap": "PuOr_r", "vmin": -reach, "vmax": reach}
    figure, (image_axis, kernel_axis, map_axis, pool_axis) = _panels(len(around), WIDE, size, after)
    _cells(image_axis, around, f"image, {SIDE} × {SIDE}", cmap="gray_r", vmin=0, vmax=16)
    _cells(kernel_axis, weights, "kernel", cmap="PuOr_r", vmin=-3, vmax=3)
    _cells(map_axis, feature_map, f"feature map, {size} × {size}", **signed)
    _cells(pool_axis, left, f"ReLU, pooled, {after} × {after}", **signed)
    _frame(image_axis, (row * stride, column * stride), WIDE)
    _frame(map_axis, (row, column), 1)
    if sum(zeros):
        _edge_of_the_image(image_axis, zeros[0])

    total = _number(float(feature_map[row, column]))
    title = f"Window {row * feature_map.shape[1] + column + 1}: its pixels times the kernel sum to {total}"
    figure.text(LEFT / figure.get_figwidth(), 1 - 0.25 / figure.get_figheight(), title, weight="bold", fontsize=11.5)
    numbers = {
        "size of the feature map": f"{size} × {size}",
        f"window {row * feature_map.shape[1] + column + 1} of {feature_map.size} gives": total,
        "weights": f"{weights.size}; of a dense layer to as many numbers: {SIDE**2 * feature_map.size:,}",
    }
    alt = (
        f"Four grids of numbers. A digit {digit} of {SIDE} × {SIDE} pixels{_zeros_in_words(zeros)}; a kernel "
        f"{_in_words(weights)}; its feature map with stride {stride} and padding {padding}, {size} × {size}, from "
        f"{_number(float(feature_map.min()))} to {_number(float(feature_map.max()))}; and what ReLU and max pooling "
        f"leave, {after} × {after}. A frame shows the window whose sum, {total}, stands in row {row + 1}, column "
        f"{column + 1} of the feature map."
    )
    return View(figures.picture(figure, alt, dpi=SCREEN_DPI), numbers)


def _panels(*sides: int) -> tuple[Figure, list[Axes]]:
    """Square grids in a row, all cells of one size, each in the middle of a place that does not change with it."""
    from matplotlib.figure import Figure

    largest = output_size(SIDE, WIDE, 1, "same")
    places = [CELL * most for most in (SIDE + WIDE - 1, WIDE, largest, largest // POOL + 1)]
    width, height = 2 * LEFT + sum(places) + GAP * (len(places) - 1), BOTTOM + places[0] + TOP
    figure = Figure(figsize=(width, height))
    axes, left = [], LEFT
    for side, place in zip(sides, places, strict=True):
        inches = (left + (place - CELL * side) / 2, BOTTOM + (places[0] - CELL * side) / 2, CELL * side, CELL * side)
        axes.append(figure.add_axes(np.divide(inches, (width, height, width, height)).tolist()))
        left += place + GAP
    return figure, axes


def _cells(axis: Axes, numbers: Array, title: str, **colours: Any) -> None:
    low, high = colours["vmin"], colours["vmax"]
    axis.imshow(numbers, **colours)
    for (row, column), number in np.ndenumerate(numbers):
        dark = number > (low + high) / 2 if low == 0 else abs(number) > 0.6 * high
        axis.text(
            column, row, _number(number), ha="center", va="center", fontsize=8, color="white" if dark else "black"
        )
    axis.set_title(title, loc="center", fontsize=9.5, weight="normal", y=1, pad=5)
    axis.set_xticks([])
    axis.set_yticks([])
    axis.grid(visible=False)
    axis.spines[["top", "right"]].set_visible(True)


def _frame(axis: Axes, corner: tuple[int, int], side: int) -> None:
    from matplotlib.patches import Rectangle

    row, column = corner
    look: dict[str, Any] = {"fill": False, "clip_on": False, "zorder": 4}
    axis.add_patch(Rectangle((column - 0.5, row - 0.5), side, side, edgecolor="white", linewidth=5, **look))
    axis.add_patch(Rectangle((column - 0.5, row - 0.5), side, side, edgecolor=figures.GREEN, linewidth=2.8, **look))


def _edge_of_the_image(axis: Axes, before: int) -> None:
    from matplotlib.patches import Rectangle

    corner = (before - 0.5, before - 0.5)
    axis.add_patch(Rectangle(corner, SIDE, SIDE, fill=False, edgecolor=figures.INK, linewidth=1, linestyle="--"))


def _zeros_in_words(zeros: tuple[int, int]) -> str:
    return f" with zeros around it, {zeros[0]} before and {zeros[1]} after on each axis" if sum(zeros) else ""


def _in_words(kernel: Array) -> str:
    return ", ".join("(" + " ".join(map(_number, row)) + ")" for row in kernel.tolist())


def _number(value: float) -> str:
    """At most five characters: a tenth is the least that is shown."""
    return short(value) if abs(value) >= 0.05 else "0"
