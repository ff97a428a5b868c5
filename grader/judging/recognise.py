"""Which misconception a wrong answer is, if that is sure. Pure."""

from collections.abc import Sequence

from grader.judging.expectation import JudgedProbe, JudgedTask, Observations
from grader.judging.scoring import agree, compares, score


def recognise(task: JudgedTask, observations: Observations, failing: Sequence[str]) -> str:
    """The misconception that the learner's answer is, or "" if none fits or if several do, with different hints.

    One fits if the answer agrees with it at some failing probe and contradicts it at none. Of those that fit, the one
    that agrees at most of the probes is taken, values before failures.
    """
    fits = {
        name: agreed
        for name, theirs in task.expectation.misconceptions.items()
        if (agreed := _agreements(task, theirs, observations, failing))
    }
    best = [name for name, agreed in fits.items() if agreed == max(fits.values())]
    return best[0] if len({task.hints.get(name, name) for name in best}) == 1 else ""


def _agreements(
    task: JudgedTask, theirs: Observations, mine: Observations, failing: Sequence[str]
) -> tuple[int, int] | None:
    """At how many failing probes both gave the same value, and at how many the same at all; None if it does not fit."""
    same = [probe for probe in failing if agree(theirs.get(probe), mine.get(probe))]
    if not same or any(_contradicts(task, probe, theirs, mine, failing) for probe in task.probes):
        return None
    return sum(theirs[probe].failure is None for probe in same), len(same)


def _contradicts(
    task: JudgedTask, probe: JudgedProbe, theirs: Observations, mine: Observations, failing: Sequence[str]
) -> bool:
    """Whether a probe shows that the answer is not this misconception.

    It does if the answer is right where the misconception is wrong, or gives another value. How code fails, though,
    depends on how it is written: a misconception that failed where the answer did not tells nothing. Nor does a value
    that is measured, as predictions are: those of two networks differ, even if both are wrong for the same reason.
    """
    known, seen = theirs.get(probe.name), mine.get(probe.name)
    if known is None or seen is None:
        return False
    if probe.name not in failing:
        return score(task, probe, known) < 1.0
    return known.failure is None and compares(probe) and not agree(known, seen)
