"""What must hold after every attack."""

import csv
import io
import re
from html.parser import HTMLParser
from typing import Any

from grader.report.formulas import ELEMENTS
from grader.report.learner_names import file_names
from tests.attacks.attack import BOUNDS
from tests.pace import pace

HONEST = {
    "double": ["passed", 2.0], "total": ["passed", 3.0], "quiz": ["passed", 1.0], "line": ["not_attempted", 0.0],
    "halves": ["not_attempted", 0.0],
}  # fmt: skip
MOST_SHARED = BOUNDS["memory"] + 4 * BOUNDS["file_bytes"]
MOST_FOR_A_FRAME = 600 * 2**20  # bytes of the grader's own
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
    if hollow := re.findall(r"No module named 'grader[^']*'|cannot import name [^,]* from 'grader", answer["outputs"]):
        found.append(f"hollow: what it attacks is not where it looks: {hollow}")
    if answer["next points"] != HONEST:
        found.append(f"the next submission did not earn what it should: {answer['next points']}")
    there = sorted(["002", learner, "999", *answer["others"]])
    if answer["neighbours changed"] or answer["learners"] != there:
        found.append(f"the gradebook changed: {answer['learners']}")
    if answer["leaked"]:
        found.append(f"leaked: {answer['leaked']}")
    if answer["quoted"]:
        found.append("a card quotes a hidden input")
    if answer["seconds"] > seconds + SLACK and answer["seconds"] > (seconds + SLACK) * pace():
        found.append(f"it took {answer['seconds']:.1f} s")
    if answer["memory taken"] > MOST_SHARED:
        found.append(f"it took {answer['memory taken'] / 2**20:.0f} MiB that are nobody's")
    if answer["own memory"] > MOST_FOR_A_FRAME:
        found.append(f"it cost the grader {answer['own memory'] / 2**20:.0f} MiB of its own")
    for name, text in answer["pages"].items():
        table = name.endswith(".csv")
        found += [f"{name}: {thing}" for thing in (formulas(text) + twins(text, len(there)) if table else active(text))]
        found += [f"{name}: {thing}" for thing in (passing_for_the_page(text) if name.startswith("feedback/") else [])]
    return found + _pages(answer["pages"], there)


def _pages(pages: dict[str, str], learners: list[str]) -> list[str]:
    folders = file_names(set(learners)).values()
    wanted = {"index.html", "scores.csv", *(f"feedback/{folder}/toy.html" for folder in folders)}
    return [f"the report's files are {sorted(pages)}"] if pages.keys() != wanted else []


def formulas(table: str) -> list[str]:
    """The cells of a CSV file that a spreadsheet would compute, whichever sign it takes for the separator."""
    cells: list[str] = []
    for separator in SEPARATORS:
        cells += [cell for row in csv.reader(io.StringIO(table), delimiter=separator) for cell in row]
        cells += [cell for line in table.splitlines() for cell in line.split(separator)]
    return sorted({cell for cell in cells if cell.lstrip(_DROPPED).startswith(_SIGNS)})


def twins(table: str, learners: int) -> list[str]:
    """What is wrong where a table, imported elsewhere, has fewer learners than there are."""
    found = sorted({row[0].strip() for row in csv.reader(io.StringIO(table))} - {"learner"})
    return [f"{learners} learners are {found}"] if len(found) != learners else []


def passing_for_the_page(page: str) -> list[str]:
    """What on a feedback page is a learner's and may be taken for the page's own, or is the page's and out of place."""
    parser = _Framed()
    parser.feed(page)
    parser.close()
    return parser.found + parser.misplaced()


def active(page: str) -> list[str]:
    """What on a page could act or reach out: scripts, handlers, addresses that are neither links nor data."""
    parser = _Active()
    parser.feed(page)
    parser.close()
    return parser.found if parser.has_policy else [*parser.found, "no policy forbids scripts"]


class _Active(HTMLParser):
    """Collects what could act."""

    _QUIET = {"src": ("data:image/",), "href": ("http://", "https://", "#", "feedback/", "scores.csv"), "style": ("",)}
    _LOUD = {"script", "iframe", "object", "embed", "form", "base", "link", "applet", "frame", "template"}

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.has_policy = False
        self._in_formula = False

    def handle_endtag(self, tag: str) -> None:
        self._in_formula = self._in_formula and tag != "math"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._in_formula and tag not in ELEMENTS:  # browsers read such a tag in more than one way
            self.found.append(f"<{tag}> in a formula")
        self._in_formula = self._in_formula or tag == "math"
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


class _Framed(HTMLParser):
    """Which cell each card stands below; and pictures and headings of a learner that are not framed as such."""

    _VOID = ("meta", "img", "br", "hr", "wbr")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, str, str]] = []  # tag, class, id
        self._texts: dict[str, str] = {}  # of cells
        self._cards: list[tuple[str, str]] = []  # a task, and the cell that its card is in

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if tag == "img" and not {"sheet", "outputs", "shown"} <= self._classes():
            self.found.append("a picture without a frame")
        if tag in ("h1", "h2") and self._cell():
            self.found.append(f"a learner's heading is <{tag}>")
        if of.get("class") == "dll-card":
            self._cards.append((of["aria-label"].split(":")[0].split(" ")[-1], self._cell()))
            self.found += ["a card within a learner's frame"] if "sheet" in self._classes() else []
        if tag not in self._VOID:
            self._open.append((tag, of.get("class", ""), of.get("id", "")))

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        cell = self._cell()
        self._texts[cell] = self._texts.get(cell, "") + data

    def misplaced(self) -> list[str]:
        """The cards that are not below a cell that asks for their task, though there is one."""
        found = []
        for task, cell in self._cards:
            asks = re.compile(rf"\.(?:check|answer)\('{task}'")
            asking = [name for name, text in self._texts.items() if name and asks.search(text)]
            if asking and cell not in asking:
                found.append(f"the card of {task} is in {cell or 'no cell'}, not in {asking}")
        return found

    def _classes(self) -> set[str]:
        return {name for _, names, _ in self._open for name in names.split()}

    def _cell(self) -> str:
        return next((name for _, _, name in self._open if name.startswith("cell-")), "")
