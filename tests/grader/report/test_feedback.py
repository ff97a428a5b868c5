import dataclasses
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.core.messages import message, plain
from grader.judging.verdict import State, Verdict
from grader.report import Feedback, FeedbackCell, feedback_html
from grader.report.formulas import ELEMENTS
from tests.grader.said import sentence

ATTACKS = [
    "<script>alert(1)</script>",
    "</pre></div><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title><script>alert(1)</script>",
    "</style><svg onload=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](java\tscript:alert(1)) <javascript:alert(1)>",
    "![x](x onerror=alert(1))",
    "```<script>\nx\n```<script>",
    "$</span><script>alert(1)</script>$",
    "{{ 7 * 7 }}{% raw %}",
    "<!--",
    "\ud800<script>",
]
TAGS = (
    "html head meta title style body main header h1 h2 h3 h4 h5 h6 p strong em s bdi div nav ul ol li a span section "
    "pre code img table thead tbody tr th td details summary br hr blockquote svg defs pattern rect circle text line "
    "figure figcaption dl dt dd"
)


class Page(HTMLParser):
    """A page's tags and attributes, as a browser would see them; `text` is what a reader sees."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text, self.ids = set(), [], "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_data(self, data):
        self.text += data

    def named(self, name):
        return [value for _, key, value in self.attributes if key == name]


def assert_harmless(html):
    page = Page(html)
    assert page.tags <= {*TAGS.split(), "math", *ELEMENTS}
    assert not [name for _, name, _ in page.attributes if name.startswith("on") or name in ("srcdoc", "action")]
    assert all(src.startswith("data:image/") for src in page.named("src"))
    assert all(href.startswith(("#", "http://", "https://", "feedback/")) for href in page.named("href"))
    html.encode()


def verdict(task="mse", state=State.FAILED, points=0.5, message="Take the mean.", **more):
    return Verdict(task, state, points, 2.0, plain(message), **more)


def feedback(cells=(), verdicts=(), **more):
    return Feedback("learner-07", "01_losses", "Lab 1: Losses", cells, verdicts, **more)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_from_any_place_becomes_markup(attack):
    outputs = [
        {"output_type": "stream", "name": attack, "text": attack},
        {"output_type": "error", "ename": attack, "evalue": attack, "traceback": [attack]},
        {"output_type": attack},
        *[
            {"output_type": "display_data", "data": {mime: attack}, "metadata": {mime: {"alt": attack}}}
            for mime in ("text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/svg+xml",
                         "application/javascript", attack)
        ],
    ]  # fmt: skip
    cells = [FeedbackCell(kind, attack, outputs) for kind in ("code", "markdown", "raw", attack)]
    judged = verdict(attack, message=attack, call=attack, came_back=attack, expected=attack)
    page = Feedback(attack, attack, attack, cells, [(0, judged), (9, judged)], plain(attack), 1, False, [plain(attack)])

    assert_harmless(feedback_html(page))


words = st.text(alphabet="<>&\"'`$*_[]()!#\n\\ abc:/|-=~{}%\ud800", max_size=40) | st.sampled_from(ATTACKS)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["code", "markdown", "raw"]), words, words), max_size=4))
def test_no_text_that_a_learner_makes_becomes_markup(made):
    cells = [
        FeedbackCell(kind, source, [{"output_type": "display_data", "data": {"text/markdown": out, "text/plain": out}}])
        for kind, source, out in made
    ]

    assert_harmless(feedback_html(feedback(cells)))


def test_the_page_may_load_nothing_and_run_nothing():
    html = feedback_html(feedback())

    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in Page(html).named("content")[0]
    assert "http-equiv" in html
    assert "<script" not in html
    assert "//" not in html


def test_the_head_gives_the_learner_the_unit_and_the_points():
    verdicts = [(0, verdict("mse", points=0.5)), (0, verdict("relu", State.PASSED, 2.0, "Right."))]
    text = Page(feedback_html(feedback([FeedbackCell("code", "x")], verdicts))).text

    assert "Learner learner-07" in text
    assert "2.5 of 4 points" in text


def test_every_task_is_linked_to_its_card():
    page = Page(feedback_html(feedback([], [(0, verdict("mse")), (0, verdict("mse")), (5, verdict("relu"))])))

    anchors = [href[1:] for href in page.named("href") if href.startswith("#task-")]
    assert len(anchors) == 3
    assert all(page.named("id").count(anchor) == 1 for anchor in anchors)


def test_a_card_stands_below_the_cell_that_it_judges():
    cells = [FeedbackCell("code", "first"), FeedbackCell("code", "second")]
    html = feedback_html(feedback(cells, [(0, verdict("mse")), (2, verdict("relu"))]))

    places = [html.index(text) for text in ("first", 'id="task-1"', "second", "Judged at the end", 'id="task-2"')]
    assert places == sorted(places)


@pytest.mark.parametrize("place", [-1, 2, 10**6])
def test_a_verdict_without_a_cell_stands_at_the_end(place):
    html = feedback_html(feedback([FeedbackCell("code", "x")], [(place, verdict())]))

    assert html.index("Judged at the end") < html.index('id="task-1"')


def test_the_card_replaces_the_placeholder_of_the_check():
    handed_in = {"output_type": "execute_result", "data": {"text/plain": "mse: handed in\nThe grader judges this."}}
    html = feedback_html(feedback([FeedbackCell("code", 'lab.check("mse")', [handed_in])], [(0, verdict("mse"))]))

    assert "handed in" not in html
    assert f"mse: {sentence('state.failed')}, 0.5 of 2 points" in html


def test_the_page_shows_what_the_verdict_carries_and_no_hint_beyond_it():
    text = Page(feedback_html(feedback([], [(0, verdict(misconception="summed"))]))).text

    assert "Take the mean." in text
    assert "Expected" not in text
    assert "summed" not in text
    assert "lab.hint" not in text


def test_a_stopped_run_says_where_and_what_was_not_run():
    cells = [FeedbackCell("code", str(number)) for number in range(3)]
    html = feedback_html(feedback(cells, stopped=(message("limit.seconds", seconds=60),), stopped_cell=1))
    page = Page(html)

    assert sentence("limit.seconds", seconds=60) in " ".join(page.text.split())
    assert [number for number in (1, 2, 3) if f"Cell {number} · " in page.text] == [2]
    first, second = (found.start() for found in re.finditer('class="banner"', html))
    assert first < html.index('id="cell-1"') and html.index('id="cell-2"') < second < html.index('id="cell-3"')
    assert "#cell-2" in page.named("href")


def test_a_run_that_stopped_nowhere_in_particular_names_no_cell():
    page = Page(feedback_html(feedback(stopped=(message("end.crash", signal="SIGSEGV"),))))

    assert sentence("end.crash", signal="SIGSEGV") in " ".join(page.text.split())
    assert not [href for href in page.named("href") if href.startswith("#cell-")]


def test_only_a_page_made_without_walls_says_so():
    walled = feedback([])

    assert "without the sandbox's walls" not in Page(feedback_html(walled)).text
    assert "without the sandbox's walls" in Page(feedback_html(dataclasses.replace(walled, walled=False))).text


@pytest.mark.parametrize("source", [None, 3, ["x = ", "1"], [1]])
def test_a_source_of_any_form_gives_a_page(source):
    assert_harmless(feedback_html(feedback([FeedbackCell("code", source, None), FeedbackCell("markdown", source)])))


def test_the_states_are_told_by_mark_and_word():
    verdicts = [(0, verdict(str(number), state)) for number, state in enumerate(State)]
    text = Page(feedback_html(feedback([], verdicts))).text

    codes = {"✓": "state.passed", "✗": "state.failed", "○": "state.not_attempted", "?": "state.ungraded"}
    for mark, code in codes.items():
        assert mark in text
        assert sentence(code) in text


def test_why_nothing_could_be_graded_is_said_once():
    why = (message("task.no_notebook", problem="Not this file."),)
    verdicts = [(0, Verdict(task, State.UNGRADED, 0.0, 2.0, why)) for task in ("one", "two", "three")]
    html = feedback_html(Feedback("001", "toy", "A toy", [], verdicts))
    assert html.count("Not this file.") == 1
    assert "Judged at the end" not in html and "There are no cells" not in html
    assert Page(html).named("href").count("#unread") == 3
    ran = feedback_html(Feedback("001", "toy", "A toy", [FeedbackCell("code", "1")], verdicts))
    assert ran.count("Not this file.") == 3
