"""A cell's outputs as a page may show them. They come from a learner's process and may be malformed in any way."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from grader.report.markup import Parser, plain
from grader.report.pictures import picture_address

MOST_OUTPUTS = 200
PICTURE_LINES, LINE = 25, 50
_PICTURES = ("image/png", "image/jpeg")
_AS_TEXT = ("text/plain", "text/latex", "application/json")
_PLACEHOLDER = "{task}: handed in"


@dataclass(frozen=True)
class Shown:
    """One thing on the page: `kind` is text, stderr, error, html, prose, picture or note.

    `text` is what is shown, for a picture what says the same in words; `address` is the picture's.
    """

    kind: str
    text: str | Markup
    address: str = ""

    @property
    def lines(self) -> int:
        """About how many lines it takes on a narrow page."""
        return PICTURE_LINES if self.address else lines_of(self.text)


def shown(outputs: object, judged: Collection[str], parser: Parser) -> list[Shown]:
    """What to show of a code cell's outputs. The placeholders of tasks whose verdict stands below are left out."""
    if not isinstance(outputs, list | tuple):
        return [_note("The outputs of this cell cannot be read.")] if outputs else []
    most = parser.takes(min(len(outputs), MOST_OUTPUTS))
    kept = [output for output in outputs[:most] if not _is_placeholder(output, judged)]
    more = len(outputs) - most
    return [_one(output, parser) for output in kept] + (
        [_note(f"{more:,} more outputs are left out.")] if more > 0 else []
    )


def lines_of(text: str) -> int:
    """About how many lines a text takes on a narrow page."""
    return sum(1 + len(line) // LINE for line in text.split("\n"))


def joined(value: object) -> str | None:
    """nbformat's text: a string, or a list of its lines; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return None


def _one(output: object, parser: Parser) -> Shown:
    if not isinstance(output, Mapping):
        return _note("An output cannot be read.")
    kind = output.get("output_type")
    if kind == "stream":
        return _text("stderr" if output.get("name") == "stderr" else "text", output.get("text"), parser)
    if kind == "error":
        return _error(output, parser)
    if kind in ("display_data", "execute_result"):
        return _bundle(output.get("data"), output.get("metadata"), parser)
    return _note("An output of an unknown kind is left out.")


def _error(output: Mapping[Any, Any], parser: Parser) -> Shown:
    lines = output.get("traceback")
    if isinstance(lines, list | tuple) and lines and all(isinstance(line, str) for line in lines):
        return Shown("error", parser.text("\n".join(lines)))
    name, value = joined(output.get("ename")), joined(output.get("evalue"))
    return Shown("error", parser.text(f"{name}: {value or ''}")) if name else _note("An error cannot be read.")


def _bundle(data: object, metadata: object, parser: Parser) -> Shown:
    if not isinstance(data, Mapping):
        return _note("An output cannot be read.")
    for mime in _PICTURES:
        if mime in data:
            address = picture_address(mime, joined(data[mime]))
            words = _alternative(metadata, mime) or joined(data.get("text/plain")) or "A figure of the notebook"
            return Shown("picture", plain(words)[:1_000], address) if address else _note("A picture cannot be shown.")
    markdown, html = joined(data.get("text/markdown")), joined(data.get("text/html"))
    if markdown is not None:
        return Shown("prose", parser.prose(markdown))
    text = next((text for mime in _AS_TEXT if (text := joined(data.get(mime))) is not None), None)
    # `HTML("…")` says nothing as text; its source does, and is safe to read.
    if html is not None and (text is None or text.startswith("<IPython.core.display.")):
        return Shown("html", parser.text(html))
    return _text("text", text, parser)


def _text(kind: str, value: object, parser: Parser) -> Shown:
    text = joined(value)
    return _note("An output cannot be read.") if text is None else Shown(kind, parser.text(text))


def _alternative(metadata: object, mime: str) -> str:
    """The words for a picture in the bundle's metadata, where there are any."""
    if not isinstance(metadata, Mapping):
        return ""
    own = metadata.get(mime)
    return joined((own if isinstance(own, Mapping) else metadata).get("alt")) or ""


def _is_placeholder(output: object, judged: Collection[str]) -> bool:
    data = output.get("data") if isinstance(output, Mapping) else None
    text = joined(data.get("text/plain")) if isinstance(data, Mapping) else None
    return text is not None and any(text.startswith(_PLACEHOLDER.format(task=task)) for task in judged)


def _note(text: str) -> Shown:
    return Shown("note", text)
