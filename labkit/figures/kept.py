"""The figure of an explorer, kept from one redraw to the next."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labkit import figures
from labkit.figures.stage import SCREEN_DPI

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Canvas:
    """Axes side by side, and others at places of their own: making them and their ticks takes a third of a redraw.

    Sizes are in inches, margins as `Figure.subplots_adjust` takes them, places as `Figure.add_axes`. What a drawing
    sets it must set every time; only what it puts in is taken out.
    """

    columns: int
    width: float
    height: float
    margins: Mapping[str, float] = field(default_factory=dict)
    places: tuple[tuple[float, float, float, float], ...] = ()

    def axes(self) -> list[Axes]:
        """The axes side by side, then those at places, with nothing in them, also after a drawing that failed."""
        self._empty()
        return self._kept[1]

    @property
    def figure(self) -> Figure:
        """The figure, for a legend of all axes."""
        return self._kept[0]

    def picture(self, alt: str) -> figures.Picture:
        """What was drawn. It is taken out at once: Python's collector finds it while it is young."""
        shown = figures.picture(self.figure, alt, dpi=SCREEN_DPI)
        self._empty()
        return shown

    @functools.cached_property
    def _kept(self) -> tuple[Figure, list[Axes]]:
        figure, axes = figures.new(self.columns, self.width, self.height)
        figure.subplots_adjust(**self.margins)
        return figure, axes + [figure.add_axes(place) for place in self.places]

    def _empty(self) -> None:
        figure, axes = self._kept
        for legend in list(figure.legends):
            legend.remove()
        for axis in axes:
            for artist in [*axis.lines, *axis.patches, *axis.texts, *axis.collections, *axis.images]:
                artist.remove()
            if its_own := axis.get_legend():
                its_own.remove()
            axis.relim()
            axis.autoscale(True)
