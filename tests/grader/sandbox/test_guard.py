import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from grader.core.limits import GIB, Limits
from grader.core.messages import message
from grader.sandbox import guard as module
from grader.sandbox.guard import Guard, Ward, least_memory
from grader.sandbox.process_usage import Taken
from tests.grader.said import says


class Says:
    """A meter that says what it is told to."""

    def __init__(self, *said: Taken | Exception) -> None:
        self.said = list(said)

    def read(self, memory: int = 0) -> Taken:
        now = self.said.pop(0) if len(self.said) > 1 else self.said[0]
        if isinstance(now, Exception):
            raise now
        return now


@pytest.fixture
def guard() -> Iterator[Guard]:
    opened = Guard()
    yield opened
    opened.close()


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that would outlast the test."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


def looked_after(guard: Guard, *wards: Ward, seconds: float = 3.0) -> None:
    """Look after runs until each is ended, or the time is over."""
    with contextlib.ExitStack() as stack:
        for ward in wards:
            stack.enter_context(guard.over(ward))
        deadline = time.monotonic() + seconds
        while not all(ward.stopped for ward in wards) and time.monotonic() < deadline:
            time.sleep(0.01)


LIMITS = Limits(seconds=60, memory=10**6, processes=5, cpu_seconds=3)
OVER = [
    (Taken(memory=10**6 + 1), message("limit.resident", memory=10**6)),
    (Taken(cpu_seconds=3.1), message("limit.cpu", seconds=3)),
    (Taken(processes=6), message("limit.processes", count=5)),
]


@pytest.mark.parametrize(("taken", "why"), OVER)
def test_a_run_that_reaches_a_limit_is_ended_and_told(guard, sleeper, taken, why):
    ward = Ward(LIMITS, Says(Taken(), taken), os.pidfd_open(sleeper.pid))
    looked_after(guard, ward)
    assert (says(ward), sleeper.wait(3), ward.squeezed) == ([why], -signal.SIGKILL, False)


def test_a_run_that_reaches_its_time_is_ended_whatever_else_its_grader_does(guard, sleeper):
    ward = Ward(Limits(seconds=0.3), Says(Taken()), os.pidfd_open(sleeper.pid))
    looked_after(guard, ward)
    assert (says(ward), sleeper.wait(3)) == ([message("limit.seconds", seconds=0.3)], -signal.SIGKILL)


def test_a_run_within_its_limits_goes_on(guard, sleeper):
    ward = Ward(LIMITS, Says(Taken(10**6, 3.0, 5)), os.pidfd_open(sleeper.pid))
    looked_after(guard, ward, seconds=0.4)
    assert (says(ward), sleeper.poll(), ward.taken.processes) == ([], None, 5)


def test_a_run_that_cannot_be_looked_at_is_ended_and_the_others_are_looked_after(guard, sleeper):
    broken = Ward(LIMITS, Says(ValueError("no number")), os.pidfd_open(sleeper.pid))
    other = Ward(LIMITS, Says(Taken(), Taken(), Taken(processes=9)))
    looked_after(guard, broken, other)
    assert isinstance(broken.error, ValueError) and sleeper.wait(3) == -signal.SIGKILL
    assert (other.error, says(other)) == (None, [message("limit.processes", count=5)])


def test_what_left_is_ended_no_more(guard, sleeper):
    ward = Ward(LIMITS, Says(Taken(processes=9)), os.pidfd_open(sleeper.pid))
    ward.leave()
    looked_after(guard, ward)
    assert ward.stopped and sleeper.poll() is None


def test_where_the_machine_runs_short_of_memory_the_run_that_took_most_is_ended_and_only_that(guard, monkeypatch):
    monkeypatch.setattr(module, "available_memory", lambda: 0)
    most, little = Ward(Limits(), Says(Taken(memory=2 * GIB))), Ward(Limits(), Says(Taken(memory=GIB)))
    looked_after(guard, little, most, seconds=0.6)
    assert most.squeezed and says(most) == [message("limit.machine")]
    assert (little.squeezed, says(little)) == (False, [])


def test_where_others_took_the_machines_memory_no_small_run_is_ended(guard, monkeypatch):
    monkeypatch.setattr(module, "available_memory", lambda: 0)
    small = Ward(Limits(), Says(Taken(memory=1)))
    looked_after(guard, small, seconds=0.3)
    assert says(small) == []


@pytest.mark.parametrize(("total", "least"), [(3 * GIB, GIB // 10), (24 * GIB, 0.8 * GIB), (500 * GIB, GIB)])
def test_a_part_of_the_memory_is_left_to_the_machine(total, least):
    assert least_memory(total) == pytest.approx(least, rel=0.01)
