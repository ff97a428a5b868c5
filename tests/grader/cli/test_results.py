"""Forgetting a learner: what a wrong name left behind can be removed, and nothing of anybody else."""

import io

import pytest

from grader.core.errors import GradebookError
from grader.gradebook.gradebook import Gradebook
from tests.grader.gradebook.test_gradebook import RAN, graded, verdict
from tests.grader.locks import another_program


def count(url: str) -> dict[str, int]:
    tables = ("submissions", "runs", "verdicts")
    with another_program(url) as connection:
        return {table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() for table in tables}


@pytest.fixture
def url(database):
    """Two units of `old`, who is `new` in one of them by now, and one unit of somebody else."""
    made = database()
    with Gradebook(made) as book:
        graded(book, "old", bytes_="mine")
        book.hand_in("new", "01", "source", "mine")
        graded(book, "other", bytes_="theirs")
        run = book.hand_in("old", "02", "source", "mine too").run
        book.begin(run, True)
        book.finish(run, RAN, (), 1.0, [(0, 1, verdict())])
    return made


def test_a_learner_is_forgotten_with_what_is_nobody_elses(url):
    with Gradebook(url) as book:
        assert book.handed_in("old") == ["01", "02"]
        book.forget("old", ["01", "02"])
        assert book.handed_in("old") == []
        assert [(learner, unit) for learner, unit, _ in book.submissions()] == [("new", "01"), ("other", "01")]
        assert len(book.score_rows()) == 2
    assert count(url) == {"submissions": 2, "runs": 2, "verdicts": 2}


def test_one_unit_may_be_forgotten_alone(url):
    with Gradebook(url) as book:
        book.forget("old", ["02"])
        assert book.handed_in("old") == ["01"]
    assert count(url) == {"submissions": 3, "runs": 2, "verdicts": 2}


def test_what_a_command_is_grading_is_not_taken_away_under_it(url):
    with Gradebook(url) as grading, Gradebook(url) as book:
        run = grading.hand_in("old", "03", "source", "at work").run
        grading.begin(run, True)
        with pytest.raises(GradebookError, match="a command is grading this learner's notebook: wait until it is done"):
            book.forget("old", ["03"])
        assert book.handed_in("old") == ["01", "02", "03"]
        with grading.at_work():
            pass
        book.forget("old", ["03"])
        assert book.handed_in("old") == ["01", "02"]


def test_the_command_asks_first(url, grader, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    status, out, err = grader("forget", "old", "--gradebook", url)
    assert (status, out.strip()) == (1, "")
    assert "Remove what learner 'old' handed in (01, 02)?" in err
    assert count(url)["submissions"] == 4
    assert grader("forget", "old", "--gradebook", url, "--unit", "02", "--yes")[:2] == (
        0, "Removed: 02. Reports written before still have the pages.\n",
    )  # fmt: skip
    assert grader("forget", "old", "--gradebook", url, "--yes")[0] == 0
    assert count(url)["submissions"] == 2


def test_who_is_not_there_is_told(url, grader):
    for words, what in ([], "nothing"), (["--unit", "07"], "no '07'"):
        status, _, err = grader("forget", "nobody", "--gradebook", url, "--yes", *words)
        assert (status, err) == (2, f"grader: learner 'nobody' has handed in {what} in this gradebook.\n")
