"""Which weights of a model moved between two moments, and how far: kept weights, a list, a map."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labkit import figures
from labkit.figures.numbers import percent

if TYPE_CHECKING:
    import keras
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, LogNorm
    from matplotlib.figure import Figure

Weights = Mapping[str, NDArray[Any]]
"""Copies of a model's weights, by path: {"block1_conv1/kernel": …}."""

LEAST, MOST = 1e-4, 1.0  # the ends of the colours, as shares of a filter's norm
STILL = "#E3E3E3"  # did not move at all


def weights(model: keras.Model) -> dict[str, NDArray[Any]]:
    """A copy of every weight of the model by its path, those that no optimiser moves included."""
    return {weight.path: np.array(weight.numpy()) for weight in model.weights}


def layer(path: str) -> str:
    """The layer that a weight belongs to: "block4_conv1" of "vgg16/block4_conv1/kernel"."""
    return path.split("/")[-2]


def block(path: str) -> str:
    """The block that a weight belongs to, "block4"; "head" for what belongs to none."""
    found = re.match(r"block\d+", layer(path))
    return found.group() if found else "head"


def moved(before: Weights, after: Weights) -> list[str]:
    """The blocks, in their order, of which a weight is not what it was, to the last bit; what was trained anew, too."""
    blocks = dict.fromkeys(block(path) for path in after)
    changed = {block(path) for path in after if not np.array_equal(after[path], before.get(path, ()))}
    return [name for name in blocks if name in changed]


def changes(before: Weights, after: Weights) -> dict[str, NDArray[np.float64]]:
    """Of each layer with a kernel, how far each filter moved, (filters,): the norm of the change of its kernel as a
    share of the kernel's norm before."""
    found = {}
    for path, start in before.items():
        if path in after and path.endswith("/kernel"):
            kernel = start.reshape(-1, start.shape[-1]).astype(float)  # (inputs, filters)
            change = after[path].reshape(kernel.shape) - kernel
            norm = np.maximum(np.linalg.norm(kernel, axis=0), 1e-12)
            found[layer(path)] = np.linalg.norm(change, axis=0) / norm
    return found


@figures.styled
def picture(before: Weights, after: Weights, title: str) -> figures.Picture:
    """The map of one phase: a column for each layer, a cell for each filter, its colour how far the filter moved."""
    figure, (axis,) = figures.new(width=8.8, height=2.9)
    found = changes(before, after)
    draw(figure, axis, found, title)
    return figures.picture(figure, f"A map of the layers, a cell for each filter. {words(found)}")


def words(found: Mapping[str, NDArray[np.float64]]) -> str:
    """The map in words: the middle change of each layer that moved, and which did not."""
    still = [name for name, shares in found.items() if not shares.any()]
    told = [f"{name} {percent(float(np.median(shares)), LEAST)}" for name, shares in found.items() if shares.any()]
    moves = f"Middle change of the layers that moved: {', '.join(told)}." if told else "No layer moved."
    return f"{moves} Not moved: {', '.join(still)}." if still else f"{moves} All layers moved."


def draw(figure: Figure, axis: Axes, found: Mapping[str, NDArray[np.float64]], title: str) -> None:
    """The map on the figure's axis, with its scale of colours at the right."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgba

    figure.subplots_adjust(left=0.02, right=0.87, bottom=0.18, top=0.8)
    colours, norm = _colours()
    for column, shares in enumerate(found.values()):
        faces = np.where(np.equal(shares, 0)[:, None], to_rgba(STILL), colours(norm(np.clip(shares, LEAST, MOST))))
        height, left, right = 1 / len(shares), column - 0.43, column + 0.43
        cells = [
            [(left, y), (right, y), (right, y + height), (left, y + height)] for y in height * np.arange(len(shares))
        ]
        axis.add_collection(PolyCollection(cells, facecolors=faces, linewidths=0, antialiaseds=False))
        text = "0" if not shares.any() else percent(float(np.median(shares)), LEAST)
        axis.text(column, 1.02, text, ha="center", va="bottom", fontsize=9, color=figures.INK)
    axis.set(xlim=(-0.6, len(found) - 0.4), ylim=(0, 1), yticks=())
    names = [re.sub(r"block(\d+)_conv", r"\1.", name) for name in found]
    axis.set_xticks(range(len(found)), names)
    axis.set_xlabel("block.convolution, with the middle change of its filters above")
    axis.set_title(title, y=1.13)
    axis.grid(visible=False)
    axis.spines["left"].set_visible(False)
    box = axis.get_position()
    beside = figure.add_axes((box.x1 + 0.015, box.y0, 0.016, box.height))
    bar = figure.colorbar(ScalarMappable(norm, colours), cax=beside)
    bar.set_label("change of a filter", fontsize=9)
    bar.set_ticks([1e-4, 1e-2, 1], labels=["0.01%", "1%", "100%"])
    bar.ax.minorticks_off()


def _colours() -> tuple[Colormap, LogNorm]:
    from matplotlib import colormaps
    from matplotlib.colors import LogNorm

    return colormaps["viridis_r"], LogNorm(LEAST, MOST)
