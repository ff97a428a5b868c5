"""One look for every figure, and a picture that carries its alt text into each place that shows it."""

from __future__ import annotations

import base64
import functools
import html
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.figure import Figure

P = ParamSpec("P")
R = TypeVar("R")

# Okabe and Ito (2008): eight colours that people with any colour vision tell apart.
BLUE, ORANGE, GREEN, RED, PURPLE = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7"
SKY, GREY, INK = "#56B4E9", "#8C8C8C", "#222222"
DOTTED_DASHES, SPARSE_DASHES = (0, (6, 1.5, 1, 1.5, 1, 1.5)), (0, (8, 3))
SERIES: tuple[tuple[str, Any, str], ...] = (  # never by colour alone
    (BLUE, "-", "o"),
    (RED, "--", "s"),
    (GREEN, "-.", "^"),
    (PURPLE, ":", "D"),
    (ORANGE, DOTTED_DASHES, "v"),
    (SKY, SPARSE_DASHES, "P"),
)

MOST_MARKS = 16  # points of a line that are marked and named, each
MOST_COLOURS = 8192  # a drawing has fewer, edges included; a picture with more holds a photograph

STYLE: Any = {
    "font.size": 10.5,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titley": 1.03,  # a fixed place: looking for a free one costs a tenth of a redraw
    "axes.titlepad": 0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.grid": True,
    "grid.color": "#E6E6E6",
    "lines.linewidth": 2.0,
    "lines.markersize": 5,
    "legend.edgecolor": "white",
    "legend.framealpha": 0.9,
    "figure.facecolor": "white",  # stays white in a dark theme, so that every colour keeps its contrast
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
        look = f'width="{self.width}" style="max-width:100%;height:auto;background:white"'
        return f'<img alt="{html.escape(self.alt)}" {look} src="data:image/png;base64,{data}">'

    def packed(self) -> Picture:
        """The same drawing with a palette of 256 colours, in a third of the bytes; a photograph stays as it is.

        For what a notebook keeps: packing takes longer than a redraw may.
        """
        from PIL import Image

        image = Image.open(io.BytesIO(self.png))
        if image.mode != "RGB" or image.getcolors(MOST_COLOURS) is None:
            return self
        buffer = io.BytesIO()
        image.quantize(256, dither=Image.Dither.NONE).save(buffer, "png", compress_level=9)
        return replace(self, png=buffer.getvalue())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        kept = self.packed()
        data = {
            "image/png": base64.b64encode(kept.png).decode("ascii"),
            "text/html": kept.html(),
            "text/plain": self.alt,
        }
        return data, {"image/png": {"alt": self.alt, "width": self.width}}


def styled(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function that draws under the common style."""

    @functools.wraps(function)
    def draw(*args: P.args, **kwargs: P.kwargs) -> R:
        import matplotlib

        with matplotlib.rc_context(STYLE):
            return function(*args, **kwargs)

    return draw


def new(columns: int = 1, width: float = 7.0, height: float = 3.4) -> tuple[Figure, list[Axes]]:
    """An empty figure, sizes in inches, that no plotting window and no notebook shows by itself.

    Its margins are fixed: working them out from the labels takes longer than the drawing.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    axes = figure.subplots(1, columns, squeeze=False)[0]
    inches = {"left": 0.75, "right": 0.2, "bottom": 0.55, "top": 0.4}
    figure.subplots_adjust(
        left=inches["left"] / width,
        right=1 - inches["right"] / width,
        bottom=inches["bottom"] / height,
        top=1 - inches["top"] / height,
        wspace=0.27,
    )
    return figure, list(axes)


def picture(figure: Figure, alt: str, dpi: int = 144) -> Picture:
    """The figure as PNG bytes; 96 of its dots are one inch on the page."""
    from PIL import Image

    figure.set_dpi(dpi)
    renderer = _renderer(*figure.canvas.get_width_height(), dpi)
    renderer.clear()
    figure.draw(renderer)  # and not figure.savefig, which takes half as long again
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(renderer.buffer_rgba())[..., :3]).save(buffer, "png", compress_level=1)
    return Picture(buffer.getvalue(), round(figure.get_figwidth() * 96), alt)


@functools.lru_cache(maxsize=4)
def _renderer(width: int, height: int, dpi: int) -> RendererAgg:
    """One canvas for all figures of a size: it remembers how wide each text is, a tenth of an explorer's redraw."""
    from matplotlib.backends.backend_agg import RendererAgg

    return RendererAgg(width, height, dpi)


@styled
def image_row(images: NDArray[Any], labels: ArrayLike, alt: str) -> Picture:
    """A row of square grey images, each with its label above."""
    figure, axes = new(columns=len(images), width=7.0, height=1.1)
    figure.subplots_adjust(left=0, right=1, bottom=0, top=0.75)
    side = math.isqrt(images[0].size)
    for axis, image, label in zip(axes, images, np.asarray(labels), strict=True):
        axis.imshow(image.reshape(side, side), cmap="gray_r")
        axis.set_title(str(label), loc="center", pad=4)
        axis.set_axis_off()
    return picture(figure, alt)


@styled
def curves(
    x: Sequence[float],
    series: Mapping[str, ArrayLike],
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    alt: str,
    log: str = "",
    level: tuple[str, float] | None = None,
    middle: Callable[..., Any] = np.mean,
) -> Picture:
    """One line for each name: the middle of the rows of its array (runs, points), in a band from least to most.

    `middle` is their mean unless told otherwise. `log` names the axes that are logarithmic: "x", "y" or "xy". `level`
    draws a horizontal line, such as a baseline.
    """
    figure, (axis,) = new()
    few = len(x) <= MOST_MARKS
    for (name, runs), (colour, dash, marker) in zip(series.items(), SERIES, strict=False):
        runs = np.asarray(runs)
        marker = marker if few else ""
        axis.plot(x, middle(runs, axis=0), color=colour, linestyle=dash, marker=marker, label=name)
        axis.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=colour, alpha=0.18, linewidth=0)
    if level is not None:
        axis.axhline(level[1], color=INK, linewidth=1.2, label=level[0])
    if "x" in log:
        axis.set_xscale("log")
    if "y" in log:
        axis.set_yscale("log")
        _label_few_decades(axis)
    if few:
        axis.set_xticks(x, [f"{tick:g}" for tick in x])
    axis.minorticks_off()
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
    axis.legend()
    return picture(figure, alt)


