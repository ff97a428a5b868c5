"""The stage of every explorer: controls above, numbers and picture below, a still picture where no kernel answers."""

from __future__ import annotations

import gc
import html
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkit.figures.controls import Control
from labkit.figures.pictures import Picture

if TYPE_CHECKING:
    import ipywidgets

# ipywidgets shows a slider's label and leaves the handle nameless, which a screen reader comes to by the tab key.
NAME_HANDLES = """
const name = () => document.querySelectorAll('.widget-slider').forEach(slider => {
  const label = slider.querySelector('.widget-label');
  slider.querySelectorAll('.noUi-handle').forEach(handle => handle.setAttribute('aria-label', label.textContent));
});
[0, 200, 1000].forEach(wait => setTimeout(name, wait));
"""
SCREEN_DPI = 100  # a redraw must follow the hand: fewer dots than in a figure that is drawn once


@dataclass(frozen=True)
class View:
    """One state of an explorer: a picture, and the numbers that stand beside it."""

    picture: Picture
    numbers: Mapping[str, str]

    def html(self) -> str:
        """The numbers as a row of small boxes, the picture below them."""
        boxes = "".join(
            '<div style="margin:0 28px 6px 0"><div style="font-size:12px;opacity:.75">'
            f'{html.escape(name)}</div><div style="font-size:17px;font-weight:600">{html.escape(value)}</div></div>'
            for name, value in self.numbers.items()
        )
        return f'<div style="display:flex;flex-wrap:wrap;line-height:1.4">{boxes}</div>{self.picture.html()}'

    def text(self) -> str:
        """The same in words."""
        return "\n".join([self.picture.alt, *(f"{name}: {value}" for name, value in self.numbers.items())])


class Explorer:
    """Controls by the name of the parameter that each sets, and the pure function that draws a state from them."""

    def __init__(self, draw: Callable[..., View], controls: Mapping[str, Control]) -> None:
        self.draw = draw
        self.controls = dict(controls)

    def view(self, **changes: Any) -> View:
        """The state at the controls' first values, with some changed."""
        values = {name: control.value for name, control in self.controls.items()}
        return self.draw(**{**values, **changes})

    def widget(self) -> ipywidgets.Widget:
        """The controls, linked to the view: every move redraws it."""
        import ipywidgets

        widgets = {name: control.widget() for name, control in self.controls.items()}
        screen = ipywidgets.HTML(self.view().html())

        def redraw(change: Any = None) -> None:
            with collector_waiting():
                screen.value = self.draw(**{name: widget.value for name, widget in widgets.items()}).html()

        for widget in widgets.values():
            widget.observe(redraw, "value")
        row = ipywidgets.HBox(list(widgets.values()), layout={"flex_flow": "row wrap", "margin": "0 0 8px 0"})
        script = {"output_type": "display_data", "metadata": {}, "data": {"application/javascript": NAME_HANDLES}}
        return ipywidgets.VBox([row, screen, ipywidgets.Output(outputs=(script,), layout={"display": "none"})])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        view = self.view()
        view = View(view.picture.packed(), view.numbers)
        data, metadata = view.picture._repr_mimebundle_()
        data |= {"text/html": view.html(), "text/plain": view.text()}
        if _kernel_answers():
            widget = self.widget()
            data |= {kind: part for kind, part in widget._repr_mimebundle_().items() if "widget-view" in kind}
        return data, metadata


@contextmanager
def collector_waiting() -> Iterator[None]:
    """Keep Python's collector out of a redraw, and collect what it left, a figure full of cycles, right after.

    The figure is still young then. Left alone it would grow old, and with it comes a full collection, which goes
    through all that is loaded: a third of a second beside TensorFlow.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
            gc.collect(1)


def _kernel_answers() -> bool:
    """Whether a Jupyter kernel stands behind this process, so that a moved slider reaches Python."""
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None
