"""The marks that this grader is to reach, and what was measured of each. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median

from tests.bench.timing import LongRun, Timing, chosen, growth, pooled, pooled_own, ratio, spread, tenths

TIMES_FASTER = {"training": 9.0, "arrays": 15.0}
MOST_ABOVE = 0.15
MOST_PAGE = 0.2
LEAST_SCALING = 1.8
MOST_PRIVATE = 150.0
MOST_GROWTH = 10.0


@dataclass
class Measured:
    """Everything that one run of the bench measured. `private` is (a worker's MB, its learner's code alone) by lab."""

    timings: list[Timing] = field(default_factory=list)
    private: dict[str, tuple[float, float]] = field(default_factory=dict)
    long: LongRun | None = None


@dataclass(frozen=True)
class Mark:
    """One mark: what is to be reached, what was measured, and whether that reaches it."""

    what: str
    aim: str
    measured: str
    reached: bool


def marks(measured: Measured, labs: Sequence[str]) -> list[Mark]:
    """The marks for which there are measurements."""
    found = [mark for lab in labs for mark in _of_lab(measured, lab)]
    return found + (list(_long(measured.long)) if measured.long else [])


def _of_lab(measured: Measured, lab: str) -> Iterator[Mark]:
    timings = measured.timings
    peer = chosen(timings, "nbgrader", lab)
    one, two = chosen(timings, "ours", lab, 1), chosen(timings, "ours", lab, 2)
    alone = chosen(timings, "own code", lab)
    if peer and two:
        aim = TIMES_FASTER[lab]
        times = ratio(pooled(peer), pooled(two))
        low, high = spread(pooled(peer), pooled(two))
        text = f"{times:.1f} times ({low:.1f} to {high:.1f})"
        yield Mark(f"{lab}: times nbgrader", f"at least {aim:g}", text, times >= aim)
    if one and alone:
        above = median(pooled_own(one)) - median(pooled_own(alone))
        text = f"{above:.3f} s"
        calls = chosen(timings, "with calls", lab)
        if calls:
            more = median(pooled_own(calls)) - median(pooled_own(alone))
            text += f" (the checks' calls of that code alone: {more:.3f} s)"
        yield Mark(f"{lab}: above the learner's own code", f"at most {MOST_ABOVE} s", text, above <= MOST_ABOVE)
    pages = [timing.pages for timing in [*one, *two] if timing.pages is not None]
    if pages:
        page = fmean(pages)
        yield Mark(f"{lab}: a feedback page", f"at most {MOST_PAGE} s", f"{page:.3f} s", page <= MOST_PAGE)
    if one and two:
        scaling = ratio(pooled_own(one), pooled_own(two))
        text = f"{scaling:.2f} times"
        both = chosen(timings, "own code", lab, 2)
        if alone and both:
            text += f" (its learner's code alone: {ratio(pooled_own(alone), pooled_own(both)):.2f})"
        yield Mark(f"{lab}: one worker to two", f"at least {LEAST_SCALING} times", text, scaling >= LEAST_SCALING)
    if lab in measured.private:
        worker, without = measured.private[lab]
        text = f"{worker - without:.0f} MB ({worker:.0f} less {without:.0f})"
        reached = worker - without <= MOST_PRIVATE
        yield Mark(f"{lab}: a worker's private memory", f"at most {MOST_PRIVATE:g} MB more", text, reached)


def _long(long: LongRun) -> Iterator[Mark]:
    rates = tenths(long.done)
    text = f"{min(rates):.1f} to {max(rates):.1f} a second by tenths"
    constant = min(rates) >= 0.8 * fmean(rates)
    yield Mark(f"{len(long.done):,} submissions: the rate", "no tenth below 80 % of the mean", text, constant)
    more = growth(long.memory)
    text = f"{more:+.1f} MB of {long.memory[-1] / 1e6:.0f} MB"
    yield Mark(
        f"{len(long.done):,} submissions: the parent's memory", f"at most {MOST_GROWTH:g} MB more", text,
        more <= MOST_GROWTH,
    )  # fmt: skip
