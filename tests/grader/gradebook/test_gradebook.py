import re
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine

from grader.core.errors import GradebookError
from grader.core.messages import MOST_TEXT, plain
from grader.gradebook import database as module
from grader.gradebook.gradebook import Gradebook, Turn
from grader.judging.expectation import Expectation
from grader.judging.observe import Failure, Observation
from grader.judging.verdict import State, Verdict
from grader.units.inputs import DRAWS, draw_for
from tests.grader.said import words

ROOT = Path(module.__file__).parents[2]
RAN = {"cells": [{"cell_type": "code", "source": "é\ud800", "outputs": []}], "stopped_cell": None}


@pytest.fixture
def book(database):
    opened = Gradebook(database())
    yield opened
    opened.close()


def verdict(task: str = "softmax", state: State = State.PASSED, points: float = 2.0, **more: str) -> Verdict:
    return Verdict(task, state, points, 2.0, plain(more.pop("message", "Right.")), **more)


def graded(book: Gradebook, learner: str, *verdicts: Verdict, bytes_: str = "b", walled: bool = True) -> int:
    run = book.hand_in(learner, "01", "source", bytes_).run
    assert book.begin(run, walled) is Turn.OURS
    for position, one in enumerate(verdicts or [verdict()]):
        book.write(run, position, 3, one)
    book.finish(run, RAN, (), 1.5)
    return run


def test_the_seed_is_made_once_and_kept(tmp_path):
    path = str(tmp_path / "grades.db")
    seeds = []
    for url in (path, f"sqlite:///{path}", path):
        opened = Gradebook(url)
        seeds.append(opened.seed)
        opened.close()
    assert len(set(seeds)) == 1 and len(seeds[0]) == 32
    other = Gradebook("sqlite://")
    assert other.seed != seeds[0]
    other.close()


def test_the_same_bytes_are_one_run_for_everybody_and_finished_once(book):
    first = book.hand_in("001", "01", "source", "bytes")
    assert first.finished is False
    book.begin(first.run, True)
    book.finish(first.run, RAN, (), 0.0)
    assert book.hand_in("001", "01", "source", "bytes") == first._replace(finished=True)
    assert book.hand_in("002", "01", "source", "bytes") == first._replace(finished=True)


def test_other_bytes_of_a_learner_get_another_draw_than_those_before(book):
    draws = [book.hand_in("001", "01", "source", f"bytes {number}").draw for number in range(50)]
    assert all(one != following for one, following in pairwise(draws))
    assert set(draws) == set(range(DRAWS))


def test_the_draw_of_learners_first_hand_ins_is_told_by_their_bytes_and_the_secret_alone(book):
    draws = [book.hand_in(f"{number:03}", "01", "source", f"bytes {number}").draw for number in range(50)]
    assert draws == [draw_for(book.seed, f"bytes {number}") for number in range(50)]
    assert set(draws) == set(range(DRAWS))
    assert [draw_for("another secret", f"bytes {number}") for number in range(50)] != draws


def test_a_run_keeps_its_draw_whoever_hands_the_same_bytes_in(book):
    first = book.hand_in("001", "01", "source", "bytes")
    book.hand_in("002", "01", "source", "other")
    assert book.hand_in("002", "01", "source", "bytes") == first


@pytest.mark.parametrize("other", [("02", "source", "b"), ("01", "mended", "b"), ("01", "source", "c")])
def test_another_unit_source_or_notebook_is_another_run(book, other):
    run = graded(book, "001")
    again = book.hand_in("001", *other)
    assert (again.run != run, again.finished) == (True, False)


def test_a_run_that_was_begun_but_not_finished_is_graded_anew(book):
    run = book.hand_in("001", "01", "source", "bytes").run
    book.begin(run, True)
    book.write(run, 0, 1, verdict("half"))
    book.flush()
    assert [row.task for row in book.score_rows()] == ["half"]
    book.write(run, 1, 1, verdict("unwritten"))
    again = book.hand_in("001", "01", "source", "bytes")
    assert (again.run, again.finished) == (run, False)
    book.begin(run, True)
    book.write(run, 0, 1, verdict("whole"))
    book.finish(run, RAN, (), 1.0)
    assert [row.task for row in book.score_rows()] == ["whole"]


def test_a_later_verdict_replaces_an_earlier_one(book):
    graded(book, "001", verdict(points=0.5, state=State.FAILED, message="No."), verdict("relu"), verdict())
    rows = [(row.task, row.points, row.verdict, words(row)) for row in book.score_rows()]
    assert rows == [("relu", 2.0, State.PASSED, "Right."), ("softmax", 2.0, State.PASSED, "Right.")]


