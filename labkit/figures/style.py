"""One look for every figure."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

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


def styled(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function that draws under the common style."""

    @functools.wraps(function)
    def draw(*args: P.args, **kwargs: P.kwargs) -> R:
        import matplotlib

        with matplotlib.rc_context(STYLE):
            return function(*args, **kwargs)

    return draw
