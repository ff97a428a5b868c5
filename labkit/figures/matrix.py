"""A control for a small matrix: a box to type in for each entry, and named matrices to begin from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ipywidgets

Entries = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Matrix:
    """A matrix whose entries go from -limit to limit; `named` may be chosen whole, `value` is one of their names."""

    label: str
    named: Mapping[str, Entries]
    name: str
    limit: float = 9.0
    step: float = 0.1

    @property
    def value(self) -> Entries:
        """The matrix at the beginning."""
        return self.named[self.name]

    def widget(self) -> ipywidgets.Widget:
        """The control as a widget whose value is the matrix, a tuple of rows."""
        import ipywidgets
        import traitlets

        class Editor(ipywidgets.VBox):
            value = traitlets.Tuple()

        choice = ipywidgets.ToggleButtons(
            description=self.label, options=list(self.named), value=self.name, layout={"width": "100%"},
            style={"description_width": "auto", "button_width": "auto"},
        )  # fmt: skip
        boxes = [[self._box(row, column) for column in range(len(self.value[0]))] for row in range(len(self.value))]
        editor = Editor([choice, *(ipywidgets.HBox(row) for row in boxes)], value=self.value, layout={"width": "100%"})

        def read(change: Any = None) -> None:
            editor.value = tuple(tuple(box.value for box in row) for row in boxes)
            choice.value = next((name for name, entries in self.named.items() if entries == editor.value), None)

        def write(change: Any) -> None:
            if choice.value is None or self.named[choice.value] == editor.value:
                return
            boxed = [box for row in boxes for box in row]
            for box in boxed:
                box.unobserve(read, "value")
            for row, numbers in zip(boxes, self.named[choice.value], strict=True):
                for box, number in zip(row, numbers, strict=True):
                    box.value = number
            for box in boxed:
                box.observe(read, "value")
            editor.value = self.named[choice.value]  # one redraw, not nine

        choice.observe(write, "value")
        for row in boxes:
            for box in row:
                box.observe(read, "value")
        return editor

    def _box(self, row: int, column: int) -> ipywidgets.Widget:
        import ipywidgets

        return ipywidgets.BoundedFloatText(
            value=self.value[row][column], min=-self.limit, max=self.limit, step=self.step, layout={"width": "72px"},
            tooltip=f"{self.label}, row {row + 1}, column {column + 1}",
        )  # fmt: skip
