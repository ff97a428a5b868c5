"""Proves a unit: the reference and every alternative earn full marks, the untouched starter none and crashes nothing,
every misconception fails with its own hint."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from grader.checks import Expectations
from grader.errors import SourceError
from grader.never_run import without_never_run
from grader.reference import (
    REFERENCE_LIMITS,
    fail_on_errors,
    marked_cells,
    observe_reference,
    plans,
    reference_files,
    run_files,
)
from grader.sandbox import Run, Sandbox
from grader.unit import Unit
from grader.verdict import Expectation, JudgedTask, State, Verdict, decide


def verify(
    unit: Unit, seed: str, sandbox: Sandbox, observed: Callable[[Unit], Expectations] | None = None
) -> list[str]:  # fmt: skip
    """A sentence for each promise that the unit breaks for this seed; none where it keeps them all.

    The reference runs twice, once to be observed and once as a submission: what differs from run to run is found.
    `observed` gives what is observed of it for this seed, where a gradebook keeps that.
    """
    try:
        expectations = observed(unit) if observed else observe_reference(unit, seed, sandbox)
    except SourceError as error:
        return [str(error)]
    judged = {task.name: unit.judged(task, seed, expectations[task.name]) for task in unit.tasks.values()}
    with ThreadPoolExecutor(2) as pool:
        reference, starter = pool.map(
            lambda cells, files: sandbox.run(
                marked_cells(unit, cells), plans(unit, seed), run_files(unit, files), REFERENCE_LIMITS
            ),
            (unit.reference_cells, unit.starter_cells),
            (reference_files(unit), {}),
        )
    findings = [*_reference(judged, reference), *_starter(unit, judged, starter)]
    for name, task in judged.items():
        never, expectation = without_never_run(unit, name, expectations[name])
        findings += [*never, *_alternatives(task, expectation), *_misconceptions(task, expectation)]
    return [f"{unit.name}: {finding}" for finding in findings]


def _reference(judged: dict[str, JudgedTask], run: Run) -> Iterator[str]:
    for name, task in judged.items():
        if name not in run.observed:
            yield f"the reference {run.stopped or 'ended'} before task {name!r}"
            continue
        verdict = decide(task, run.observed[name].observations)
        if verdict.state != State.PASSED:
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
                yield f"the untouched starter is {verdict.state} in task {name!r}, not 'not attempted'"


def _alternatives(task: JudgedTask, expectation: Expectation) -> Iterator[str]:
    for name, observations in expectation.alternatives.items():
        verdict = decide(task, observations)
        if verdict.state != State.PASSED:
            yield f"the alternative {name!r} of task {task.name!r} fails: {_told(verdict)}"


def _misconceptions(task: JudgedTask, expectation: Expectation) -> Iterator[str]:
    for name, observations in expectation.misconceptions.items():
        verdict = decide(task, observations)
        if verdict.state != State.FAILED:
            yield f"the misconception {name!r} of task {task.name!r} is {verdict.state}: no probe tells it"
        elif verdict.misconception != name:
            got = f"that of {verdict.misconception!r}" if verdict.misconception else f"none: {verdict.message!r}"
            yield f"the misconception {name!r} of task {task.name!r} gets another hint, {got}"


def _told(verdict: Verdict) -> str:
    """A verdict in one line, with the failing call where it may be shown."""
    shown = f" [{verdict.call} gave {verdict.came_back}, expected {verdict.expected}]" if verdict.call else ""
    return f"{verdict.state}, {verdict.points:g} of {verdict.max_points:g}: {verdict.message}{shown}".replace("\n", " ")
