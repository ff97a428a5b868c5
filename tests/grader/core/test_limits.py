import pytest

from grader.core.cores import cores
from grader.core.errors import SourceError
from grader.core.limits import Limits
from grader.core.messages import message
from tests.grader.said import says


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
        ("seconds", [message("limit.seconds", seconds=90)]),
        ("cpu", [message("limit.cpu", seconds=40)]),
        ("resident", [message("limit.resident", memory=3 * 2**29)]),
        ("memory", [message("limit.memory", memory=3 * 2**29)]),
        ("processes", [message("limit.processes", count=30)]),
        ("cell seconds", [message("limit.cell_seconds", seconds=45)]),
        ("file", [message("limit.file", size=2**10)]),
        ("disk", [message("limit.disk", size=2**11)]),
        ("output", [message("limit.output", cell=100, notebook=2**21)]),
        ("nothing of the kind", []),
    ],
)
def test_each_limit_has_a_message_with_its_number(kind, told):
    limits = Limits(90, 40, 3 * 2**29, 30, 2**10, 2**21, 100)
    assert says(limits.reached(kind)) == told
