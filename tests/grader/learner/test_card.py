"""Cards: safe HTML, the same as plain text, readable for everybody."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.core.messages import plain
from grader.judging.verdict import State, Verdict
from grader.learner.card import COLOURS, MARKS, Card, points_text, verdict_card
from tests.grader.said import check_title, sentence


class Reader(HTMLParser):
    """Collects the tags and the visible text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.open, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_every_state_has_a_mark_and_colours_of_its_own():
    assert set(MARKS) == set(COLOURS) == set(State)
    assert len(set(MARKS.values())) == len(set(COLOURS.values())) == len(State)


texts = st.text(st.sampled_from("<>&\"'`/ab script="), max_size=20)


@given(texts, st.lists(texts, max_size=2), st.lists(st.tuples(texts, texts), max_size=2))
@settings(deadline=None, max_examples=60)
def test_no_text_becomes_a_tag_and_every_tag_is_closed(title, paragraphs, blocks):
    reader = Reader(Card(title, paragraphs, blocks)._repr_html_())
    assert set(reader.tags) <= {"div", "strong", "p", "code", "pre"}
    assert reader.open == []
    shown = "".join([title, *paragraphs, *(text for block in blocks for text in block)])
    assert reader.text.replace("`", "") == shown.replace("`", "")


def test_what_stands_between_backticks_is_code_and_a_lone_one_is_itself():
    reader = Reader(Card("t", ["call `f(x)` again", "a ` b"])._repr_html_())
    assert reader.tags.count("code") == 1
    assert reader.text == "tcall f(x) againa ` b"


def test_the_title_is_the_cards_name_for_a_screen_reader():
    html = Card('a "quoted" <title>')._repr_html_()
    assert 'role="group" aria-label="a &quot;quoted&quot; &lt;title&gt;"' in html


def test_the_plain_text_says_the_same():
    card = Card("title", ["one", "two"], [("Call", "f(x)\nx = 1")])
    assert repr(card) == "title\none\ntwo\nCall:\n    f(x)\n    x = 1"


@pytest.mark.parametrize(
    ("points", "text"), [(3, "3"), (0, "0"), (2.5, "2.5"), (4 / 3, "1.33"), (10.0, "10"), (100, "100")]
)
def test_points_have_no_needless_zeros(points, text):
    assert points_text(points) == text


def verdict(state: State, points: float = 0.0) -> Verdict:
    return Verdict("relu", state, points, 3.0, plain("Say why."), "", "relu(x)", "[1.]", "[2.]")


@pytest.mark.parametrize("state", [State.PASSED, State.FAILED, State.NOT_ATTEMPTED, State.UNGRADED])
def test_a_check_names_the_outcome_and_no_points(state):
    card = verdict_card(verdict(state), public=True)
    assert card.title == check_title("relu", state)
    assert bool(card) is (state == State.PASSED)
    assert card.colours == COLOURS[state]


def test_a_grade_names_its_points():
    assert (
        verdict_card(verdict(State.PASSED, 3.0), public=False).title
        == f"✓ relu: {sentence('state.passed')}, 3 of 3 points"
    )
    assert (
        verdict_card(verdict(State.FAILED, 1.5), public=False).title
        == f"✗ relu: {sentence('state.failed')}, 1.5 of 3 points"
    )


def test_a_failed_check_says_why_and_where_a_hint_is():
    card = verdict_card(verdict(State.FAILED), public=True)
    assert card.paragraphs == ["Say why.", sentence("card.hint", task="relu")]
    assert list(card.blocks) == [("Call", "relu(x)"), ("Came back", "[1.]"), ("Expected", "[2.]")]
    assert verdict_card(verdict(State.FAILED), public=False).paragraphs == ["Say why."]


def test_an_untouched_answer_is_told_what_comes_next():
    *_, last = verdict_card(verdict(State.NOT_ATTEMPTED), public=True).paragraphs
    assert last == sentence("card.answer")
    assert verdict_card(verdict(State.PASSED), public=True).paragraphs == []
