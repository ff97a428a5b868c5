"""Looks at every run of a sandbox ten times a second, from a thread of its own, and ends the one that reaches a limit.

It looks whatever the grader does for a run at that moment: send, parse, judge.
"""

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from grader.core.limits import MIB, Limits
from grader.core.messages import Message, message
from grader.sandbox.process_usage import Meter, Taken, available_memory

POLL_SECONDS = 0.1
SETTLE_SECONDS = 2.0  # until the memory of a run that was ended is free again


class Ward:
    """One run that is looked after. `stopped` says why it was ended.

    `squeezed`: it was ended because the machine ran short of memory, within its own limits. `error`: it could not be
    looked after, and was ended for that.
    """

    def __init__(self, limits: Limits, meter: Meter | None = None, pidfd: int = -1) -> None:
        self._limits, self._meter, self._pidfd = limits, meter, pidfd
        self._lock = threading.Lock()
        self._deadline = time.monotonic() + limits.seconds
        self.taken = Taken()
        self.stopped: Message | None = None
        self.squeezed = False
        self.error: Exception | None = None

    def look(self) -> None:
        """End the run if it has reached a limit."""
        try:
            if self._meter is not None:
                self.taken = self._meter.read(self._limits.memory)
        except Exception as error:  # the thread that looks after all the others must go on
            self.error = error
            self.end(message("end.early"))
        reached = self._limits.reached(self._reached())
        if reached:
            self.end(reached)

    def end(self, why: Message) -> None:
        """End the run, once."""
        with self._lock:
            self.stopped = self.stopped or why
            if self._pidfd >= 0:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def leave(self) -> None:
        """From now on the run's number may belong to another."""
        with self._lock:
            self._pidfd = -1

    def _reached(self) -> str:
        if time.monotonic() > self._deadline:
            return "seconds"
        if self.taken.memory > self._limits.memory:
            return "resident"
        if self.taken.cpu_seconds > self._limits.cpu:
            return "cpu"
        return "processes" if self.taken.processes > self._limits.processes else ""


class Guard:
    """Looks after the wards of one sandbox."""

    def __init__(self) -> None:
        self._wards: set[Ward] = set()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._floor = least_memory(psutil.virtual_memory().total)
        self._relieved = -SETTLE_SECONDS

    @contextmanager
    def over(self, ward: Ward) -> Iterator[None]:
        """Look after a run as long as the context lasts."""
        self._wards.add(ward)
        if self._thread is None:
            self._thread = threading.Thread(target=self._walk, name="grader-guard", daemon=True)
            self._thread.start()
        try:
            yield
        finally:
            self._wards.discard(ward)
            ward.leave()

    def close(self) -> None:
        """Look no more."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _walk(self) -> None:
        while not self._closed.wait(POLL_SECONDS):
            wards = list(self._wards)
            for ward in wards:
                ward.look()
            if wards and available_memory() < self._floor and time.monotonic() - self._relieved > SETTLE_SECONDS:
                self._relieve(wards)

    def _relieve(self, wards: list[Ward]) -> None:
        """The machine is about to run short of memory: end the run that has taken most, before the kernel ends any."""
        most = max(wards, key=lambda ward: ward.taken.memory)
        if most.taken.memory > self._floor // 4:  # to end one that has hardly any would help nobody
            self._relieved = time.monotonic()
            most.squeezed = True
            most.end(message("limit.machine"))


def least_memory(total: int) -> int:
    """What must be left to the machine of so many bytes: a thirtieth, and not more than 1 GiB."""
    return min(total // 30, 1024 * MIB)
