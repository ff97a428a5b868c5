"""`Course()`: all units, what the public checks have earned, and what comes next."""

import json
from html.parser import HTMLParser

import pytest

from grader import Course
from grader.judging.verdict import State
from grader.learner.progress import progress_of


def unit(folder, name: str, title: str, **tasks: tuple[float, bool]) -> None:
    """A unit with these tasks: their points, and whether they have a public check."""
    form = {"title": title, "tasks": {task: {"points": points, "probes": [1] if public else []}
                                      for task, (points, public) in tasks.items()}}  # fmt: skip
    (folder / ".checks").mkdir(parents=True, exist_ok=True)
    (folder / ".checks" / f"{name}.json").write_text(json.dumps(form))
    (folder / f"{name}.ipynb").touch()


@pytest.fixture
def labs(tmp_path, monkeypatch):
    unit(tmp_path / "labs", "00_start", "Start", double=(2, True), quiz_1=(1, True))
    unit(tmp_path / "labs", "01_more", "More & <more>", relu=(2.5, True), secret=(3, False))
    unit(tmp_path / "assessments", "assessment_1", "Fruit", model=(4, True))
    monkeypatch.chdir(tmp_path / "labs")
    return tmp_path / "labs"


def passed(folder, name: str, *tasks: str, state: State = State.PASSED) -> None:
    for task in tasks:
        progress_of(folder, name).record(task, state)


def test_a_course_not_begun_names_its_first_task(labs):
    assert repr(Course()).split("\n") == [
        "0 of 9.5 points by public checks; next: Start, double",
        "  Unit           State      Points by public checks                Next",
        "  Start          not begun  0 of 3                                 double",
        "  More & <more>  not begun  0 of 2.5 (3 more by the grader alone)  relu",
        "  Fruit          not begun  0 of 4                                 model",
    ]


def test_points_are_those_whose_public_checks_passed(labs):
    passed(labs, "00_start", "double", "quiz_1")
    passed(labs, "01_more", "relu", state=State.FAILED)
    first, _, start, more, _ = repr(Course()).split("\n")
    assert first == "3 of 9.5 points by public checks; next: More & <more>, relu"
    assert start.split() == ["Start", "all", "passed", "3", "of", "3", "lab.submit()"]
    assert "under way" in more


def test_what_is_under_way_comes_before_what_is_not_begun(labs):
    passed(labs, "01_more", "relu", state=State.FAILED)
    assert repr(Course()).split("\n")[0].endswith("next: More & <more>, relu")


def test_a_course_with_all_passed_has_nothing_next(labs):
    passed(labs, "00_start", "double", "quiz_1")
    passed(labs, "01_more", "relu")
    passed(labs.parent / "assessments", "assessment_1", "model")
    assert repr(Course()).split("\n")[0] == "9.5 of 9.5 points by public checks"


def test_progress_of_the_folder_in_which_the_learner_works_goes_first(labs, monkeypatch):
    mine = labs / "mine"
    mine.mkdir()
    passed(mine, "00_start", "double")
    monkeypatch.chdir(mine)
    assert repr(Course()).startswith("2 of 9.5")


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found, self.headers = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found += [dict(attrs)["href"]] if tag == "a" else []
        self.headers += [dict(attrs)["scope"]] if tag == "th" else []


def test_each_unit_links_to_its_notebook_from_where_the_learner_is(labs):
    assert Links(Course()._repr_html_()).found == [
        "00_start.ipynb", "01_more.ipynb", "../assessments/assessment_1.ipynb",
    ]  # fmt: skip
    assert Links(Course(labs.parent)._repr_html_()).found[0] == "labs/00_start.ipynb"
    (labs / "00_start.ipynb").unlink()
    assert len(Links(Course()._repr_html_()).found) == 2


def test_the_table_has_headers_and_escapes_its_words(labs):
    html = Course()._repr_html_()
    assert Links(html).headers == ["col"] * 4 + ["row"] * 3
    assert "More &amp; &lt;more&gt;" in html and "<more>" not in html
    assert 'role="progressbar" aria-label="points by public checks" aria-valuemin="0" aria-valuemax="9.5"' in html


def test_a_damaged_unit_is_a_row_and_hides_no_other(labs):
    (labs / ".checks" / "00_start.json").write_text("{")
    (labs / ".progress").mkdir()
    (labs / ".progress" / "01_more.json").write_text("[")
    shown = repr(Course())
    assert "00_start" in shown and "fetch the course again: its checks are damaged" in shown
    assert "next: More & <more>, relu" in shown


def test_outside_a_course_it_says_where_to_go(tmp_path):
    course = Course(tmp_path)
    assert repr(course) == f"No units were found from {tmp_path}. Open the notebook inside the course's folder."
    assert "No units were found" in course._repr_html_()


def test_a_folder_with_checks_of_its_own_is_a_course(tmp_path):
    unit(tmp_path, "x", "X", relu=(1, True))
    assert repr(Course(tmp_path)).startswith("0 of 1 points")