def test_a_verdict_is_there_after_a_flush_and_a_later_one_in_its_place(book):
    run = book.hand_in("001", "01", "source", "bytes").run
    book.begin(run, True)
    book.write(run, 0, 1, verdict(points=0.5))
    assert book.score_rows() == []
    for points in (1.0, 2.0):
        book.write(run, 0, 1, verdict(points=points))
        book.flush()
        book.flush()
        assert [row.points for row in book.score_rows()] == [points]


def test_what_could_not_come_to_its_end_keeps_what_was_judged(book):
    run = book.hand_in("001", "01", "source", "bytes").run
    book.begin(run, True)
    book.write(run, 0, 1, verdict("relu"))
    book.give_up(run, [(1, 1, verdict(state=State.UNGRADED, points=0.0))])
    assert [(row.task, row.points) for row in book.score_rows()] == [("relu", 2.0), ("softmax", 0.0)]


def test_a_learners_latest_notebook_counts(book):
    graded(book, "001", verdict(points=1.0), bytes_="first")
    graded(book, "001", verdict(points=0.0), bytes_="second")
    assert [row.points for row in book.score_rows()] == [0.0]
    book.hand_in("001", "01", "source", "first")
    assert [row.points for row in book.score_rows()] == [1.0]


def test_rows_stand_by_learner_and_in_the_units_order(book):
    graded(book, "002", verdict("z"), verdict("a"))
    graded(book, "001", verdict("z"), verdict("a"), bytes_="other")
    assert [(row.learner, row.task) for row in book.score_rows()] == [
        ("001", "z"), ("001", "a"), ("002", "z"), ("002", "a"),
    ]  # fmt: skip


def test_an_outcome_is_all_that_was_written(book):
    told = verdict(
        state=State.FAILED, points=0.5, message="No.", misconception="no_max", call="f(x)", came_back="1", expected="2"
    )
    run = graded(book, "001", told, walled=False)
    outcome = book.outcome("001", "01")
    assert (outcome.run, outcome.verdicts, outcome.walled) == (run, [(3, told)], False)
    assert outcome.executed == RAN


def test_what_is_not_finished_is_no_submission_that_has_feedback(book):
    graded(book, "001")
    book.begin(book.hand_in("002", "01", "source", "other")[0], True)
    assert [(learner, unit) for learner, unit, _ in book.submissions()] == [("001", "01")]


def test_a_class_is_walled_where_every_submission_that_counts_is(book):
    assert book.all_walled()
    graded(book, "001", walled=False)
    assert not book.all_walled()
    graded(book, "001", bytes_="handed in again")
    assert book.all_walled()


def test_what_could_not_be_graded_is_asked_of_some_submissions(book):
    graded(book, "001", verdict(), verdict("relu", State.UNGRADED, 0.0))
    graded(book, "002", bytes_="other")
    asked = [{("001", "01")}, {("002", "01")}, {("001", "01"), ("002", "01")}, {("001", "02")}, set()]
    assert [book.ungraded(of) for of in asked] == [True, False, True, False, False]


def test_expectations_come_back_as_they_were(book):
    seen = {"p": Observation(np.arange(6.0).reshape(2, 3)), "q": Observation(failure=Failure("ValueError", "é"))}
    wrong = {"m": {"p": Observation((1, float("nan")), changed=("x",))}}
    kept = Expectation(seen, {"p": Observation(None)}, wrong, {"a": {"p": Observation({"k": [True]})}})
    assert book.expectations("01", "source") is None
    book.keep_expectations("01", "source", [{}, {"softmax": kept}])
    first, second = book.expectations("01", "source")
    assert first == {}
    back = second["softmax"]
    np.testing.assert_array_equal(back.reference["p"].value, [[0, 1, 2], [3, 4, 5]])
    assert repr((back.reference["q"], back.starter, back.misconceptions, back.alternatives)) == repr(
        (seen["q"], kept.starter, wrong, kept.alternatives)
    )
    assert book.expectations("01", "mended") is None


def test_what_was_observed_first_is_kept(book):
    """Two commands may observe a reference at the same time; both judge by the same."""
    first, second = ([{"softmax": Expectation({"p": Observation(n)}, {}, {}, {})}] for n in (1, 2))
    assert book.keep_expectations("01", "source", first)
    assert not book.keep_expectations("01", "source", second)
    assert book.expectations("01", "source")[0]["softmax"].reference["p"].value == 1


