"""Commands that share a gradebook: who may do what with a run, and what becomes of the claims of the dead."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine

import grader as package
from grader.core.errors import ClaimLostError
from grader.gradebook import work_claims as claims
from grader.gradebook.gradebook import Gradebook, Turn
from grader.judging.verdict import State
from tests.grader.gradebook.test_gradebook import RAN, graded, verdict

ROOT = Path(package.__file__).parents[1]


def execute(url: str, *statements: str) -> list:
    """Run statements on a database, beside the gradebook; the rows of the last."""
    engine = create_engine(url)
    with engine.begin() as connection:
        results = [connection.exec_driver_sql(statement) for statement in statements]
        rows = results[-1].all() if results[-1].returns_rows else []
    engine.dispose()
    return rows


@pytest.fixture
def two(database):
    """Two commands that have the same gradebook open, and its URL."""
    url = database()
    books = Gradebook(url), Gradebook(url)
    yield *books, url
    for book in books:
        book.close()


def test_a_run_is_one_commands_until_it_is_finished_or_given_back(two):
    first, second, _ = two
    run = first.hand_in("001", "01", "source", "bytes").run
    assert first.begin(run, True) is Turn.OURS
    assert second.begin(run, True) is Turn.TAKEN
    assert second.taken([run]) == {run} and first.taken([run]) == set()
    with first.at_work():
        pass
    assert second.taken([run]) == set()
    assert second.begin(run, True) is Turn.OURS
    second.finish(run, RAN, (), 1.0)
    assert first.begin(run, True) is Turn.DONE and second.begin(run, True) is Turn.DONE
    assert first.begin(run, True, again=True) is Turn.OURS


def test_only_who_has_claimed_a_run_writes_to_it(two):
    first, second, _ = two
    run = first.hand_in("001", "01", "source", "bytes").run
    first.begin(run, True)
    for write in (
        lambda: second.finish(run, RAN, (), 1.0, [(0, 1, verdict())]),
        lambda: second.give_up(run, [(0, 1, verdict())]),
    ):
        with pytest.raises(ClaimLostError):
            write()
    second.write(run, 0, 1, verdict())
    second.flush()
    assert second.score_rows() == [] and second.submissions() == []
    first.finish(run, RAN, (), 1.0, [(0, 1, verdict("a"))])
    first.write(run, 1, 1, verdict("b"))
    first.flush()
    assert [row.task for row in second.score_rows()] == ["a"]


def test_what_could_not_be_graded_is_shown_and_free_for_the_next_command(two):
    first, second, _ = two
    run = first.hand_in("001", "01", "source", "bytes").run
    first.begin(run, True)
    first.give_up(run, [(0, 0, verdict(state=State.UNGRADED, points=0.0))])
    assert [row.verdict for row in second.score_rows()] == [State.UNGRADED]
    assert second.begin(run, True) is Turn.OURS
    assert second.score_rows() == []


CHILD = """
import os, sys, time
from grader.gradebook.gradebook import Gradebook
book = Gradebook(sys.argv[1])
book.begin(int(sys.argv[2]), True)
print("claimed", flush=True)
time.sleep(60)
"""


def test_the_claims_of_a_process_that_is_dead_are_free_at_once(database):
    url = database()
    book = Gradebook(url)
    run = book.hand_in("001", "01", "source", "bytes").run
    command = [sys.executable, "-c", CHILD, url, str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout.readline() == "claimed\n"
        assert (book.begin(run, True), book.taken([run])) == (Turn.TAKEN, {run})
        process.kill()  # until it is waited for, something of it is left
        process.stdout.read()
        assert eventually(lambda: book.taken([run]) == set())
    assert book.begin(run, True) is Turn.OURS
    book.close()


def eventually(condition, seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.mark.parametrize(("silent", "free"), [(30, False), (120, True)])
def test_the_claims_of_another_machine_are_free_when_it_was_silent_for_long(two, silent, free):
    first, second, url = two
    run = first.hand_in("001", "01", "source", "bytes").run
    first.begin(run, True)
    execute(url, f"UPDATE commands SET place = 'elsewhere', process = '1 1', seen = seen - {silent}")
    assert second.taken([run]) == (set() if free else {run})
    if free:
        assert second.begin(run, True) is Turn.OURS
        assert first.begin(run, True) is Turn.TAKEN
    else:
        first.write(run, 0, 1, verdict())
        first.flush()
        assert [row.task for row in second.score_rows()] == ["softmax"]


def test_a_command_that_says_that_it_lives_keeps_its_claims(two):
    first, second, url = two
    run = first.hand_in("001", "01", "source", "bytes").run
    first.begin(run, True)
    execute(url, "UPDATE commands SET place = 'elsewhere', seen = seen - 120")
    first.beat()
    assert second.taken([run]) == {run}


def test_a_command_that_was_taken_for_dead_may_claim_other_runs(two):
    first, second, url = two
    runs = [first.hand_in("001", unit, "source", "bytes")[0] for unit in ("01", "02")]
    first.begin(runs[0], True)
    execute(url, "UPDATE commands SET place = 'elsewhere', seen = seen - 120")
    second.begin(runs[0], True)
    first.beat()
    assert first.begin(runs[1], True) is Turn.OURS
    assert second.taken(runs) == {runs[1]}


def test_two_gradebooks_on_one_database_write_from_many_threads(two):
    def work(number: int) -> None:
        graded(two[number % 2], f"{number:03}", verdict("a"), verdict("b"), bytes_=str(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))
    assert [len(book.score_rows()) for book in two[:2]] == [80, 80]
    assert len({run for _, _, run in two[0].submissions()}) == 40


def test_of_many_commands_that_want_the_same_run_one_gets_it(database):
    url = database()
    books = [Gradebook(url) for _ in range(6)]
    start = threading.Barrier(len(books))

    def work(book: Gradebook) -> list[int]:
        mine = []
        for number in range(12):
            start.wait()
            run = book.hand_in("001", "01", "source", str(number)).run
            if book.begin(run, True) is Turn.OURS:
                mine.append(run)
        return mine

    with ThreadPoolExecutor(len(books)) as pool:
        shares = list(pool.map(work, books))
    got = [run for share in shares for run in share]
    assert (len(got), len(set(got))) == (12, 12)
    for book in books:
        book.close()


@pytest.fixture
def afresh():
    """Which place this is, is found out anew, and so it is after the test."""
    claims._place.cache_clear()
    yield claims._place.cache_clear
    claims._place.cache_clear()


@pytest.mark.parametrize("hidden", ["BOOT_ID", "PID_NAMESPACE"])
def test_where_the_kernel_hides_the_place_a_command_lives_as_long_as_it_says_so(two, monkeypatch, afresh, hidden):
    first, second, url = two
    monkeypatch.setattr(claims, hidden, Path("/nothing/there"))
    run = first.hand_in("001", "01", "source", "bytes").run
    assert first.begin(run, True) is Turn.OURS
    afresh()  # as in another process
    execute(url, "UPDATE commands SET process = '1 1', seen = seen - 30")
    assert second.begin(run, True) is Turn.TAKEN
    execute(url, "UPDATE commands SET seen = seen - 90 WHERE process = '1 1'")
    assert second.taken([run]) == set()
    assert second.begin(run, True) is Turn.OURS
