"""Every text of a piece of HTML with the colours that it is shown in, and how well it stands out (WCAG 2)."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

# JupyterLab's themes give these colours of their own, unless the element itself says otherwise.
THEMED = {"code": ("color", "background"), "pre": ("color", "background"), "td": ("color", "background"),
          "th": ("color", "background"), "a": ("color",)}  # fmt: skip
_NO_END = ("input", "br", "img")


@dataclass(frozen=True)
class Shown:
    """A text, its colour, and the background behind it."""

    text: str
    colour: str
    background: str

    @property
    def contrast(self) -> float:
        return contrast(self.colour, self.background)


class _Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.stack = [{"color": "", "background": ""}]
        self.shown: list[Shown] = []
        self.left_to_the_theme: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        style = dict(attrs).get("style", "")
        own = {name: colour for name in ("color", "background") if (colour := _colour(style, name))}
        self.left_to_the_theme += [tag for name in THEMED.get(tag, ()) if name not in own]
        if tag not in _NO_END:
            self.stack.append(self.stack[-1] | own)

    def handle_endtag(self, tag):
        self.stack.pop()

    def handle_data(self, data):
        if data.strip():
            self.shown.append(Shown(data, self.stack[-1]["color"], self.stack[-1]["background"]))


def texts(html: str) -> list[Shown]:
    """Every text as it is shown. Fails where a theme would choose a colour."""
    reader = _Reader(html)
    assert reader.left_to_the_theme == []
    assert all(text.colour and text.background for text in reader.shown)
    return reader.shown


def backgrounds(html: str) -> list[str]:
    """All backgrounds, in order."""
    return re.findall(r"background:(#[0-9a-f]{6})", html)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    light, dark = sorted([_luminance(one), _luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _colour(style: str, name: str) -> str:
    found = re.search(rf"(?:^|;)\s*{name}:\s*(#[0-9a-f]{{6}})", style)
    return found[1] if found else ""


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
