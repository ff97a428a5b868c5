"""What a probe draws is neither seen nor left behind: its figures are closed, and the notebook's own stay as they are.

matplotlib is never imported here: where it has not been, nothing was drawn. Its inline backend shows what is open when
the next cell has run, whoever opened it.
"""

import contextlib
import sys
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def unseen() -> Iterator[None]:
    """Close in the end the figures that are opened within. Those that are open already are out of reach meanwhile."""
    before, waiting = _figures(), _waiting()
    if before:
        kept, before.figs = before.figs, OrderedDict()
    try:
        yield
    finally:
        after = _figures()
        if after:
            with contextlib.suppress(Exception):  # of a learner's own handler of a closed figure, for one
                after.destroy_all()
            after.figs = kept if before else OrderedDict()
        _wait(waiting)


def _figures() -> Any:
    """The class that knows matplotlib's open figures, where it has been imported."""
    return getattr(sys.modules.get("matplotlib._pylab_helpers"), "Gcf", None)


def _show() -> Any:
    """The inline backend's function that shows figures: what it is to show next is kept at it."""
    return getattr(sys.modules.get("matplotlib_inline.backend_inline"), "show", None)


def _waiting() -> tuple[list[Any], bool]:
    show = _show()
    return (list(show._to_draw), show._draw_called) if show else ([], False)


def _wait(waiting: tuple[list[Any], bool]) -> None:
    if show := _show():
        show._to_draw, show._draw_called = waiting
