"""One look for every figure, and a picture that carries its alt text into each place that shows it."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito (2008): eight colours that people with any colour vision tell apart.
BLUE, ORANGE, GREEN, RED, PURPLE = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7"
GREY, INK = "#8C8C8C", "#222222"
SERIES = ((BLUE, "-", "o"), (RED, "--", "s"), (GREEN, "-.", "^"), (PURPLE, ":", "D"))  # never by colour alone

STYLE: dict[str, Any] = {
    "font.size": 10.5,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.grid": True,
    "grid.color": "#E6E6E6",
    "lines.linewidth": 2.0,
    "legend.frameon": False,
    "figure.facecolor": "white",  # stays white in a dark theme, so that every colour keeps its contrast
    "savefig.facecolor": "white",
}


@dataclass(frozen=True)
class Picture:
    """A finished figure: PNG bytes, the width to show them at, and the words for those who cannot see them."""

    png: bytes
    width: int
    alt: str

    def html(self) -> str:
        """An img element that holds the picture itself."""
        data = base64.b64encode(self.png).decode("ascii")
        style = "max-width:100%;height:auto;background:white"
        return f'<img alt="{html.escape(self.alt)}" width="{self.width}" style="{style}" src="data:image/png;base64,{data}">'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        data = {
            "image/png": base64.b64encode(self.png).decode("ascii"),
            "text/html": self.html(),
            "text/plain": self.alt,
        }
        return data, {"image/png": {"alt": self.alt, "width": self.width}}


def new(columns: int = 1, width: float = 7.0, height: float = 3.4) -> tuple[Figure, list[Axes]]:
    """An empty figure, sizes in inches, that no plotting window and no notebook shows by itself."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.subplots(1, columns, squeeze=False)[0]
    return figure, list(axes)


def picture(figure: Figure, alt: str, dpi: int = 144) -> Picture:
    """The figure as PNG bytes; 96 of its dots are one inch on the page."""
    buffer = io.BytesIO()
    import matplotlib

    with matplotlib.rc_context(STYLE):
        figure.savefig(buffer, format="png", dpi=dpi)
    return Picture(buffer.getvalue(), round(figure.get_figwidth() * 96), alt)


def image_row(images: NDArray[Any], labels: ArrayLike, alt: str) -> Picture:
    """A row of square grey images, each with its label above."""
    figure, axes = new(columns=len(images), width=7.0, height=1.1)
    side = int(np.sqrt(np.asarray(images[0]).size))
    for axis, image, label in zip(axes, images, np.asarray(labels), strict=True):
        axis.imshow(np.reshape(image, (side, side)), cmap="gray_r")
        axis.set_title(str(label), loc="center")
        axis.set_axis_off()
    return picture(figure, alt)


def lines(
    axis: Axes, x: Sequence[float], series: Mapping[str, NDArray[np.float64]], title: str, xlabel: str, ylabel: str
) -> None:
    """One line per name: the mean over the rows of its array (runs, points), with a band from least to most."""
    for (name, runs), (colour, dash, marker) in zip(series.items(), SERIES, strict=False):
        axis.plot(x, runs.mean(axis=0), color=colour, linestyle=dash, marker=marker, markersize=5, label=name)
        axis.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=colour, alpha=0.15, linewidth=0)
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
