"""A picture that carries its alt text into each place that shows it."""

from __future__ import annotations

import base64
import functools
import html
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.figure import Figure

MOST_COLOURS = 8192  # a drawing has fewer, edges included; a picture with more holds a photograph


@dataclass(frozen=True)
class Picture:
    """A finished figure: PNG bytes, the width to show them at, and the words for those who cannot see them."""

    png: bytes
    width: int
    alt: str

    def html(self) -> str:
        """An img element that holds the picture itself."""
        data = base64.b64encode(self.png).decode("ascii")
        look = f'width="{self.width}" style="max-width:100%;height:auto;background:white"'
        return f'<img alt="{html.escape(self.alt)}" {look} src="data:image/png;base64,{data}">'

    def packed(self) -> Picture:
        """The same drawing with a palette of 256 colours, in a third of the bytes; a photograph stays as it is.

        For what a notebook keeps: packing takes longer than a redraw may.
        """
        from PIL import Image

        image = Image.open(io.BytesIO(self.png))
        if image.mode != "RGB" or image.getcolors(MOST_COLOURS) is None:
            return self
        buffer = io.BytesIO()
        image.quantize(256, dither=Image.Dither.NONE).save(buffer, "png", compress_level=9)
        return replace(self, png=buffer.getvalue())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        kept = self.packed()
        data = {
            "image/png": base64.b64encode(kept.png).decode("ascii"),
            "text/html": kept.html(),
            "text/plain": self.alt,
        }
        return data, {"image/png": {"alt": self.alt, "width": self.width}}


def new(columns: int = 1, width: float = 7.0, height: float = 3.4) -> tuple[Figure, list[Axes]]:
    """An empty figure, sizes in inches, that no plotting window and no notebook shows by itself.

    Its margins are fixed: working them out from the labels takes longer than the drawing.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    axes = figure.subplots(1, columns, squeeze=False)[0]
    inches = {"left": 0.75, "right": 0.2, "bottom": 0.55, "top": 0.4}
    figure.subplots_adjust(
        left=inches["left"] / width,
        right=1 - inches["right"] / width,
        bottom=inches["bottom"] / height,
        top=1 - inches["top"] / height,
        wspace=0.27,
    )
    return figure, list(axes)


def picture(figure: Figure, alt: str, dpi: int = 144) -> Picture:
    """The figure as PNG bytes; 96 of its dots are one inch on the page."""
    from PIL import Image

    figure.set_dpi(dpi)
    renderer = _renderer(*figure.canvas.get_width_height(), dpi)
    renderer.clear()
    figure.draw(renderer)  # and not figure.savefig, which takes half as long again
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(renderer.buffer_rgba())[..., :3]).save(buffer, "png", compress_level=1)
    return Picture(buffer.getvalue(), round(figure.get_figwidth() * 96), alt)


@functools.lru_cache(maxsize=4)
def _renderer(width: int, height: int, dpi: int) -> RendererAgg:
    """One canvas for all figures of a size: it remembers how wide each text is, a tenth of an explorer's redraw."""
    from matplotlib.backends.backend_agg import RendererAgg

    return RendererAgg(width, height, dpi)
