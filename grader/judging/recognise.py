"""Which misconception a wrong answer is, if that is sure. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from grader.judging.expectation import JudgedProbe, JudgedTask, Observations
from grader.judging.scoring import agree, compares, score


class _Fit(NamedTuple):
    """How well an answer fits a misconception, the most telling first; compared as a tuple.

    `throughout`: it is wrong wherever the misconception is. `values` and `same`: at how many failing probes both gave
    the same value, and at how many they are the same at all.
    """

    throughout: bool
    values: int
    same: int


def recognise(task: JudgedTask, observations: Observations, failing: Sequence[str]) -> str:
    """The misconception that the learner's answer is, or "" if none fits or if several do, with different hints.

    One fits if the answer agrees with it at some failing probe and contradicts it at none; of several the one that
    fits best is taken.
    """
    fits = {
        name: fit
        for name, theirs in task.expectation.misconceptions.items()
        if (fit := _fit(task, theirs, observations, failing))
    }
    best = [name for name, fit in fits.items() if fit == max(fits.values())]
    return best[0] if len({task.hints.get(name, name) for name in best}) == 1 else ""


def _fit(task: JudgedTask, theirs: Observations, mine: Observations, failing: Sequence[str]) -> _Fit | None:
    same = [probe for probe in failing if agree(theirs.get(probe), mine.get(probe))]
    if not same or any(probe.name in failing and _contradicts(probe, theirs, mine) for probe in task.probes):
        return None
    throughout = all(_as_right(task, probe, theirs) for probe in task.probes if probe.name not in failing)
    # What is no function, such as a trained network, may be right by luck where another was not.
    if not throughout and _is_function(task):
        return None
    return _Fit(throughout, sum(theirs[probe].failure is None for probe in same), len(same))


def _contradicts(probe: JudgedProbe, theirs: Observations, mine: Observations) -> bool:
    """Whether a failing probe shows that the answer is not this misconception: the two have different values.

    How code fails depends on how it is written: a misconception that failed where the answer did not tells nothing. Nor
    does a value that is measured, as predictions are: those of two networks differ, even if both are wrong for the same
    reason.
    """
    known, seen = theirs.get(probe.name), mine.get(probe.name)
    if known is None or seen is None or known.failure:
        return False
    return compares(probe) and not agree(known, seen)


def _as_right(task: JudgedTask, probe: JudgedProbe, theirs: Observations) -> bool:
    """Whether the misconception is right, too, where the answer is."""
    known = theirs.get(probe.name)
    return known is None or score(task, probe, known) == 1.0


def _is_function(task: JudgedTask) -> bool:
    """Whether the answer is a function: its starter can be called. That of a network or a number is None."""
    failures = [observation.failure for observation in task.expectation.starter.values()]
    return any(failure is None or failure.is_unwritten for failure in failures)
