"""Reading a gradebook waits for nobody, and nobody waits for a reader."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.gradebook import waiting
from grader.gradebook.gradebook import Gradebook, Turn
from tests.grader.gradebook.test_gradebook import RAN, graded, verdict
from tests.grader.locks import another_program, locking, writing

SOON = 15.0  # seconds: a lock would hold for far longer

READS: dict[str, Callable[[Gradebook], object]] = {
    "scores": lambda book: len(book.score_rows()),
    "submissions": lambda book: [learner for learner, _, _ in book.submissions()],
    "a page": lambda book: book.outcome("001", "01").learner,
    "expectations": lambda book: book.expectations("01", "source"),
    "walls": lambda book: book.all_walled(),
    "what could not be graded": lambda book: book.ungraded({("001", "01")}),
}
READ = {
    "scores": 1, "submissions": ["001"], "a page": "001", "expectations": None, "walls": True,
    "what could not be graded": False,
}  # fmt: skip


@pytest.fixture
def url(database):
    """A gradebook with one grade."""
    made = database()
    with Gradebook(made) as book:
        graded(book, "001")
    return made


def soon(work: Callable[[], object]) -> object:
    """What something gives that is done at once."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result(SOON)


@pytest.mark.parametrize("read", READS)
def test_a_reader_does_not_wait_for_a_program_that_writes(url, read):
    with Gradebook(url) as book, another_program(url, writing(url)):
        assert soon(lambda: READS[read](book)) == READ[read]


def test_a_gradebook_is_opened_while_another_program_writes(url):
    def opened() -> int:
        with Gradebook(url) as book:
            return len(book.score_rows())

    with another_program(url, writing(url)):
        assert soon(opened) == 1


def test_a_reader_does_not_wait_for_a_thread_that_waits_to_write(url, monkeypatch):
    monkeypatch.setattr(waiting, "TOLD_SECONDS", 0.05)
    waits = threading.Event()
    with Gradebook(url, say=lambda text: waits.set()) as book, ThreadPoolExecutor(1) as pool:
        run = book.hand_in("002", "01", "source", "other").run
        with another_program(url, locking(url)):
            begun = pool.submit(book.begin, run, True)
            assert waits.wait(SOON)
            assert soon(lambda: {name: read(book) for name, read in READS.items()}) == READ
            assert not begun.done()
        assert begun.result(SOON) is Turn.OURS


def test_nobody_who_writes_waits_for_a_reader(url):
    def graded_too() -> int:
        with Gradebook(url) as book:
            run = book.hand_in("002", "01", "source", "other").run
            book.begin(run, True)
            book.finish(run, RAN, (), 1.0, [(0, 1, verdict())])
            return len(book.score_rows())

    with another_program(url, "BEGIN", "SELECT * FROM runs"):
        assert soon(graded_too) == 2


def test_many_threads_read_at_once(url):
    """More than a pool of connections holds by itself: none waits until another is done."""
    start = threading.Barrier(24)
    with Gradebook(url) as book, ThreadPoolExecutor(24) as pool:

        def read(_: int) -> int:
            with book._reading():  # as long as a slow page
                start.wait(SOON)
            return len(book.score_rows())

        assert list(pool.map(read, range(24))) == [1] * 24
