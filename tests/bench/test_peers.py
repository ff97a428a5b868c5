"""What is read from the other graders' output."""

import pytest

from tests.bench.commands import CommandError, Ran
from tests.bench.labs import ARRAYS
from tests.bench.peers import expect_full_marks, first_times, timed


def test_a_student_begins_where_nbgrader_first_speaks_of_them():
    said = "[AutogradeApp | INFO] Creating/updating student with ID '%s': {}"
    lines = [(1.0, "starting"), (2.0, said % "001"), (3.0, said % "001"), (5.0, said % "002")]

    assert first_times(Ran(9.0, lines)) == [2.0, 5.0]


@pytest.mark.parametrize("scores", [[8.0], [8.0, 7.0]])
def test_a_grader_that_gives_less_than_full_marks_did_other_work(scores):
    expect_full_marks(ARRAYS, [8.0, 8.0], 2, "otter")
    with pytest.raises(CommandError, match="each of 2 should have 8"):
        expect_full_marks(ARRAYS, scores, 2, "otter")


def test_a_kernel_that_died_before_it_began_is_started_once_more_and_not_counted():
    answers = [
        CommandError("otter ended with 1:\nRuntimeError: Kernel died before replying to kernel_info"),
        Ran(2.5, []),
    ]

    def attempt() -> Ran:
        answer = answers.pop(0)
        if isinstance(answer, CommandError):
            raise answer
        return answer

    lost, seconds = timed(attempt)
    assert (0 < lost < 1, seconds, answers) == (True, 2.5, [])


def test_any_other_failure_ends_the_bench():
    def attempt() -> Ran:
        raise CommandError("otter ended with 2:\nno such file")

    with pytest.raises(CommandError, match="no such file"):
        timed(attempt)
