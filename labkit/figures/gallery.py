"""Images side by side, each with its words above."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labkit import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GAP, WORDS = 0.2, 0.24  # between images, and for the words above each, as shares of an image's side
INCHES = 0.94  # of an image's side on the page
RIGHT, WRONG = "✓", "✗"  # words that begin with one of these get its colour around their image


@figures.styled
def gallery(images: NDArray[Any], words: Sequence[str], *, columns: int, alt: str) -> figures.Picture:
    """Square images (n, side, side, 3), values 0 to 255, in rows of `columns`; shown on a picture of their own."""
    rows = -(-len(images) // columns)
    across, down = columns * (1 + GAP) - GAP, rows * (1 + GAP + WORDS)
    figure, (axis,) = figures.new(width=INCHES * (across + 0.2), height=INCHES * (down + 0.1))
    axis.set_position((0, 0, 1, 1))
    show(axis, images, words, columns)
    return figures.picture(figure, alt)


def show(axis: Axes, images: NDArray[Any] | Sequence[NDArray[Any]], words: Sequence[str], columns: int) -> None:
    """The images on one axis. One that is wrong stands out by its frame and by the colour of its words."""
    from matplotlib.patches import Rectangle

    longest = max(map(len, words), default=0)
    for number, (image, word) in enumerate(zip(images, words, strict=True)):
        x, y = number % columns * (1 + GAP), number // columns * (1 + GAP + WORDS)
        frame = {RIGHT: figures.GREEN, WRONG: figures.RED}.get(word[:1], figures.GREY)
        shown = np.clip(np.rint(image), 0, 255).astype("uint8")
        axis.imshow(shown, extent=(x, x + 1, y + 1, y), interpolation="nearest")
        axis.add_patch(Rectangle((x, y), 1, 1, fill=False, edgecolor=frame, linewidth=2, clip_on=False))
        ink = figures.RED if frame == figures.RED else figures.INK
        size = 9.0 if longest < 12 else 7.3
        axis.text(x + 0.5, y - 0.07, word, color=ink, fontsize=size, ha="center", va="bottom")
    rows = -(-len(images) // columns)
    axis.set(xlim=(-0.1, columns * (1 + GAP) - GAP + 0.1), ylim=(rows * (1 + GAP + WORDS) - GAP - WORDS + 0.1, -0.34))
    axis.set_axis_off()
