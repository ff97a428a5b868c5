import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.classroom.grade_class import grade
from grader.collecting.collect import Content, HandedIn, find_submissions
from grader.core.errors import CrowdedError, MissingWallError, NoServerError, SandboxError, ServerStoppedError
from grader.core.messages import Message, message, plain
from grader.gradebook.gradebook import Gradebook, Turn
from grader.judging.verdict import State
from grader.sandbox import Sandbox
from tests.grader.grading import LIMITS, Kept, states
from tests.grader.said import codes, says
from tests.grader.toy import DOUBLE, RIGHT, SETUP, TOTAL, TOY, write_source


@pytest.fixture
def url(database):
    return database()


@pytest.fixture
def book(url):
    opened = Gradebook(url)
    yield opened
    opened.close()


def told(book: Gradebook, learner: str = "001") -> dict[str, list[Message]]:
    return {row.task: says(row) for row in book.score_rows() if row.learner == learner}


PASSED, FAILED, NOT_ATTEMPTED, UNGRADED = State.PASSED, State.FAILED, State.NOT_ATTEMPTED, State.UNGRADED


def test_each_task_gets_its_verdict_below_its_check(graded, book, hand_in):
    tally = graded(hand_in("001", *RIGHT))
    assert (tally.graded, tally.kept, tally.problems) == (1, 0, [])
    outcome = book.outcome("001", "toy")
    assert [(cell, verdict.task, verdict.points) for cell, verdict in outcome.verdicts] == [
        (2, "double", 2), (4, "total", 3), (5, "quiz", 1),
    ]  # fmt: skip
    assert [cell["source"] for cell in outcome.executed["cells"]] == list(RIGHT)


def test_the_untouched_notebook_is_not_attempted_and_earns_nothing(graded, book, hand_in, toy):
    cells = [cell["source"] for cell in toy.unit("toy").starter_cells if cell["cell_type"] == "code"]
    graded(hand_in("001", *cells))
    assert set(states(book).values()) == {NOT_ATTEMPTED}
    assert {row.points for row in book.score_rows()} == {0}


@pytest.mark.parametrize(
    ("end", "code", "more"),
    [
        ("import os\nos._exit(0)", "end.status", {"status": 0}),
        ("os = __import__('os')\nos.write(200, b'garbage!')", "end.no_value", {}),
    ],
)
def test_what_stands_before_an_end_keeps_its_points(graded, book, hand_in, end, code, more):
    graded(hand_in("001", SETUP, DOUBLE, "lab.check('double')", end, TOTAL))
    assert states(book) == {"double": PASSED, "total": UNGRADED, "quiz": UNGRADED}
    reached, ended = told(book)["total"]
    assert (reached, ended.code) == (message("task.stopped_in_cell", cell=4), code)
    assert ended.arguments.items() >= more.items()
    assert book.outcome("001", "toy").executed["stopped_cell"] == 3


def test_what_stands_before_a_time_out_keeps_its_points(graded, book, hand_in):
    loop = "import time\nwhile True:\n    try:\n        time.sleep(9)\n    except BaseException: pass"
    graded(hand_in("001", SETUP, DOUBLE, "lab.check('double')", loop, TOTAL), {"seconds": 1})
    assert states(book) == {"double": PASSED, "total": UNGRADED, "quiz": UNGRADED}
    assert told(book)["quiz"] == [message("task.stopped_in_cell", cell=4), message("limit.seconds", seconds=1)]


def test_the_same_bytes_from_two_learners_run_once(graded, book, hand_in, sandbox, monkeypatch):
    runs = []
    monkeypatch.setattr(type(sandbox), "run_submission", counted(runs, Sandbox.run_submission))
    hand_in("001", *RIGHT)
    tally = graded(hand_in("002", *RIGHT))
    assert (tally.graded, len(runs)) == (2, 2)  # the reference, and the one notebook
    assert states(book, "001") == states(book, "002")
    assert (graded(hand_in("003", *RIGHT)).kept, len(runs)) == (3, 2)


def counted(calls: list, function):
    """A function that notes its calls."""
    return lambda *args, **kwargs: (calls.append(args), function(*args, **kwargs))[1]


def test_a_changed_notebook_is_graded_again_and_the_rest_is_kept(graded, book, hand_in):
    hand_in("001", *RIGHT)
    graded(hand_in("002", *RIGHT[:2]))
    tally = graded(hand_in("002", *RIGHT, "1"))
    assert (tally.graded, tally.kept) == (1, 1)
    assert states(book, "002") == dict.fromkeys(("double", "total", "quiz"), PASSED)


