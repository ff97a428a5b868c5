"""What a notebook prints and shows, caught while it is made, within bounds. Lives in the learner's process."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher

_KEPT_TYPES = ("text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg", "image/svg+xml")
_ITEM = 100  # what an output costs beside its text: endless empty ones come to an end, too
_MOST_METADATA = 20  # entries about one output
_LEAST_LINE = 200  # of a traceback, where the notebook may print no more
_OVERWRITTEN = re.compile(r"[^\n]*\r(?=[^\n\r])")


class OutputLimit(BaseException):
    """Raised into a cell that prints without end. Not an Exception, so that `except Exception` lets it by."""


class Outputs:
    """The outputs of the running cell, in nbformat's form. What comes while a probe runs is dropped."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self._shown: dict[str, dict[str, Any]] = {}  # of this cell, by the id that updates name
        self._muted = False
        self._cell_text = 0
        self.left, self.most_text = 0, 0

    @contextmanager
    def dropped(self) -> Iterator[None]:
        """Drop whatever comes within."""
        self._muted = True
        try:
            yield
        finally:
            self._muted = False

    def clear(self) -> None:
        """Forget what the cell has shown so far."""
        if not self._muted:
            self.items = []

    def begin(self, most_text: int) -> None:
        """A new cell begins, which may print `most_text` characters."""
        self.items, self._shown, self._cell_text, self.most_text = [], {}, 0, most_text

    def stream(self, name: str, text: str) -> None:
        """Text on stdout or stderr. A line that a carriage return overwrites is not kept."""
        if self._muted or not text:
            return
        if not self.items or self.items[-1].get("name") != name:
            self._spend(_ITEM)
            self.items.append({"output_type": "stream", "name": name, "text": ""})
        last = self.items[-1]
        before = len(last["text"])
        last["text"] = _overwritten(last["text"], text.replace("\b", ""))
        self._spend(len(last["text"]) - before, text=True)

    def rich(
        self, kind: str, data: dict[str, Any], metadata: dict[str, Any], number: int | None = None, display_id: str = ""
    ) -> None:
        """A displayed object, or a cell's result. `display_id` is a name under which it may be updated."""
        if self._muted:
            return
        item = {"output_type": kind, **self._bundle(data, metadata)}
        self.items.append({**item, "execution_count": number} if kind == "execute_result" else item)
        if display_id:
            self._shown[display_id] = self.items[-1]

    def update(self, data: dict[str, Any], metadata: dict[str, Any], display_id: str) -> None:
        """Something else in place of what this cell has displayed under an id; what earlier cells did stays."""
        shown = self._shown.get(display_id)
        if shown is not None and not self._muted:
            self.left += _size(shown["data"], shown["metadata"])
            shown.update(self._bundle(data, metadata))

    def _bundle(self, data: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
        kept = {mime: plain_text(data[mime]) for mime in _KEPT_TYPES if isinstance(data.get(mime), str)}
        alt = {mime: _plain_metadata(metadata[mime]) for mime in kept if isinstance(metadata.get(mime), dict)}
        self._spend(_ITEM + _size(kept, alt))
        return {"data": kept, "metadata": alt}

    def error(self, name: str, value: str, traceback: list[str]) -> None:
        """How a cell failed."""
        if not self._muted:
            lines: list[str] = []
            for line in traceback[:200]:
                lines.append(plain_text(line)[: max(self.left, _LEAST_LINE)][:20_000])
                self.left -= len(lines[-1])
            told = {"ename": plain_text(name), "evalue": plain_text(value)[:2_000], "traceback": lines}
            self.items.append({"output_type": "error", **told})

    def _spend(self, size: int, text: bool = False) -> None:
        self.left -= size
        self._cell_text += size if text else 0
        if self.left < 0 or self._cell_text > self.most_text:
            raise OutputLimit("This cell printed more than it may and was stopped. The next cells were run.")


class Stream(io.TextIOBase):
    """stdout or stderr of a notebook."""

    encoding = "utf-8"

    def __init__(self, outputs: Outputs, name: str) -> None:
        self._outputs, self._name = outputs, name

    def write(self, text: str) -> int:
        """Keep text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._outputs.stream(self._name, text.encode("utf-8", "replace").decode())
        return len(text)

    def writable(self) -> bool:
        """Always."""
        return True

    def isatty(self) -> bool:
        """Never."""
        return False


class Publisher(DisplayPublisher):
    """`display()` into the shell's outputs."""

    shell: Any

    def publish(
        self, data: Any, metadata: Any = None, source: Any = None, *, transient: Any = None, update: bool = False,
        **_: Any,
    ) -> None:  # fmt: skip
        """Keep a display bundle."""
        display_id = str((transient or {}).get("display_id", ""))
        if update:
            self.shell.outputs.update(data, metadata or {}, display_id)
        else:
            self.shell.outputs.rich("display_data", data, metadata or {}, display_id=display_id)

    def clear_output(self, wait: bool = False) -> None:
        """Forget what the cell has shown so far."""
        self.shell.outputs.clear()


class Hook(DisplayHook):
    """A cell's last expression into the shell's outputs."""

    shell: Any

    def write_output_prompt(self) -> None:
        """No prompt."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Keep the result."""
        self.shell.outputs.rich("execute_result", format_dict, md_dict or {}, self.prompt_count)

    def finish_displayhook(self) -> None:
        """Nothing to print."""


def plain_text(text: object) -> str:
    """A text as JSON takes it: of a class of its own, such as NumPy's, the letters; "" for what is no text."""
    return str.encode(text, "utf-8", "surrogatepass").decode("utf-8", "surrogatepass") if isinstance(text, str) else ""


def _plain_metadata(metadata: dict[Any, Any]) -> dict[str, Any]:
    """Of what is told of an output, such as a picture's width, the plain numbers and texts."""
    kept: dict[str, Any] = {}
    for name, value in list(metadata.items())[:_MOST_METADATA]:
        if isinstance(value, str):
            kept[plain_text(name)] = plain_text(value)
        elif isinstance(value, bool | np.bool_):
            kept[plain_text(name)] = bool(value)
        elif isinstance(value, int | float | np.integer | np.floating) and abs(number := float(value)) < 1e9:
            kept[plain_text(name)] = int(number) if number.is_integer() else number  # NaN is not below 1e9
    return kept


def _size(data: dict[str, str], metadata: dict[str, Any]) -> int:
    return sum(map(len, data.values())) + len(repr(metadata))


def _overwritten(kept: str, text: str) -> str:
    if "\r" not in text and not kept.endswith("\r"):
        return kept + text
    line = kept.rfind("\n") + 1
    return kept[:line] + _OVERWRITTEN.sub("", kept[line:] + text)
