"""What a learner made is framed on a feedback page, bounded in size, and never where the page itself speaks."""

import time
from html.parser import HTMLParser

import pytest

from grader.core.messages import plain
from grader.judging.verdict import State, Verdict
from grader.report import Feedback, FeedbackCell, feedback_html
from grader.report.markup import MOST_SHOWN_ON_PAGE
from tests.grader.report.test_cell_outputs import png
from tests.grader.said import sentence

_VOID = ("meta", "img", "br", "hr", "wbr")
MARK = "made by a learner"


class Places(HTMLParser):
    """Where each text and picture of a page is: the classes, ids and tags of all that it is within."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._open: list[str] = []
        self.texts: list[tuple[str, list[str]]] = []
        self.pictures: list[list[str]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.pictures.append([*self._open])
        if tag not in _VOID:
            self._open.append(" ".join([tag, *(value or "" for name, value in attrs if name in ("class", "id"))]))

    def handle_endtag(self, tag):
        self._open.pop()

    def handle_data(self, data):
        self.texts.append((data, [*self._open]))

    def of(self, text: str) -> list[list[str]]:
        return [place for found, place in self.texts if text in found]


def output(**data: str) -> dict:
    kinds = {"plain": "text/plain", "html": "text/html", "png": "image/png", "markdown": "text/markdown"}
    return {"output_type": "display_data", "metadata": {}, "data": {kinds[kind]: text for kind, text in data.items()}}


OUTPUTS = [
    output(plain=MARK),
    output(html=MARK),
    output(png=png(), plain=MARK),
    output(
        markdown=f"# {MARK}\n\n- {MARK}\n\n| {MARK} |\n|---|\n| {MARK} |\n\n> {MARK}\n\n[{MARK}](https://a.example)"
    ),
    {"output_type": "stream", "name": "stdout", "text": MARK},
    {"output_type": "stream", "name": "stderr", "text": MARK},
    {"output_type": "error", "ename": "E", "evalue": MARK, "traceback": [MARK]},
]


def page(*cells: FeedbackCell, verdicts: tuple = (), **more) -> str:
    return feedback_html(Feedback("001", "01", "Lab 1", cells, verdicts, **more))


def within(place: list[str], name: str) -> bool:
    return any(name in element.split() for element in place)


def test_whatever_a_cell_shows_is_in_a_box_that_says_so():
    places = Places(page(FeedbackCell("code", "x", OUTPUTS)))
    found = [*places.of(MARK), *places.pictures]
    assert len(found) == 12
    assert all(within(place, "sheet") and within(place, "outputs") and within(place, "shown") for place in found)
    assert len(places.of("Output of the notebook")) == 1


@pytest.mark.parametrize("kind", ["code", "markdown", "raw"])
def test_whatever_a_cell_says_is_on_the_notebooks_side_of_the_line(kind):
    places = Places(page(FeedbackCell(kind, f"# {MARK}")))
    assert places.of(MARK) and all(within(place, "sheet") for place in places.of(MARK))


def test_cards_are_never_on_that_side():
    verdict = Verdict("mse", State.FAILED, 0.5, 2.0, plain("Take the mean."), "", "mse(x)", "1", "2")
    places = Places(page(FeedbackCell("code", "x", OUTPUTS), verdicts=((0, verdict), (5, verdict))))
    cards = [
        *places.of("Take the mean."),
        *places.of("Judged by the grader"),
        *places.of(f"mse: {sentence('state.failed')}"),
    ]
    assert len(cards) == 6
    assert all(within(place, "verdict") and not within(place, "sheet") for place in cards)


@pytest.mark.parametrize("level", range(1, 7))
def test_no_heading_of_a_learner_is_one_of_the_pages_own(level):
    text = f"{'#' * level} {MARK}\n\n"
    places = Places(page(FeedbackCell("markdown", text), FeedbackCell("code", "x", [output(markdown=text)])))
    headings = [place[-1].split()[0] for place in places.of(MARK)]
    assert headings == [f"h{min(level + 2, 6)}"] * 2
    own = {place[-1].split()[0] for name in ("Lab 1", "The notebook, as it ran") for place in places.of(name)}
    assert own == {"title", "bdi", "h2"}


def table(columns: int) -> str:
    return "a|" * columns + "\n" + "-|" * columns + "\n" + "|\n" * ((9_900 - 4 * columns) // 2)


OUTPUT = {"output_type": "stream", "name": "stdout", "text": '"' * 10_000}
HUGE = {
    "tables of empty cells": [FeedbackCell("markdown", table(columns)) for columns in (10, 50, 100, 250, 400, 800) * 3],
    "lines that look like tables": [FeedbackCell("markdown", "a|b\n-|-\n" * 1_200)] * 16,
    "small tables": [FeedbackCell("markdown", "|a|\n|-|\n\n" * 1_100)] * 16,
    "operators": [FeedbackCell("code", "a+" * 4_900 + "a")] * 16,
    "quotes in code": [FeedbackCell("code", '"' * 2_500)] * 2_000,
    "quotes in text": [FeedbackCell("raw", '"' * 20_000)] * 250,
    "quotes in outputs": [FeedbackCell("code", "x", [OUTPUT] * 20)] * 40,
    "many outputs": [FeedbackCell("code", "x", [{**OUTPUT, "text": "1"}] * 500)] * 2_000,
    "links": [FeedbackCell("markdown", "[a](http://a.bc) " * 580)] * 16,
}


@pytest.mark.parametrize("kind", HUGE)
def test_no_notebook_makes_a_page_that_takes_long_or_is_large(kind):
    started = time.process_time()
    html = page(*HUGE[kind])
    assert time.process_time() - started < 5
    assert len(html) < MOST_SHOWN_ON_PAGE + 1_500_000  # what the page itself needs for 2,000 cells


def test_a_page_that_is_full_says_so_and_keeps_every_card():
    verdict = Verdict("mse", State.PASSED, 2.0, 2.0, ())
    html = page(*HUGE["quotes in text"], verdicts=((249, verdict),))
    assert "left out: this page is full" in html and f"mse: {sentence('state.passed')}, 2 of 2 points" in html


def test_an_honest_table_stays_one():
    text = "\n".join(["| a | b |", "|---|---|", *(f"| {n} | {n * n} |" for n in range(200))])
    assert page(FeedbackCell("markdown", text)).count("<tr>") == 201


@pytest.mark.parametrize(("lines", "focusable"), [(3, False), (500, True)])
def test_what_may_have_to_be_scrolled_can_be_reached_by_keys(lines, focusable):
    text = "\n\n".join(["x"] * lines)
    html = page(FeedbackCell("code", text, [{**OUTPUT, "text": text}]), FeedbackCell("markdown", text))
    names = ("Source of cell 1", "Output of cell 1", "Text of cell 2")
    assert [f'tabindex="0" role="group" aria-label="{name}"' in html for name in names] == [focusable] * 3
