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
        if not value.size:
            return f"an empty array of shape {value.shape}"
        # Of many axes only the first place is printed: NumPy would print millions of numbers to leave most of them out.
        front = value[(0,) * max(value.ndim - 3, 0)]
        edge = 3 if front.ndim < 2 else 2  # so that a row is a line
        text = np.array2string(front, precision=6, threshold=40, edgeitems=edge, max_line_width=72, separator=", ")
        return _shortened(text if front.ndim == value.ndim else f"an array of shape {value.shape}, beginning\n{text}")
    return _shortened(repr(value))


def _shortened(text: str) -> str:
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        lines = [*lines[: MAX_LINES - 2], "  …", lines[-1]]
    return "\n".join(line if len(line) <= MAX_WIDTH else f"{line[:MAX_WIDTH]} …" for line in lines)
