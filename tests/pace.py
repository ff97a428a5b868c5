"""How slowly this machine computes now.

Limits of waiting and computing are written for two quiet cores, like those of the documentation's figures.
On a slower machine, or beside other work, code takes longer: the pace stretches a limit, and never shortens it.
"""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TURNS = 2_000_000
QUIET_SECONDS = 0.07  # what that many turns of the loop take on two quiet cores of an AMD EPYC, in Python 3.11


def pace() -> float:
    """How many times as long as on quiet cores a fixed loop takes now, the quickest of three; 1 where it takes less."""
    return max(1.0, min(_loop() for _ in range(3)) / QUIET_SECONDS)


@dataclass
class Timed:
    """What was timed: its seconds, and how slowly the machine computed before or after it, the slower of the two."""

    seconds: float = 0.0
    pace: float = 1.0


@contextmanager
def timed() -> Iterator[Timed]:
    """Time what is done within. Seconds and pace are there afterwards."""
    found, before = Timed(), pace()
    began = time.monotonic()
    yield found
    found.seconds = time.monotonic() - began
    found.pace = max(before, pace())


def finished(command: Sequence[str], seconds: float, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end. It is stuck if its seconds are over even at the pace that the machine has then."""
    began = time.monotonic()
    with subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait = seconds
        while True:
            try:
                out, err = process.communicate(timeout=wait)
            except subprocess.TimeoutExpired:
                wait = seconds * pace() - (time.monotonic() - began)
                if wait <= 0:
                    process.kill()
                    raise
            else:
                return subprocess.CompletedProcess(command, process.returncode, out, err)


def _loop() -> float:
    began = time.perf_counter()
    total = 0
    for turn in range(TURNS):
        total += turn
    return time.perf_counter() - began
