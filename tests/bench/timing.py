"""What was measured of a grader on a lab, and the arithmetic on it. Pure."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

DRAWS = 2_000


@dataclass(frozen=True)
class LongRun:
    """When each submission of a long run was done, and the parent's resident bytes then."""

    done: Sequence[float]
    memory: Sequence[int]


@dataclass(frozen=True)
class Timing:
    """One run over a class: its wall seconds, and each submission's own.

    `pages` are seconds of one feedback page, or None where the grader made none.
    """

    grader: str
    lab: str
    workers: int
    seconds: float
    own: Sequence[float]
    pages: float | None = None

    @property
    def beside(self) -> float:
        """What the class took beside its submissions: start-up, and the end."""
        return self.seconds - sum(self.own)

    @property
    def each(self) -> list[float]:
        """Each submission's own seconds and an equal share of what the class took beside them."""
        return [own + self.beside / len(self.own) for own in self.own]


def chosen(timings: Sequence[Timing], grader: str, lab: str, workers: int = 1) -> list[Timing]:
    """The runs of one grader on one lab with so many workers."""
    return [t for t in timings if (t.grader, t.lab, t.workers) == (grader, lab, workers)]


def pooled(timings: Sequence[Timing]) -> list[float]:
    """Seconds per submission of all runs, with their shares of start-up."""
    return [seconds for timing in timings for seconds in timing.each]


def pooled_own(timings: Sequence[Timing]) -> list[float]:
    """Seconds per submission of all runs, once started."""
    return [seconds for timing in timings for seconds in timing.own]


def between(marks: Sequence[float]) -> list[float]:
    """The times between marks: one fewer than there are marks."""
    return [later - earlier for earlier, later in zip(marks[:-1], marks[1:], strict=True)]


def paces(done: Sequence[float], workers: int) -> list[float]:
    """Seconds per submission around each one, from the times at which they were done.

    Workers that started together end together: a pace is taken over as many submissions as there are workers. The
    first ones have nothing to be counted from, and get the mean.
    """
    known = [(later - earlier) / workers for earlier, later in zip(done[:-workers], done[workers:], strict=True)]
    return [fmean(known)] * workers + known


def ratio(slow: Sequence[float], fast: Sequence[float]) -> float:
    """How many times faster, from the means."""
    return fmean(slow) / fmean(fast)


def spread(slow: Sequence[float], fast: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """A 95 % bootstrap interval of the ratio: both sets of submissions drawn anew, with replacement."""
    rng = random.Random(seed)
    draws = sorted(ratio(rng.choices(slow, k=len(slow)), rng.choices(fast, k=len(fast))) for _ in range(DRAWS))
    return draws[round(0.025 * (DRAWS - 1))], draws[round(0.975 * (DRAWS - 1))]


def tenths(done: Sequence[float]) -> list[float]:
    """Submissions a second in each tenth of a long run, from the times at which they were done."""
    places = [round(number * (len(done) - 1) / 10) for number in range(11)]
    counts = between(places)
    seconds = between([done[place] for place in places])
    return [count / second for count, second in zip(counts, seconds, strict=True)]


def growth(memory: Sequence[int]) -> float:
    """MB that memory grew by, from a tenth of a long run to its end."""
    return (memory[-1] - memory[len(memory) // 10]) / 1e6
