"""What must hold after every attack."""

import csv
import io
from html.parser import HTMLParser
from typing import Any

from tests.attacks.attack import BOUNDS

HONEST = {"double": ["passed", 2.0], "total": ["passed", 3.0], "quiz": ["passed", 1.0]}
SLACK = 2.0  # to notice, to kill and to bury
SEPARATORS = ",;|\t"
_DROPPED = '" \t\r\n\v\f\x85\xa0\u200b\u2028\u2029\ufeff'
_SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_POLICY = "Content-Security-Policy"
NO_TRACES = ("processes", "mounts", "files", "memory", "descriptors", "met", "problems", "server changed")


def harm(answer: dict[str, Any], seconds: float = BOUNDS["seconds"]) -> list[str]:
    """Every promise that an attack broke, in words."""
    found = [f"{name}: {answer[name]}" for name in NO_TRACES if answer[name]]
    points, learner = answer["points"], answer["learner"]
    if answer["error"]:
        found.append(f"grading stopped: {answer['error']}")
    if points.get("double") != ["passed", 2.0] or any(points[task][1] for task in points if task != "double"):
        found.append(f"not the points that the honest part deserves: {points}")
    if answer["next points"] != HONEST:
        found.append(f"the next submission did not earn what it should: {answer['next points']}")
    if answer["neighbours changed"] or answer["learners"] != sorted(["002", learner, "999"]):
        found.append(f"the gradebook changed: {answer['learners']}")
    if answer["leaked"]:
        found.append(f"leaked: {answer['leaked']}")
    if answer["quoted"]:
        found.append("a card quotes a hidden input")
    if answer["seconds"] > seconds + SLACK:
        found.append(f"it took {answer['seconds']:.1f} s")
    if answer["memory taken"] > BOUNDS["memory"] + 4 * BOUNDS["file_bytes"]:
        found.append(f"it took {answer['memory taken'] / 2**20:.0f} MiB that are nobody's")
    for name, text in answer["pages"].items():
        found += [f"{name}: {thing}" for thing in (formulas(text) if name.endswith(".csv") else active(text))]
    return found + _pages(answer["pages"], learner)


def _pages(pages: dict[str, str], learner: str) -> list[str]:
    wanted = {"index.html", "scores.csv", *(f"feedback/{who}/toy.html" for who in ("002", learner, "999"))}
    return [f"the report's files are {sorted(pages)}"] if pages.keys() != wanted else []


def formulas(table: str) -> list[str]:
    """The cells of a CSV file that a spreadsheet would compute, whichever sign it takes for the separator."""
    cells: list[str] = []
    for separator in SEPARATORS:
        cells += [cell for row in csv.reader(io.StringIO(table), delimiter=separator) for cell in row]
        cells += [cell for line in table.splitlines() for cell in line.split(separator)]
    return sorted({cell for cell in cells if cell.lstrip(_DROPPED).startswith(_SIGNS)})


def active(page: str) -> list[str]:
    """What on a page could act or reach out: scripts, handlers, addresses that are neither links nor data."""
    parser = _Active()
    parser.feed(page)
    parser.close()
    return parser.found if parser.has_policy else [*parser.found, "no policy forbids scripts"]


class _Active(HTMLParser):
    """Collects what could act."""

    _QUIET = {"src": ("data:image/",), "href": ("http://", "https://", "#", "feedback/", "scores.csv"), "style": ("",)}
    _LOUD = {"script", "iframe", "object", "embed", "form", "base", "link", "applet", "frame", "template", "math"}

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.has_policy = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "meta" and dict(attrs).get("http-equiv") == _POLICY:
            self.has_policy = True
        elif tag in self._LOUD or (tag == "meta" and "http-equiv" in dict(attrs)):
            self.found.append(f"<{tag} {attrs}>")
        for name, value in attrs:
            text = (value or "").strip().lower()
            loud = name.startswith("on") or name in ("srcdoc", "formaction", "ping", "xlink:href", "srcset")
            if loud or (name in self._QUIET and not text.startswith(self._QUIET[name])) or "javascript:" in text:
                self.found.append(f"<{tag} {name}={value!r}>")
            if name == "style" and ("url(" in text or "expression" in text):
                self.found.append(f"<{tag} {name}={value!r}>")
