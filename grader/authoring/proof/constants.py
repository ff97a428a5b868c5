"""What could be earned by values that are written down, without an answer: a proof for two seeds.

What the reference gave for one seed is judged as if it had been handed in for another. Whoever knows all that was
expected once, from a feedback page or from the reference, can earn no more by constants.
"""

from collections.abc import Iterator, Mapping

from grader.judging.expectation import Expectation, JudgedTask
from grader.judging.scoring import score
from grader.judging.verdict import State, decide
from grader.units.task import Quiz
from grader.units.unit import Unit

MOST = 0.1  # of a unit's points, questions aside


def faults(unit: Unit, judged: Mapping[str, JudgedTask], others: Mapping[str, Expectation]) -> Iterator[str]:
    """A sentence for each task that constants pass, and one if they earn too much of the unit.

    `others` is what is expected for another seed than that of `judged`. A question's answer is a constant by nature,
    as is a value that no input is drawn for, such as a plot: they count for nothing here.
    """
    earned: dict[str, float] = {}
    for name, task in _by_answers(unit, judged):
        if unit.is_value(unit.tasks[name]) and not any(probe.drawn for probe in task.probes):
            continue
        verdict = decide(task, others[name].reference)
        earned[name] = verdict.points
        if verdict.state == State.PASSED:
            yield (
                f"constants pass task {name!r}: what its probes see is the same for every seed. Draw the inputs, and "
                "judge what comes back outside the process, with `judge=by(…)`"
            )
    most = sum(task.points for task in unit.tasks.values())
    if sum(earned.values()) >= MOST * most:
        shares = ", ".join(f"{name} {points:.3g}" for name, points in earned.items() if points)
        yield (
            f"constants earn {sum(earned.values()):.3g} of {most:g} points ({shares}); it must be less than "
            f"{MOST:.0%}, questions aside"
        )


def remarks(unit: Unit, judged: Mapping[str, JudgedTask], others: Mapping[str, Expectation]) -> Iterator[str]:
    """A sentence for each task with hidden probes that see the same for every seed."""
    for name, task in _by_answers(unit, judged):
        seen = others[name].meant(task.facts).reference
        hidden = [probe for probe in task.probes if unit.tasks[name].probes[probe.name].hidden]
        same = [probe.name for probe in hidden if score(task, probe, seen[probe.name]) == 1.0]
        if same:
            yield f"what {_named(same)} of task {name!r} sees, though hidden, is the same for every seed"


def _by_answers(unit: Unit, judged: Mapping[str, JudgedTask]) -> Iterator[tuple[str, JudgedTask]]:
    return ((name, task) for name, task in judged.items() if not isinstance(unit.tasks[name], Quiz))


def _named(probes: list[str]) -> str:
    return " and ".join(map(repr, probes)) if len(probes) < 3 else f"each of {', '.join(map(repr, probes))}"
