"""Polynomials: degree times penalty, the fit on the left, the error of every degree on the right."""

from __future__ import annotations

from typing import Any

import numpy as np

from labkit import figures
from labkit.figures.controls import Choice, Slider
from labkit.figures.kept import Canvas
from labkit.figures.stage import Explorer, View
from labkit.generalising.polynomials import HIGHEST_DEGREE, NOISE, PENALTIES, curve, fits, points

GRID = np.linspace(-1, 1, 301)
LEAST_ERROR, MOST_ERROR = 0.005, 5.0  # the ends of the right-hand axis

LEGEND: dict[str, Any] = {"ncols": 3, "columnspacing": 0.9, "handlelength": 1.5, "fontsize": 9.5}  # one row at the top


def polynomials() -> Explorer:
    """Choose a degree and a penalty; see what fits the points, and what fits new ones."""
    return Explorer(
        draw,
        {
            "penalty": Choice("Penalty", PENALTIES, "none"),
            "degree": Slider("Degree", 0, HIGHEST_DEGREE, 1, 3),
            "exponent": Slider("Penalty strength, log10 λ", -5.0, 1.0, 0.5, -4.0),
        },
    )


CANVAS = Canvas(columns=2, width=8.8, height=3.6)


@figures.styled
def draw(penalty: str, degree: int, exponent: float) -> View:
    """One state of the explorer."""
    x, y, x_validation, y_validation = points()
    all_fits = fits(penalty, 10.0**exponent if penalty != "none" else 0.0)
    fitted = all_fits[degree]
    errors = [fit.error(x, y) for fit in all_fits]
    new_errors = [fit.error(x_validation, y_validation) for fit in all_fits]
    best = int(np.argmin(new_errors))
    left, right = CANVAS.axes()

    left.plot(GRID, curve(GRID), color=figures.GREY, linestyle="--", linewidth=1.5, label="truth")
    left.plot(GRID, fitted(GRID), color=figures.BLUE, label=f"degree {degree}")
    left.plot(x, y, "o", color=figures.INK, markersize=5, label="points to fit")
    left.set(
        title=f"Degree {degree} misses new points by {_error(new_errors[degree])}", xlabel="x", ylabel="y",
        xlim=(-1.05, 1.05), ylim=(-2.2, 3.0), xticks=(-1, -0.5, 0, 0.5, 1), yticks=(-2, -1, 0, 1, 2),
    )  # fmt: skip
    left.legend(loc="upper center", **LEGEND)

    degrees = range(HIGHEST_DEGREE + 1)
    series = {"points to fit": errors, "new points": new_errors}
    for (name, values), (colour, dash, marker) in zip(series.items(), figures.SERIES, strict=False):
        shown = np.clip(values, LEAST_ERROR / 2, MOST_ERROR * 2)
        right.plot(degrees, shown, color=colour, linestyle=dash, marker=marker, markersize=4, label=name)
        right.plot([degree], [shown[degree]], marker, color=colour, markersize=9)
    right.axhline(NOISE**2, color=figures.INK, linewidth=1, linestyle=":", label="noise")
    right.axvline(degree, color=figures.GREY, linewidth=1)
    right.set_yscale("log")
    right.set(
        title=f"New points are met best by degree {best}", xlabel="degree", ylabel="mean squared error",
        xticks=range(0, HIGHEST_DEGREE + 1, 3), ylim=(LEAST_ERROR, MOST_ERROR),
    )  # fmt: skip
    right.set_yticks((0.01, 0.1, 1), ("0.01", "0.1", "1"))
    right.minorticks_off()
    right.legend(loc="upper center", **LEGEND)

    zeros = int((np.abs(fitted.weights) < 1e-12).sum())
    largest = float(np.abs(fitted.weights).max(initial=0.0))
    numbers = {
        "λ": f"{10**exponent:.2g}" if penalty != "none" else "0, no penalty",
        "error on the points to fit": _error(errors[degree]),
        "error on new points": _error(new_errors[degree]),
        "largest weight": f"{largest:,.3g}" if largest < 1000 else f"{largest:,.0f}",
        "weights that are 0": f"{zeros} of {degree}",
    }
    with_penalty = "no penalty" if penalty == "none" else f"an {penalty} penalty of {10**exponent:.2g}"
    alt = (
        f"Two charts. Left: {len(x)} points with noise, the true curve, and the fit of degree {degree} with "
        f"{with_penalty}. Right, logarithmic: mean squared error by degree. At degree {degree} it is "
        f"{_error(errors[degree])} on the points to fit and {_error(new_errors[degree])} on new points; new points "
        f"are met best by degree {best}, with {_error(new_errors[best])}."
    )
    return View(CANVAS.picture(alt), numbers)


def _error(error: float) -> str:
    """With three decimals, so that small errors compare at a glance."""
    return f"{error:.3f}" if error < 1000 else f"{error:,.0f}"
