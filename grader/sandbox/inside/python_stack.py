"""Room for Python's frames in one piece.

CPython (3.11 to 3.13 were tried) keeps the frames of Python functions in chunks of 16 KiB. Where a loop happens to
stand at the end of one, each call in it takes a new chunk from the kernel and gives it back: eight microseconds instead
of none, and where that happens depends on how deep the program stands just then. Importing TensorFlow in a fork server
came to 31,000 such chunks, training a small network to 9,500: a tenth of its time. (`push_chunk` in CPython's
`Python/pystate.c`; a chunk is as large as the frame that asks for it needs.)
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# Numbers of eight bytes. A chunk is the next power of two: 4 MiB here, of which half is left for what is called.
_ROOM = 2**18


def with_room(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function. All that it calls, some thousand frames deep, finds room in one chunk."""
    return function(*args, **kwargs)


with_room.__code__ = with_room.__code__.replace(co_stacksize=_ROOM)
