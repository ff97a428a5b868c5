"""Every card reads on light and dark themes alike: it brings all its colours, and each text stands out by 4.5 to 1."""

import re

import pytest

from grader.core.messages import plain
from grader.judging.verdict import State, Verdict, state_words
from grader.learner.card import COLOURS, INFORMATION, MARKS, TRACK, Card, progress_html, state_text, verdict_card
from grader.learner.course_table import Course
from tests.grader.contrast import backgrounds, contrast, texts
from tests.grader.said import check_title

STATES = {f"task_{number}": state for number, state in enumerate(State)}


def verdict(state: State) -> Verdict:
    return Verdict("relu", state, 1.0, 3.0, plain("Say `why`."), "", "relu(x)", "[1.]", "[2.]")


def cards() -> dict[str, str]:
    found = {f"{state}, {public}": verdict_card(verdict(state), public=public) for state in State for public in (0, 1)}
    found["information"] = Card("hint", ["1. `np.maximum`"], [("One way", "x = 1")])
    return {name: card._repr_html_() for name, card in found.items()} | {
        "progress": progress_html("x: 1 of 4", STATES, "task_1")
    }


CARDS = cards()


@pytest.mark.parametrize("name", CARDS)
def test_every_text_of_a_card_stands_out_and_none_is_left_to_the_theme(name):
    shown = texts(CARDS[name])
    assert len(shown) >= 2
    assert [text for text in shown if text.contrast < 4.5] == []


def test_the_table_of_the_course_stands_out_too(labs):
    shown = texts(Course()._repr_html_())
    assert {"A toy", "for the grader alone", "Unit"} <= {text.text for text in shown}
    assert [text for text in shown if text.contrast < 4.5] == []


def test_the_measure_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert texts('<div style="background:#000000;color:#ffffff">a<b style="color:#777777">b</b></div>')[1].contrast < 5


def test_a_text_whose_colour_the_theme_would_choose_is_found():
    with pytest.raises(AssertionError):
        texts('<div style="background:#000000;color:#ffffff"><code>x</code></div>')


def test_how_far_the_bar_is_can_be_seen():
    fill = COLOURS[State.PASSED][0]
    html = CARDS["progress"]
    assert backgrounds(html)[:3] == [INFORMATION[1], TRACK, fill]
    assert contrast(fill, TRACK) >= 3 and contrast(fill, INFORMATION[1]) >= 3


@pytest.mark.parametrize("state", State)
def test_a_state_is_a_mark_and_a_word_where_it_is_a_colour(state):
    title = verdict_card(verdict(state), public=False).title
    assert title.startswith(f"{MARKS[state]} relu: {state_words(state)}")
    (item,) = [part for part in CARDS["progress"].split("<li") if f"color:{COLOURS[state][0]};" in part or (
        COLOURS[state][0] + '"' in part and MARKS[state] in part)]  # fmt: skip
    assert MARKS[state] in item and f": {state_text(state)}</span>" in item


def test_what_comes_next_is_said_and_not_only_shown():
    assert re.search(r'<li aria-current="step"[^>]*>.*?<strong>task_1</strong> \(next\)', CARDS["progress"])
    assert CARDS["progress"].count("aria-current") == 1


def test_a_screen_reader_gets_names_for_all_that_can_be_reached():
    html = CARDS["failed, 1"]
    assert f'role="group" aria-label="{check_title("relu", State.FAILED)}"' in html
    assert re.findall(r'<pre tabindex="0" role="group" aria-label="([^"]+)"', html) == ["Call", "Came back", "Expected"]
    numbers = 'aria-valuemin="0" aria-valuemax="5" aria-valuenow="1"'
    assert re.search(f'role="progressbar" aria-label="[^"]+" {numbers}', CARDS["progress"])
    assert '<ul role="list"' in CARDS["progress"]
    assert '<span aria-hidden="true">✓</span>' in CARDS["progress"]
