"""A feedback page in a real browser: nothing that a learner made passes for the page's own, or covers it."""

import base64
import io

import pytest
from PIL import Image

from grader.core.messages import plain
from grader.judging.verdict import State, Verdict
from grader.report import Feedback, FeedbackCell, feedback_html

pytestmark = [pytest.mark.slow, pytest.mark.browser]
VERDICT = Verdict("mse", State.FAILED, 0.5, 2.0, plain("Take the mean."), "", "mse(x)", "1", "2")
MARKS = "a" + "\u0300\u0301\u0302\u0303\u030a" * 200


def picture(width: int, height: int) -> dict:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#0b6e3b").save(out, "PNG")
    data = {"image/png": base64.b64encode(out.getvalue()).decode()}
    return {"output_type": "display_data", "metadata": {}, "data": data}


def text(words: str) -> dict:
    return {"output_type": "stream", "name": "stdout", "text": words}


@pytest.fixture(params=[1440, 900, 390])
def shown(request, browser, tmp_path):
    """Opens the page of some cells; the only verdict stands below the second."""
    page = browser.new_page(viewport={"width": request.param, "height": 1000})

    def opened(*cells: FeedbackCell, verdict: Verdict = VERDICT, learner: str = "001"):
        path = tmp_path / "page.html"
        html = feedback_html(Feedback(learner, "01", "Lab 1", cells, [(1, verdict)]))
        path.write_text(html, encoding="utf-8", errors="replace")
        page.goto(path.as_uri())
        return page

    yield opened
    page.close()


def box(page, selector: str) -> dict[str, float]:
    return page.locator(selector).first.bounding_box()


LONG = {
    "a tall picture": FeedbackCell("code", "x", [picture(1, 300_000)]),
    "a large picture": FeedbackCell("code", "x", [picture(6_000, 6_000)]),
    "many pictures": FeedbackCell("code", "x", [picture(600, 600)] * 50),
    "much text": FeedbackCell("code", "x", [text("\n" * 20_000)]),
    "a long source": FeedbackCell("code", "\n" * 19_000 + "x"),
    "a long text": FeedbackCell("markdown", "a\n\n" * 3_000),
    "a wide text": FeedbackCell("markdown", "|" + "a|" * 500 + "\n|" + "-|" * 500 + "\n|" + "a|" * 500),
}


@pytest.mark.parametrize("kind", LONG)
def test_nothing_pushes_a_card_out_of_sight(shown, kind):
    page = shown(FeedbackCell("code", "x"), LONG[kind])
    assert box(page, ".verdict")["y"] - box(page, "#cell-2")["y"] < 2_000
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_a_card_reaches_across_the_line_and_no_picture_of_one_does(shown):
    page = shown(FeedbackCell("code", "x"), FeedbackCell("code", "x", [picture(3_000, 60)]))
    card, frame, fake = (box(page, selector) for selector in (".verdict", ".outputs", ".outputs img"))
    assert card["x"] + 30 < frame["x"] < fake["x"]
    assert fake["x"] + fake["width"] < frame["x"] + frame["width"] <= card["x"] + card["width"]
    assert fake["y"] > box(page, ".outputs > .label")["y"] + box(page, ".outputs > .label")["height"]


PLACES = {
    "an output": lambda words: [FeedbackCell("code", "x"), FeedbackCell("code", "x", [text(words)])],
    "a text": lambda words: [FeedbackCell("code", "x"), FeedbackCell("markdown", words)],
    "a source": lambda words: [FeedbackCell("code", "x"), FeedbackCell("raw", words)],
}


@pytest.mark.parametrize("kind", PLACES)
def test_no_mark_is_painted_over_another_cell_or_the_head(shown, kind):
    """Marks that are stacked on one letter reach over hundreds of pixels, where nothing stops them."""
    pictures = []
    for words in ("a", MARKS):
        page = shown(*PLACES[kind](words))
        top = box(page, "#cell-2")["y"]
        above = {"x": 0, "y": 0, "width": page.viewport_size["width"], "height": top}
        pictures.append(page.screenshot(clip=above, full_page=True))
    assert pictures[0] == pictures[1]


def test_a_message_is_not_painted_over_its_own_title(shown):
    pictures = []
    for words in ("a", MARKS):
        verdict = Verdict("mse", State.FAILED, 0.5, 2.0, plain(words))
        pictures.append(shown(FeedbackCell("code", "x"), verdict=verdict).locator(".dll-card strong").screenshot())
    assert pictures[0] == pictures[1]


def test_a_learners_id_is_not_painted_over_the_head(shown):
    pictures = [
        shown(FeedbackCell("code", "x"), learner=f"0{name}").locator("h1").screenshot() for name in ("a", MARKS)
    ]
    assert pictures[0] == pictures[1]
