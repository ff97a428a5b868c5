"""The controls of an explorer: choices, sliders and a line of text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import ipywidgets


class Control(Protocol):
    """What an explorer needs of a control: its first value, and a widget whose `value` can be observed."""

    @property
    def value(self) -> Any:
        """The value at the beginning."""

    def widget(self) -> ipywidgets.Widget:
        """The control as a widget."""


@dataclass(frozen=True)
class Choice:
    """One of several named values, as a row of buttons."""

    label: str
    options: tuple[Any, ...]
    value: Any

    def widget(self) -> ipywidgets.Widget:
        """The control as a widget."""
        import ipywidgets

        style = {"description_width": "auto", "button_width": "auto"}
        return ipywidgets.ToggleButtons(
            description=self.label, options=self.options, value=self.value, style=style,
            layout={"width": "100%"},  # a row of its own, above the sliders
        )  # fmt: skip


def _beside(label: str) -> dict[str, str]:
    """The layout of a slider: as wide as its label needs, so that the way to slide is the same in all."""
    return {"width": f"{235 + 7 * len(label)}px", "margin": "0 20px 0 0"}


@dataclass(frozen=True)
class Slider:
    """A number between two ends; whole numbers where the step is whole."""

    label: str
    low: float
    high: float
    step: float
    value: float

    def widget(self) -> ipywidgets.Widget:
        """The control as a widget."""
        import ipywidgets

        kind = ipywidgets.IntSlider if isinstance(self.step, int) else ipywidgets.FloatSlider
        return kind(
            description=self.label, min=self.low, max=self.high, step=self.step, value=self.value,
            style={"description_width": "auto"}, layout=_beside(self.label),
        )  # fmt: skip


@dataclass(frozen=True)
class Scale:
    """A slider over named values, for numbers that grow by factors."""

    label: str
    options: tuple[Any, ...]
    value: Any

    def widget(self) -> ipywidgets.Widget:
        """The control as a widget."""
        import ipywidgets

        return ipywidgets.SelectionSlider(
            description=self.label, options=[(f"{option:,}", option) for option in self.options], value=self.value,
            style={"description_width": "auto"}, layout=_beside(self.label),
        )  # fmt: skip


@dataclass(frozen=True)
class Text:
    """A line that the reader writes; the view follows each letter."""

    label: str
    value: str

    def widget(self) -> ipywidgets.Widget:
        """The control as a widget."""
        import ipywidgets

        return ipywidgets.Text(
            description=self.label, value=self.value, style={"description_width": "auto"}, layout={"width": "100%"}
        )