def test_a_mended_source_grades_everybody_again(graded, book, hand_in, toy):
    folder = hand_in("001", *RIGHT)
    graded(folder)
    write_source(toy.root, TOY.replace("points=2", "points=4"))
    assert graded(folder).graded == 1
    assert sum(row.max_points for row in book.score_rows()) == 8


def test_an_interrupted_run_is_graded_anew(graded, book, hand_in, monkeypatch):
    """The verdicts of a run that never finished are written again."""
    folder = hand_in("001", *RIGHT)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Gradebook, "finish", interrupted)
        graded(folder)
    assert book.submissions() == []
    assert graded(folder).graded == 1
    assert set(states(book).values()) == {PASSED}


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


STOPPED = ServerStoppedError("the fork server stopped: grade again")


class Dies:
    """Stands in for `Sandbox.run_submission`, which fails whenever a notebook says so."""

    def __init__(self, times: int, error: Exception) -> None:
        self._times, self._run, self._error = times, Sandbox.run_submission, error
        self.running, self.together = 0, []

    def __call__(self, sandbox, job):
        self.running += 1
        try:
            time.sleep(0.05)
            if any(cell["source"] == "die" for cell in job.cells):
                self.together.append(self.running)
                if len(self.together) <= self._times:
                    raise self._error
            return self._run(sandbox, job)
        finally:
            self.running -= 1


def dying(monkeypatch, times: int, error: Exception = STOPPED) -> Dies:
    dies = Dies(times, error)
    monkeypatch.setattr(Sandbox, "run_submission", lambda *args: dies(*args))
    return dies


FAILURES = [STOPPED, SandboxError("[Errno 109] Too many references: cannot splice"), CrowdedError("it was crowded")]


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
def test_what_a_run_failed_of_is_tried_once_more_and_alone(graded, book, hand_in, monkeypatch, error):
    for number in range(6):
        folder = hand_in(f"{number:03}", *RIGHT, str(number) if number else "die")
    dies = dying(monkeypatch, 1, error)
    tally = graded(folder)
    assert (tally.graded, tally.problems, len(dies.together), dies.together[-1]) == (6, [], 2, 1)
    assert all(set(states(book, f"{number:03}").values()) == {PASSED} for number in range(6))


@pytest.mark.parametrize("error", [*FAILURES[:2], ZeroDivisionError("a fault")], ids=lambda error: type(error).__name__)
def test_what_fails_each_time_could_not_be_graded_and_the_rest_is(graded, book, hand_in, monkeypatch, error):
    hand_in("001", *RIGHT, "die")
    folder = hand_in("002", *RIGHT)
    with monkeypatch.context() as patch:
        dying(patch, 9, error)
        tally = graded(folder)
    path = folder / "001" / "toy.ipynb"
    why = f"ZeroDivisionError: {error}" if isinstance(error, ZeroDivisionError) else str(error)
    assert tally.problems == [f"{path}: it could not be graded ({why}). The same command tries it again."]
    assert (tally.graded, set(states(book, "002").values())) == (1, {PASSED})
    assert set(states(book).values()) == {UNGRADED}
    assert all(said == [message("task.no_sandbox")] for said in told(book, "001").values())
    again = graded(folder)
    assert (again.graded, again.kept, set(states(book).values())) == (1, 1, {PASSED})


def test_a_run_that_met_a_limit_while_others_had_the_machine_counts_when_it_ran_alone(
    graded, book, hand_in, monkeypatch
):
    folder = hand_in("001", *RIGHT)
    hand_in("002", *RIGHT, "2")
    runs, run = [], Sandbox.run_submission

    def crowded(sandbox, job):
        ran = run(sandbox, job)
        if job.cells and job.cells[-1]["source"] == "2":
            runs.append(ran)
            ran.timed_out, ran.waited = True, ran.seconds
        return ran

    monkeypatch.setattr(Sandbox, "run_submission", crowded)
    assert graded(folder).graded == 2
    assert len(runs) == 2 and set(states(book, "002").values()) == {PASSED}


@pytest.mark.parametrize(
    "error", [MissingWallError("the wall 'moat' does not stand"), NoServerError("it did not start")]
)
def test_a_machine_that_cannot_grade_stops_the_command_and_the_next_grade_goes_on(
    graded, book, hand_in, monkeypatch, error
):
    def fails(*_: object) -> None:
        raise error

    folder = hand_in("001", *RIGHT)
    graded(hand_in("002", *RIGHT[:3]))
    hand_in("003", *RIGHT, "3")
    for method in ("preload", "run_submission") if isinstance(error, NoServerError) else ("preload",):
        with monkeypatch.context() as patch, pytest.raises(type(error)):
            patch.setattr(Sandbox, method, fails)
            graded(folder)
        assert states(book, "003") == {}
    assert graded(folder).graded == 1
    assert set(states(book, "003").values()) == {PASSED}


