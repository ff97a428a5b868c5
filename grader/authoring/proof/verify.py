"""Proves a unit: the reference and every alternative earn full marks, the untouched starter none and crashes nothing,
every misconception fails with its own hint, no two look alike to a learner's check, and constants earn next to nothing.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from grader.authoring.proof import constants
from grader.authoring.proof.alike import alike
from grader.authoring.proof.never_run import without_never_run
from grader.authoring.reference import REFERENCE_LIMITS, fail_on_errors, observe_draws, reference_files
from grader.core.errors import SourceError
from grader.core.messages import render
from grader.judging.choices import choice_key
from grader.judging.expectation import Expectation, Expectations, JudgedTask
from grader.judging.run_record import RunJob
from grader.judging.verdict import State, Verdict, decide, state_words
from grader.sandbox import Run, Sandbox
from grader.units.inputs import seeds
from grader.units.run_plan import as_far_as, marked_cells, plans, run_files
from grader.units.task import Quiz
from grader.units.unit import Unit


class Proof(NamedTuple):
    """A sentence for each promise that a unit breaks, none if it keeps them all, and for what its author may mend."""

    findings: list[str]
    remarks: list[str]


def verify(
    unit: Unit, secret: str, sandbox: Sandbox, observed: Callable[[Unit], Sequence[Expectations]] | None = None,
    only: Collection[str] | None = None,
) -> Proof:  # fmt: skip
    """Prove a unit for the draws of a secret: for two, or for all that `observed` gives, if a gradebook keeps them.

    The reference runs twice, once to be observed and once as a submission: what differs from run to run is found. With
    `only`, those tasks alone are proved, and the notebook runs as far as they need.
    """
    try:
        draws = observed(unit) if observed else observe_draws(unit, seeds(secret)[:2], sandbox, only=only)
    except SourceError as error:
        return Proof([str(error)], [])
    by_draw = [
        {n: unit.judged(unit.tasks[n], seed, expectations[n]) for n in expectations if only is None or n in only}
        for seed, expectations in zip(seeds(secret), draws, strict=False)
    ]
    judged = by_draw[0]
    with ThreadPoolExecutor(2) as pool:
        reference, starter = pool.map(
            lambda cells, files: sandbox.run_submission(_job(unit, secret, cells, files, only)),
            (unit.reference_cells, unit.starter_cells),
            (reference_files(unit), {}),
        )
    findings = [*_reference(judged, reference), *_starter(unit, judged, starter), *_questions(unit, judged)]
    for tasks, expectations in zip(by_draw, draws, strict=True):
        for name, task in tasks.items():
            never, expectation = without_never_run(unit, name, expectations[name])
            findings += [*never, *_alternatives(task, expectation)]
            if not isinstance(unit.tasks[name], Quiz):  # of which `_questions` tells
                findings += [*_misconceptions(task, expectation), *alike(task, expectation.misconceptions)]
    findings += constants.faults(unit, judged, draws[1])
    remarks = constants.remarks(unit, judged, draws[1])
    return Proof(*([f"{unit.name}: {text}" for text in dict.fromkeys(texts)] for texts in (findings, remarks)))


def _job(
    unit: Unit, secret: str, cells: list[dict[str, Any]], files: dict[str, bytes], only: Collection[str] | None
) -> RunJob:
    """The cells as a submission, or as far as some tasks need them."""
    marked, asked = marked_cells(unit, cells), plans(unit, secret)
    if only is not None:
        asked = {name: plan for name, plan in asked.items() if name in only}
        marked = as_far_as(marked, only)
    return RunJob(marked, asked, run_files(unit, files), REFERENCE_LIMITS)


def _reference(judged: dict[str, JudgedTask], run: Run) -> Iterator[str]:
    for name, task in judged.items():
        if name not in run.observed:
            why = f". {render(run.stopped)}" if run.stopped else ""
            yield f"the reference ended before task {name!r}{why}"
            continue
        verdict = decide(task, run.observed[name].observations)
        if verdict.state not in (State.PASSED, State.WAITING):
            yield f"the reference fails its own task {name!r}: {_told(verdict)}"


def _starter(unit: Unit, judged: dict[str, JudgedTask], run: Run) -> Iterator[str]:
    try:
        fail_on_errors(unit, unit.starter_cells, run, "the untouched starter")
    except SourceError as error:
        yield str(error)
    for name, task in judged.items():
        if name in run.observed:
            verdict = decide(task, run.observed[name].observations)
            if verdict.state != State.NOT_ATTEMPTED or verdict.points:
                yield f"the untouched starter is {state_words(verdict.state)} in task {name!r}, not 'not attempted'"


def _questions(unit: Unit, judged: dict[str, JudgedTask]) -> Iterator[str]:
    """What a question's text, its answer and its explanations say of one another's choices."""
    for name, task in judged.items():
        if not isinstance(unit.tasks[name], Quiz):
            continue
        answer = choice_key(str(task.expectation.reference["choice"].value), task.choices)
        explained = [wrong.removeprefix("choice_") for wrong in task.expectation.misconceptions]
        if answer in explained:
            yield f"question {name!r}: `wrong` explains ({answer}), which is the reference's answer"
        if not task.choices:
            continue
        yield from (
            f"question {name!r}: {what} ({choice}), which is no choice of the text above it"
            for what, choice in [("the reference answers", answer), *(("`wrong` explains", c) for c in explained)]
            if choice not in task.choices
        )
        for choice in task.choices:
            if choice not in (answer, *explained):
                yield f"question {name!r}: `wrong` does not say why ({choice}) is wrong"


def _alternatives(task: JudgedTask, expectation: Expectation) -> Iterator[str]:
    for name, observations in expectation.alternatives.items():
        verdict = decide(task, observations)
        if verdict.state != State.PASSED:
            yield f"the alternative {name!r} of task {task.name!r} fails: {_told(verdict)}"


def _misconceptions(task: JudgedTask, expectation: Expectation) -> Iterator[str]:
    for name, observations in expectation.misconceptions.items():
        verdict = decide(task, observations)
        if verdict.state != State.FAILED:
            yield f"the misconception {name!r} of task {task.name!r} is {state_words(verdict.state)}: no probe tells it"
        elif task.hints.get(verdict.misconception) != task.hints[name]:
            other, said = verdict.misconception, render(verdict.messages)
            got = f"that of {other!r}" if other else f"none: {said!r}"
            yield f"the misconception {name!r} of task {task.name!r} gets another hint, {got}"


def _told(verdict: Verdict) -> str:
    """A verdict in one line, with the failing call where it may be shown."""
    shown = f" [{verdict.call} gave {verdict.came_back}, expected {verdict.expected}]" if verdict.call else ""
    state, said = state_words(verdict.state), render(verdict.messages)
    return f"{state}, {verdict.points:g} of {verdict.max_points:g}: {said}{shown}".replace("\n", " ")