def test_no_expected_value_of_another_seed_is_used(database):
    """Two gradebooks share nothing, though their units and sources are the same."""
    books = [Gradebook(database()) for _ in range(2)]
    books[0].keep_expectations("01", "source", [{}])
    assert [book.expectations("01", "source") for book in books] == [[{}], None]
    for book in books:
        book.close()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("nonsense://x", "it is no SQLAlchemy URL; write sqlite:///gradebook.db or postgresql://host/name"),
        ("://", "it is no SQLAlchemy URL"),
        ("postgresql://host:port/db", "it is no SQLAlchemy URL"),
        ("sqlite://host/grades.db", "it is no SQLAlchemy URL"),
        ("mysql+pymysql://host/db", r"its driver is not installed \(No module named 'pymysql'\)"),
        ("/nowhere/at/all/grades.db", "the folder /nowhere/at/all does not exist|unable to open database file"),
        ("/", "it is a folder; name a file in it, such as gradebook.db"),
        ("", "its name is empty; name a file, such as gradebook.db"),
        ("sqlite:////tmp/grades.db?pace=slow", r"SQLite does not know an option of its address \(pace\)"),
    ],
)
def test_a_gradebook_that_cannot_be_opened_says_why_in_a_line(url, reason):
    shown = re.escape(url.partition("?")[0])  # behind it may stand a password
    with pytest.raises(GradebookError, match=f"^the gradebook {shown} cannot be opened: ({reason})") as caught:
        Gradebook(url)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+nodriver://teacher:SECRET@host/db", "mysql+pymysql://:SECRET@host/db", "nonsense://a:SECRET@h",
        "postgresql://teacher:SECRET@host:port/db", "mysql+pymysql://host/db?password=SECRET&x=1",
        "nonsense://host/db?a=b@c&password=SECRET", "nonsense://a:SECRET?@h/db", "nonsense://a:b@SECRET@host/db",
        "nonsense://host/db?password=SECRET@x",
    ],
)  # fmt: skip
def test_no_password_is_shown(url):
    with pytest.raises(GradebookError, match="cannot be opened") as caught:
        Gradebook(url)
    assert "SECRET" not in str(caught.value)
    assert url.split(":")[0] in str(caught.value)


def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path):
    path = tmp_path / "grades.db"
    path.write_text("learner,points\n" * 99)
    with pytest.raises(GradebookError, match="file is not a database"):
        Gradebook(str(path))
    assert path.read_text() == "learner,points\n" * 99


def test_a_database_that_fails_later_is_an_error_in_a_line(database):
    url = database()
    opened = Gradebook(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE verdicts")
    engine.dispose()
    with pytest.raises(GradebookError, match='cannot be used: (no such table: verdicts|relation "verdicts" does)'):
        opened.score_rows()
    opened.close()


@pytest.mark.parametrize("text", ["a\0b", "\ud83d", "é\u202e", "x" * 100_000])
def test_whatever_a_learner_prints_is_stored(book, text):
    told = verdict(state=State.FAILED, message=text, misconception=text[:300], call=text, came_back=text)
    run = book.hand_in("001", "01", "source", "bytes").run
    book.begin(run, True)
    book.finish(run, {"cells": [text]}, plain(text), 1.0, [(0, 3, told)])
    outcome = book.outcome("001", "01")
    stored = text.replace("\0", "\ufffd").replace("\ud83d", "\ufffd")[:MOST_TEXT]
    assert (words(outcome.verdicts[0][1]), words(outcome.stopped)) == (stored, stored)
    assert (outcome.verdicts[0][1].call, outcome.executed) == (text, {"cells": [text]})
    assert words(book.score_rows()[0]) == stored


def test_long_names_are_stored(book):
    learners = [r"\xff" * 255, "é" * 127, "a" * 255]
    for learner in learners:
        graded(book, learner, verdict("t" * 255), bytes_=learner[:64])
    assert [row.learner for row in book.score_rows()] == sorted(learners)


def test_names_are_sorted_alike_everywhere(book):
    for learner in ("b", "B", "a b", "ab", "Ä", "10", "9"):
        graded(book, learner, bytes_=learner)
    rows, submissions = book.score_rows(), book.submissions()
    assert [row.learner for row in rows] == ["10", "9", "B", "a b", "ab", "b", "Ä"]
    assert [learner for learner, _, _ in submissions] == [row.learner for row in rows]


def test_gradebooks_that_are_opened_at_the_same_moment_share_a_seed(database):
    url = database()
    start = threading.Barrier(6)

    def work(_: int) -> str:
        start.wait()
        opened = Gradebook(url)
        opened.close()
        return opened.seed

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(work, range(6)))) == 1


def test_any_database_will_do_where_sqlalchemy_speaks_to_it(tmp_path):
    """A URL with a driver's name and options reaches the same file as its plain path."""
    opened = Gradebook(f"sqlite+pysqlite:///{tmp_path}/grades.db?timeout=5")
    graded(opened, "001")
    opened.close()
    engine = create_engine(f"sqlite:///{tmp_path}/grades.db")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT learner FROM submissions").scalars().all() == ["001"]
    engine.dispose()