def test_a_file_that_changes_before_its_turn_is_told_and_the_rest_is_graded(graded, book, hand_in, toy, monkeypatch):
    folder = hand_in("001", *RIGHT)
    hand_in("002", *RIGHT, "2")

    def changes(self: object) -> None:
        hand_in("001", *RIGHT, "changed")

    monkeypatch.setattr(Kept, "__enter__", lambda kept: (changes(kept), kept._sandbox)[1])
    tally = graded(folder)
    path = folder / "001" / "toy.ipynb"
    assert (tally.graded, tally.problems) == (1, [f"{path}: it changed meanwhile; give the same command again."])
    assert graded(folder).graded == 1 and set(states(book).values()) == {PASSED}


def test_what_another_command_is_at_is_waited_for_and_counted_as_its(graded, url, toy, hand_in):
    folder = hand_in("001", *RIGHT)
    hand_in("002", *RIGHT, "2")
    other = Gradebook(url)
    source, data = toy.unit("toy").digest, (folder / "001" / "toy.ipynb").read_bytes()
    run = other.hand_in("001", "toy", source, Content(data).digest).run
    assert other.begin(run, True) is Turn.OURS
    said = []

    def hear(text: str) -> None:
        said.append(text)
        if text.startswith("Waiting"):
            other.finish(run, {"cells": []}, (), 1.0)

    tally = graded(folder, say=hear)
    assert (tally.graded, tally.elsewhere) == (1, 1)
    assert said[-1] == "Waiting for what another command is grading …"
    other.close()


def test_what_another_command_gives_back_is_taken_over(graded, book, url, toy, hand_in):
    folder = hand_in("001", *RIGHT)
    other = Gradebook(url)
    data = (folder / "001" / "toy.ipynb").read_bytes()
    run = other.hand_in("001", "toy", toy.unit("toy").digest, Content(data).digest).run
    with other.at_work():
        other.begin(run, True)
        with ThreadPoolExecutor(1) as pool:
            tally = pool.submit(graded, folder)
            time.sleep(1)
            assert not tally.done()
            with other.at_work():
                pass
            assert (tally.result().graded, tally.result().elsewhere) == (1, 0)
    assert set(states(book).values()) == {PASSED}
    other.close()


def test_a_run_that_was_taken_over_meanwhile_is_not_written_twice(graded, book, url, hand_in, monkeypatch):
    """Another machine took this command for dead: it waits for what that one does, and writes nothing over it."""
    folder = hand_in("001", *RIGHT)
    other = Gradebook(url)
    finish = Gradebook.finish

    def too_late(self, run, *more):
        with monkeypatch.context() as patch:
            patch.setattr("grader.gradebook.work_claims.is_dead", lambda *_: True)
            assert other.begin(run, True) is Turn.OURS
        finish(other, run, {"cells": []}, plain("The other's."), 1.0)
        finish(self, run, *more)

    monkeypatch.setattr(Gradebook, "finish", too_late)
    tally = graded(folder)
    assert (tally.graded, tally.elsewhere) == (0, 1)
    assert book.outcome("001", "toy").stopped == plain("The other's.")
    other.close()


def test_the_bytes_of_a_class_are_read_one_by_one(graded, hand_in, monkeypatch):
    """While one is graded, at most the next ones have been read: a class's notebooks are never all in memory."""
    held, most = [], []

    class Held(bytes):
        def __del__(self):
            held.pop()

    def read(self, files=()):
        held.append(1)
        most.append(len(held))
        return Content(Held(self.path.read_bytes()))

    monkeypatch.setattr(HandedIn, "read", read)
    for number in range(9):
        folder = hand_in(f"{number:03}", *RIGHT, str(number))
    assert graded(folder).graded == 9
    assert (len(most), max(most) <= 3) == (18, True)


def test_the_verdicts_of_one_notebook_are_in_the_gradebook_while_another_still_runs(graded, url, hand_in):
    hand_in("001", *RIGHT)
    folder = hand_in("002", SETUP, DOUBLE, "lab.check('double')", "import time\ntime.sleep(3)", TOTAL)
    other, seen = Gradebook(url), []
    with ThreadPoolExecutor(1) as pool:
        grading = pool.submit(graded, folder)
        while not grading.done():
            seen.append({row.learner for row in other.score_rows()})
            time.sleep(0.1)
    assert grading.result().graded == 2
    assert {"001"} in seen
    assert {"002"} not in seen
    other.close()