def _label_few_decades(axis: Axes) -> None:
    """On a logarithmic y axis of less than three decades, ticks at 1, 2 and 5 times each power of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator

    low, high = axis.get_ylim()
    if high / low < 1000:
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))


@styled
def dots(
    groups: Mapping[str, ArrayLike],
    *,
    title: str,
    xlabel: str,
    alt: str,
    level: tuple[str, float] | None = None,
    limits: tuple[float, float] = (0.0, 1.0),
) -> Picture:
    """One row for each name: a dot for each run, and a bar at their mean. `level` draws a line, such as a baseline."""
    figure, (axis,) = new(width=7.6, height=0.9 + 0.36 * (len(groups) + 1))
    figure.subplots_adjust(left=0.3)
    for row, runs in enumerate(groups.values()):
        runs = np.asarray(runs)
        aside = np.resize([0.0, 0.16, -0.16], runs.shape)  # equal runs stay visible as several dots
        axis.plot(runs, row + aside, "o", color=BLUE, alpha=0.55, markersize=5, markeredgewidth=0, clip_on=False)
        axis.plot([runs.mean()], [row], "|", color=RED, markersize=17, markeredgewidth=2.5, clip_on=False)
    if level is not None:
        axis.axvline(level[1], color=INK, linewidth=1.2, linestyle="--")
        axis.text(level[1], len(groups) - 0.4, f"{level[0]} ", ha="right", va="center")
    axis.set_yticks(range(len(groups)), list(groups))
    axis.set(xlim=limits, ylim=(len(groups) - 0.1, -0.6), xlabel=xlabel)
    axis.set_title(title, x=-0.38)
    return picture(figure, alt)
