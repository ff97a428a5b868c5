"""Values as a person reads them: short, exact enough, never longer than a card."""

import numpy as np

from grader.values import Value

MAX_LINES = 8
MAX_WIDTH = 400


def show(value: Value) -> str:
    """A plain value in a few lines: arrays with 6 significant digits, long ones with their middle left out."""
    if isinstance(value, float):
        return f"{value:.8g}"
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=6, threshold=40, edgeitems=3, max_line_width=72, separator=", ")
        return _shortened(text if value.size else f"an empty array of shape {value.shape}")
    return _shortened(repr(value))


def _shortened(text: str) -> str:
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        lines = [*lines[: MAX_LINES - 2], "  …", lines[-1]]
    return "\n".join(line if len(line) <= MAX_WIDTH else f"{line[:MAX_WIDTH]} …" for line in lines)