def test_verdicts_are_handed_to_the_gradebook_as_soon_as_they_are_known(graded, book, hand_in, monkeypatch):
    written = []
    monkeypatch.setattr(Gradebook, "write", counted(written, Gradebook.write))
    monkeypatch.setattr(Gradebook, "finish", lambda *args: written.append("finish"))
    graded(hand_in("001", *RIGHT))
    assert [call if call == "finish" else call[4].task for call in written] == ["double", "total", "quiz", "finish"]


def test_every_submission_is_told_when_it_is_done(graded, hand_in):
    told = []
    hand_in("001", *RIGHT)
    graded(hand_in("002", *RIGHT, "2"), on_done=lambda tally: told.append((tally.graded, tally.kept)))
    graded(hand_in("003", *RIGHT, "3"), on_done=lambda tally: told.append((tally.graded, tally.kept)))
    assert told == [(1, 0), (2, 0), (0, 2), (1, 2)]


def test_a_file_that_cannot_be_read_is_told_and_the_rest_is_graded(graded, book, hand_in, monkeypatch, toy):
    hand_in("001", *RIGHT)
    handed_in, _ = find_submissions([hand_in("002", *RIGHT, "2")], toy)
    handed_in[0].path.unlink()
    tally = grade(handed_in, toy, book, LIMITS)
    assert tally.problems == [f"{handed_in[0].path}: it cannot be read (No such file or directory)."]
    assert (tally.graded, states(book, "001")) == (1, {})


@pytest.mark.parametrize("seed", ["1", "2"])
def test_drawn_inputs_follow_the_gradebooks_seed(graded, book, hand_in, seed):
    """Whoever answers from memory of the public inputs fails on those that are drawn."""
    book.seed = seed
    memory = "def double(x):\n    return {1.0: [2.0, 5.0], 987654.25: [1975308.5]}.get(x[0])"
    graded(hand_in("001", SETUP, memory, "lab.check('double')"))
    (row,) = [row for row in book.score_rows() if row.task == "double"]
    assert (row.verdict, row.points) == (FAILED, 0.0)
    assert codes(row) != ["answer.right"]


def test_forged_values_earn_what_they_deserve_and_break_nothing(graded, book, hand_in):
    forge = """
import json, os, struct
def frame(form):
    data = json.dumps(form).encode()
    os.write(200, struct.pack(">I", len(data)) + data)
for value in VALUES:
    frame({"kind": "reached", "task": "total", "cell": 1})
    frame({"kind": "observed", "task": "total", "observations": SEEN})
frame({"kind": "end"})
"""
    forge = forge.replace("SEEN", "{'of_matrix': {'value': value}, 'of_row': {'value': value}}")
    odd = '[3.0, 1e300, [[]], {"dict": [["a", {"tuple": [1]}]]}, "x", None, True, 10**300, [1, "a"], {"float": "nan"}]'
    tally = graded(hand_in("001", SETUP, DOUBLE, "lab.check('double')", forge.replace("VALUES", odd)))
    assert (tally.graded, tally.problems) == (1, [])
    assert states(book) == {"double": PASSED, "total": FAILED, "quiz": UNGRADED}


def test_asides_that_were_left_as_they_were_are_not_run_unless_asked(graded, book, hand_in, toy):
    aside = '# %% tags=["aside"]\nslow = print("ran")\n\n# %%\nlab.check("double")'
    write_source(toy.root, TOY.replace('# %%\nlab.check("double")', aside))
    folder = hand_in("001", RIGHT[0], 'slow = print("ran")', 'slow = print("ran") # changed', *RIGHT[1:])
    texts = []
    for all_cells in (False, True):
        graded(folder, all_cells=all_cells, again=True)
        cells = book.outcome("001", "toy").executed["cells"]
        texts.append(["ran\n" in [output.get("text") for output in cell["outputs"]] for cell in cells[1:3]])
    assert texts == [[False, True], [True, True]]


def test_without_walls_the_gradebook_remembers_it(toy, book, hand_in):
    folder = hand_in("001", *RIGHT)
    handed_in, _ = find_submissions([folder], toy)
    assert grade(handed_in, toy, book, LIMITS, walled=False).graded == 1
    assert not book.all_walled() and not book.outcome("001", "toy").walled
    grade(handed_in, toy, book, LIMITS, again=True)
    assert book.all_walled() and set(states(book).values()) == {PASSED}
