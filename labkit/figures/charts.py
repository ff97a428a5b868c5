"""Charts of one look: lines in bands, dots for runs, rows of images."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labkit.figures.pictures import Picture, new, picture
from labkit.figures.style import BLUE, INK, RED, SERIES, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes


MOST_MARKS = 16  # points of a line that are marked and named, each


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
