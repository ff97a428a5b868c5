"""Curves one above the other, each named where it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from labkit import figures

APART = 1.9  # of the height of the highest curve


@figures.styled
def traces(
    x: Sequence[float] | ArrayLike, series: Mapping[str, ArrayLike], *, title: str, xlabel: str, alt: str
) -> figures.Picture:
    """One curve for each name over the same x, first name on top, without a scale of their heights."""
    rows = {name: np.asarray(values, float) for name, values in series.items()}
    height = max(float(np.ptp(values)) for values in rows.values())
    step = APART * height
    figure, (axis,) = figures.new(height=0.95 + 0.62 * len(rows))
    figure.subplots_adjust(left=0.03, top=1 - 0.4 / figure.get_figheight(), bottom=0.55 / figure.get_figheight())
    for number, ((name, values), (colour, _, _)) in enumerate(zip(rows.items(), figures.SERIES, strict=False)):
        floor = -step * number
        axis.plot(x, floor + values - values.min(), color=colour, linewidth=1.6)
        axis.text(np.min(np.asarray(x)), floor + 1.1 * height, name, color=figures.INK, fontsize=10)
    axis.set_yticks([])
    axis.spines["left"].set_visible(False)
    axis.set(xlabel=xlabel, title=title, ylim=(-step * (len(rows) - 1) - 0.15 * height, 1.7 * height))
    axis.margins(x=0.0)
    return figures.picture(figure, alt)
