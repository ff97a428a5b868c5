"""Values as a person reads them: short, exact enough, never longer than a card.

Of a value that is long only the beginning is printed: to print all of it may take half an hour, and nobody sees it.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from grader.core.values import Value

MAX_LINES = 12
MAX_WIDTH = 400
_MOST = 10_000  # characters that are printed before the value is shortened
_WHOLE = 100  # items of an array that are printed with none left out


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
        text = np.array2string(front, precision=6, threshold=_WHOLE, edgeitems=edge, max_line_width=72, separator=", ")
        return _shortened(text if front.ndim == value.ndim else f"an array of shape {value.shape}, beginning\n{text}")
    return _shortened(_beginning(_pieces(value)))


def _beginning(pieces: Iterable[str]) -> str:
    """Pieces of a text until there are enough of them."""
    found, length = [], 0
    for piece in pieces:
        found.append(piece)
        length += len(piece)
        if length > _MOST:
            return "".join([*found, " …"])
    return "".join(found)


def _pieces(value: Value) -> Iterator[str]:
    """What Python prints of a plain value, piece by piece."""
    if isinstance(value, dict):
        yield "{"
        for number, (key, item) in enumerate(value.items()):
            yield f"{', ' if number else ''}{key[:_MOST]!r}: "
            yield from _pieces(item)
        yield "}"
    elif isinstance(value, list | tuple):
        left, right = "[]" if isinstance(value, list) else "()"
        yield left
        for number, item in enumerate(value):
            yield ", " if number else ""
            yield from _pieces(item)
        yield f",{right}" if isinstance(value, tuple) and len(value) == 1 else right
    elif isinstance(value, np.ndarray):
        yield _array(value)
    else:
        yield repr(value[:_MOST] if isinstance(value, str) else value)


def _array(array: np.ndarray) -> str:
    """An array among other values."""
    if array.size <= _WHOLE:
        return np.array_repr(array)
    front = array[(0,) * max(array.ndim - 3, 0)]
    text = np.array2string(front, threshold=_WHOLE, edgeitems=2, separator=", ", prefix="array(")
    return f"array({text})"


def _shortened(text: str) -> str:
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        lines = [*lines[: MAX_LINES - 2], "  …", lines[-1]]
    return "\n".join(line if len(line) <= MAX_WIDTH else f"{line[:MAX_WIDTH]} …" for line in lines)
