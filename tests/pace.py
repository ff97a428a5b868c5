"""How slowly this machine computes now.

Limits of waiting and computing are written for two quiet cores, like those of the documentation's figures.
On a slower machine, or beside other work, code takes longer: the pace stretches a limit, and never shortens it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

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


def _loop() -> float:
    began = time.perf_counter()
    total = 0
    for turn in range(TURNS):
        total += turn
    return time.perf_counter() - began
