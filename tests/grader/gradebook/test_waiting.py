"""A gradebook that another program has locked: that is said in a line, and waited for."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.core.errors import GradebookError
from grader.gradebook import database as module
from grader.gradebook import waiting
from grader.gradebook.gradebook import Gradebook, Turn
from tests.grader.gradebook.test_gradebook import RAN, graded, verdict
from tests.grader.locks import another_program, locking

SOON = 15.0


@pytest.fixture
def soon_told(monkeypatch):
    """A line comes at once, not after two seconds."""
    monkeypatch.setattr(waiting, "TOLD_SECONDS", 0.05)


@pytest.fixture
def url(database):
    """A gradebook with one grade."""
    made = database()
    with Gradebook(made) as book:
        graded(book, "001")
    return made


def begun(book: Gradebook) -> int:
    run = book.hand_in("002", "01", "source", "other").run
    assert book.begin(run, True) is Turn.OURS
    book.write(run, 0, 1, verdict())
    return run


WRITES: dict[str, Callable[[Gradebook, int], object]] = {
    "hand_in": lambda book, run: book.hand_in("003", "01", "source", "third"),
    "begin": lambda book, run: book.begin(run, True),
    "flush": lambda book, run: book.flush(),
    "finish": lambda book, run: book.finish(run, RAN, (), 1.0),
    "give_up": lambda book, run: book.give_up(run, []),
    "beat": lambda book, run: book.beat(),
    "leave": lambda book, run: left(book),
    "keep_expectations": lambda book, run: book.keep_expectations("01", "other source", {}),
}


def left(book: Gradebook) -> None:
    with book.at_work():
        pass


def test_two_seconds_pass_before_anybody_is_told():
    assert waiting.TOLD_SECONDS == 2.0


@pytest.mark.parametrize("write", WRITES)
def test_whatever_is_written_waits_for_the_lock_and_says_so_once(url, soon_told, write):
    lines: list[str] = []
    told = threading.Event()
    with Gradebook(url, say=lambda text: (lines.append(text), told.set())) as book, ThreadPoolExecutor(1) as pool:
        run = begun(book)
        lines.clear()  # a machine with much to do may wait by itself
        told.clear()
        with another_program(url, locking(url)):
            work = pool.submit(WRITES[write], book, run)
            assert told.wait(SOON) and not work.done()
        work.result(SOON)
    assert len(lines) == 1
    assert lines[0].startswith("The gradebook ") and lines[0].endswith(" is locked by another program; waiting …")


def test_a_new_gradebook_that_another_program_has_locked_is_waited_for(database, soon_told):
    url, lines, told = database(), [], threading.Event()
    with Gradebook(url):
        pass
    forget = "DELETE FROM settings WHERE name = 'seed'"  # so that there is something to write
    with another_program(url, forget) as there:
        there.commit()
        there.exec_driver_sql(locking(url))
        with ThreadPoolExecutor(1) as pool:
            work = pool.submit(Gradebook, url, lambda text: (lines.append(text), told.set()))
            assert told.wait(SOON) and not work.done()
            there.rollback()
            work.result(SOON).close()
    assert len(lines) == 1


def test_a_lock_without_end_is_an_error_that_says_what_to_do(url, monkeypatch):
    for place in (waiting, module):
        monkeypatch.setattr(place, "MOST_SECONDS", 0.1)
    with Gradebook(url) as book, another_program(url, locking(url)):
        with pytest.raises(GradebookError, match="has been locked by another program for 0 minutes: end that program"):
            book.hand_in("002", "01", "source", "other")
        assert len(book.score_rows()) == 1


def test_a_command_says_so_on_stderr_and_goes_on(toy, hand_in, grader, monkeypatch, tmp_path, soon_told):
    """The lock is let go once the line has been said."""
    url = f"sqlite:///{tmp_path}/grades.db"
    with Gradebook(url):
        pass
    with another_program(url, locking(url)) as other:
        tell = waiting.Waiting._tell
        monkeypatch.setattr(waiting.Waiting, "_tell", lambda self: (tell(self), other.rollback()))
        folder = hand_in("001", "print('hello')")
        status, out, err = grader("grade", folder, "--course", toy.root, "--gradebook", url, "--timeout", 20)
    assert (status, out) == (0, "1 of 1 submissions graded now.\n")
    assert err.count(f"The gradebook {url} is locked by another program; waiting …") == 1


def test_another_error_is_not_waited_for():
    tried = []

    def fails() -> None:
        tried.append(1)
        raise ValueError("no lock")

    with pytest.raises(ValueError, match="no lock"):
        waiting.Waiting("grades.db", lambda text: None).until_free(fails, lambda error: False)
    assert len(tried) == 1
