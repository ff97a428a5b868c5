"""Finds misconceptions that a learner's own check cannot tell apart: it gives neither's hint."""

from collections.abc import Iterator, Mapping

from grader.judging.expectation import JudgedTask, Observations
from grader.judging.scoring import agree
from grader.judging.verdict import State, decide


def alike(task: JudgedTask, observed: Mapping[str, Observations]) -> Iterator[str]:
    """A sentence for each two misconceptions, with different hints, that the public probes of a task see alike.

    `observed` is what all probes observed for each misconception.
    """
    public = task.of_probes({probe.name for probe in task.probes if probe.public})
    if not public.probes:
        return
    known = public.expectation.misconceptions
    untold = [name for name, seen in observed.items() if _is_untold(public, name, seen)]
    for place, name in enumerate(untold):
        for other in untold[place + 1 :]:
            same = all(agree(known[name].get(probe.name), known[other].get(probe.name)) for probe in public.probes)
            if same and task.hints[name] != task.hints[other]:
                yield (
                    f"the misconceptions {name!r} and {other!r} of task {task.name!r} look alike to the public probes: "
                    "a learner's check gives neither hint"
                )


def _is_untold(public: JudgedTask, name: str, seen: Observations) -> bool:
    """Whether the public probes see that it is wrong, and not how."""
    verdict = decide(public, {probe.name: seen[probe.name] for probe in public.probes if probe.name in seen})
    return verdict.state == State.FAILED and verdict.misconception != name
