"""What was measured, against what is to be reached."""

import pytest

from tests.bench.marks import Measured, marks
from tests.bench.timing import LongRun, Timing


@pytest.fixture
def measured():
    """A run in which every mark is reached."""
    timings = [
        Timing("nbgrader", "arrays", 1, 44.0, [2.1] * 20, 1.2),
        Timing("ours", "arrays", 1, 3.6, [0.1] * 20, 0.03),
        Timing("ours", "arrays", 2, 2.6, [0.05] * 20, 0.03),
        Timing("own code", "arrays", 1, 0.4, [0.02] * 20),
        Timing("own code", "arrays", 2, 0.2, [0.01] * 20),
        Timing("with calls", "arrays", 1, 0.6, [0.03] * 20),
    ]
    done = [0.05 * number for number in range(1, 101)]
    return Measured(timings, {"arrays": (30.0, 10.0)}, LongRun(done, [100_000_000] * 100))


def test_each_mark_says_what_was_measured(measured):
    found = {mark.what: mark for mark in marks(measured, ["training", "arrays"])}

    assert found["arrays: times nbgrader"].measured == "16.9 times (16.9 to 16.9)"
    assert (
        found["arrays: above the learner's own code"].measured
        == "0.080 s (the checks' calls of that code alone: 0.010 s)"
    )
    assert found["arrays: one worker to two"].measured == "2.00 times (its learner's code alone: 2.00)"
    assert found["arrays: a worker's private memory"].measured == "20 MB (30 less 10)"
    assert found["100 submissions: the rate"].measured == "20.0 to 20.0 a second by tenths"
    assert all(mark.reached for mark in found.values())


def test_a_mark_that_is_missed_says_so(measured):
    measured.timings[2] = Timing("ours", "arrays", 2, 20.0, [0.9] * 20, 0.5)
    measured.private["arrays"] = (200.0, 10.0)

    missed = [mark.what for mark in marks(measured, ["arrays"]) if not mark.reached]

    assert missed == [
        "arrays: times nbgrader", "arrays: a feedback page", "arrays: one worker to two",
        "arrays: a worker's private memory",
    ]  # fmt: skip


def test_a_long_run_that_slows_down_or_grows_misses_its_marks():
    slowing = LongRun([number**1.5 for number in range(1, 101)], [n * 1_000_000 for n in range(100, 200)])

    assert [mark.reached for mark in marks(Measured(long=slowing), [])] == [False, False]


def test_what_was_not_measured_has_no_mark():
    assert marks(Measured(), ["arrays"]) == []
