import re
from html import unescape
from pathlib import Path

import pytest

from grader.collecting.problems import Kind, Left, Problem
from grader.core.messages import plain
from grader.judging.verdict import State
from grader.report import ScoreRow, class_html
from tests.grader.said import sentence

ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onload='alert(1)",
    "</title><svg/onload=x>",
]
TITLES = {"01": "Lab 1", "02": "Lab 2"}


def row(learner="learner-01", task="mse", points=1.0, state=State.FAILED, misconception="", unit="01"):
    return ScoreRow(learner, unit, task, points, 2.0, state, plain("A message."), misconception)


def html(*rows, titles=TITLES, hints=None, problems=(), walled=True, links=None):
    return class_html(rows, titles, hints or {}, problems, walled, links or {})


def text(page):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page.split("</style>")[1])).split())


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_from_any_place_becomes_markup(attack):
    page = html(
        row(attack, attack, misconception=attack, unit=attack), row(attack, unit="01"),
        titles={attack: attack, "01": "Lab 1"}, hints={(attack, f"{attack}.{attack}"): attack}, problems=[attack],
        links={(attack, attack): attack, (attack, "01"): f"feedback/{attack}.html"},
    )  # fmt: skip

    assert "<script" not in page
    assert "<img" not in page
    assert not re.search(r"<[^>\"]*(\"[^\"]*\"[^>\"]*)*\son\w+=", page)


@pytest.mark.parametrize(
    "href",
    ["javascript:alert(1)", "//evil.example/a", "https://evil.example", "\\\\evil", "java\nscript:x", "", "/etc"],
)
def test_a_link_that_leads_away_is_not_made(href):
    assert "<a " not in html(row(), links={("learner-01", "01"): href})


def test_a_learner_is_linked_to_the_feedback():
    page = html(row(), links={("learner-01", "01"): "feedback/learner-01/01.html"})

    assert '<a href="feedback/learner-01/01.html"><bdi class="id">learner-01</bdi></a>' in page


def test_an_empty_class_gives_a_page():
    assert "Nothing has been graded yet." in text(html())


def test_problems_stand_above_everything_else():
    page = text(html(row(), problems=["a.ipynb: this is no notebook."]))

    assert page.index("a.ipynb: this is no notebook.") < page.index("Lab 1")


def test_who_handed_in_what_is_not_graded_stands_there_by_learner():
    problems = [
        "a.db: no learner's.",
        Problem("x/10: a PDF.", "10"),
        Problem("x/9: empty.", "9"),
        Problem("x/1: taken twice.", "1", Kind.CHOICE),
        Left(Path("x/1"), "1", [f"{number}.txt" for number in range(8)]),
    ]
    page = text(html(row(), problems=problems))
    assert "3 problems: handed in, not graded" in page
    told = ["a.db: no learner's.", "9 x/9: empty.", "10 x/10: a PDF.", "Graded; please look", "1 x/1: taken twice."]
    assert [page.index(part) for part in told] == sorted(page.index(part) for part in told)
    assert "How submissions were taken, and files that were not: 2 notes" in page
    assert all(f"`{number}.txt`" in page for number in range(8))


def test_notes_alone_are_no_problems():
    page = text(html(row(), problems=[Problem("x/1: taken twice.", "1", Kind.CHOICE)]))
    assert "not graded" not in page and "1 note " in page


def test_only_a_class_graded_without_walls_says_so():
    assert "without the sandbox's walls" not in text(html(row()))
    assert "without the sandbox's walls" in text(html(row(), walled=False))


def test_a_unit_shows_its_learners_mean_and_median():
    page = text(html(row("1", points=2.0), row("2", points=1.0), row("3", points=0.0)))

    assert "learners 3" in page
    assert "mean of 2 points 1" in page


def test_each_figure_says_in_words_what_it_shows():
    page = html(row("1", points=2.0, state=State.PASSED), row("2", points=0.0, misconception="summed"))

    labels = re.findall(r'role="img" aria-label="([^"]*)"', page)
    assert "90 to 100%: 1." in labels[0]
    assert labels[1] == "mse, summed: 1"
    assert labels[2] == f"mse: 1 {sentence('state.passed')}, 1 {sentence('state.failed')}"
    assert page.count("<title>") == 1 + len(labels)


def test_a_misconception_is_shown_with_its_hint():
    page = text(html(row(misconception="summed"), hints={("01", "mse.summed"): "Take the `mean`."}))

    assert "summed" in page
    assert "Take the mean ." in page


def test_a_verdict_is_told_by_its_mark_and_in_words():
    page = html(
        row("1", state=State.PASSED, points=2.0), row("2", points=1.0), row("3", state=State.UNGRADED, points=0)
    )

    assert f'title="mse: {sentence("state.passed")}, 2 of 2" style="color:#0b6e3b">✓' in page
    assert f'title="mse: {sentence("state.partly")}, 1 of 2"' in page
    assert f'title="mse: {sentence("state.ungraded")}, 0 of 2"' in page


def test_several_units_get_a_table_of_totals():
    page = text(html(row("1", points=2.0), row("1", points=1.5, unit="02"), row("2", points=1.0, unit="02")))

    assert "All units" in page
    assert "total of 4" in page
    assert "1 3.5 2 1.5 2 1 – 1" in page
    assert "All units" not in text(html(row()))


def test_where_most_handed_in_few_units_each_learner_gets_a_list_without_gaps():
    titles = {unit: f"Lab {unit}" for unit in ("1", "2", "3")}
    rows = [row(str(number), unit=str(number), points=1.5) for number in (1, 2, 3)]
    page = html(*rows, row("1", unit="2"), titles=titles, links={("1", "2"): "feedback/1/2.html"})

    assert "total handed in 1 2.5 Lab 1 1.5 of 2 Lab 2 1 of 2 2 1.5 Lab 2 1.5 of 2 3" in text(page)
    assert '<a href="feedback/1/2.html"><bdi>Lab 2</bdi></a> 1 ' in page


def test_learners_messages_stay_in_their_own_pages():
    assert "A message." not in html(row())


def test_a_unit_without_points_gives_a_page():
    page = html(ScoreRow("1", "01", "survey", 0.0, 0.0, State.PASSED, ()))

    assert "survey" in page


def test_a_thousand_learners_fit_into_a_page():
    page = html(*[row(f"learner-{number}", task) for number in range(1000) for task in ("a", "b", "c")])

    assert "learner-999" in page
    assert len(page) < 600_000
