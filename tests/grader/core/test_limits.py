import pytest

from grader.core.cores import cores
from grader.core.errors import SourceError
from grader.core.limits import Limits
from tests.grader.said import words


def test_the_parts_of_the_time_follow_from_the_whole():
    limits = Limits(seconds=60)
    assert (limits.cell_seconds, limits.last_call) == (30, 54)


def test_cpu_time_is_the_wall_time_on_every_core_unless_it_is_set():
    assert Limits(seconds=60).cpu == 60 * cores()
    assert Limits(seconds=60, cpu_seconds=7).cpu == 7


@pytest.mark.parametrize("value", [-1, 0, float("nan"), float("inf"), "300", None, True])
def test_a_limit_is_a_number_above_0(value):
    with pytest.raises(SourceError, match="the limit memory must be a number above 0, not"):
        Limits(memory=value)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("seconds", "It took longer than 90 s."),
        ("cpu", "It used more than 40 s of CPU time."),
        ("resident", "It took more than 1.5 GiB of memory."),
        ("memory", "It asked for more than 1.5 GiB of memory."),
        ("processes", "It started more than 30 processes."),
        ("cell seconds", "It took longer than 45 s (half of the notebook's time)."),
        ("file", "It wrote a file of more than 1 KiB."),
        ("disk", "It filled its work folder of 2 KiB."),
        ("output", "It printed more than 100 bytes, or all cells more than 2 MiB."),
        ("nothing of the kind", ""),
    ],
)
def test_each_limit_has_words_that_name_it(kind, told):
    limits = Limits(90, 40, 3 * 2**29, 30, 2**10, 2**21, 100)
    assert words(limits.reached(kind)) == told
