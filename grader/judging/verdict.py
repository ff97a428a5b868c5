"""The judgement of one task: observations on one side, expectations on the other, a verdict out. Pure.

The same function judges a learner's check and a grade; only what may be shown differs.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from grader.core.messages import Message, Messages, message, render
from grader.core.text import storable
from grader.core.value_text import show
from grader.judging.choices import choice_key
from grader.judging.expectation import JudgedProbe, JudgedTask, Observations
from grader.judging.explaining.explain import Wrong, explain
from grader.judging.facts import FORM, meant
from grader.judging.judges import by_hand
from grader.judging.observe import Observation
from grader.judging.recognise import recognise
from grader.judging.scoring import agree, is_absent, same_kind, score

ENOUGH_DRAWN = 0.5
MOST_SHOWN = 20_000  # characters of an answer that a person marks


class State(StrEnum):
    """The outcomes of a task, as they are stored. `state_words` gives the words for people."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_ATTEMPTED = "not_attempted"
    UNGRADED = "ungraded"
    WAITING = "waiting"


_WORDS = {
    State.PASSED: message("state.passed"),
    State.FAILED: message("state.failed"),
    State.NOT_ATTEMPTED: message("state.not_attempted"),
    State.UNGRADED: message("state.ungraded"),
    State.WAITING: message("state.waiting"),
}


def state_words(state: State) -> str:
    """A state in words.

    >>> state_words(State.UNGRADED)
    'could not be graded'
    """
    return render(_WORDS[state])


@dataclass(frozen=True)
class Verdict:
    """The outcome of a task. `messages` are for the learner and give nothing hidden away.

    `call`, `came_back` and `expected` show the failing call, where it may be shown.
    """

    task: str
    state: State
    points: float
    max_points: float
    messages: Messages
    misconception: str = ""
    call: str = ""
    came_back: str = ""
    expected: str = ""


@dataclass(frozen=True)
class Known:
    """What is known of a notebook beside what was observed, as messages for the learner.

    `attempted` says that there is an answer of the learner's own, `nothing` why it cannot be judged, `lost` why names
    are not defined, and `own` which names and texts the notebook's code holds.
    """

    attempted: bool = False
    nothing: Messages = ()
    lost: Mapping[str, Messages] = field(default_factory=dict)
    own: Collection[str] = ()


UNKNOWN = Known()


def needs_first(function: str) -> Known:
    """Of an answer that cannot be judged before another function is written."""
    return Known(True, (message("answer.needs_first", function=function),))


def decide(
    task: JudgedTask, observations: Observations, stopped_cell: Messages = (), known: Known = UNKNOWN
) -> Verdict:  # fmt: skip
    """Judge the observations of one task. A probe that was never observed earns nothing.

    `stopped_cell` tells of a cell that reached a limit: it may be why there is no answer.
    """
    if task.is_question:
        task, observations = _with_letters(task), _letters(observations, task.choices)
    as_before = not_attempted(task, observations)
    if as_before and not (known.attempted and not known.nothing):
        said = (*(known.nothing or (_nothing_yet(task, observations),)), *stopped_cell)
        state = State.FAILED if known.attempted else State.NOT_ATTEMPTED
        return Verdict(task.name, state, 0.0, task.points, said)
    observations = meant(observations, task.facts)
    scores = {probe.name: score(task, probe, observations.get(probe.name)) for probe in task.probes}
    points = 0.0 if as_before else round(task.points * _share(task.probes, scores), 4)
    failing = [probe for probe in task.probes if scores[probe.name] < 1.0]
    if task.waits(observations):
        return _waiting(task, observations, points, [p for p in failing if not isinstance(p.judge, by_hand)])
    if not failing:
        return Verdict(task.name, State.PASSED, task.points, task.points, (message("answer.right"),))
    # Of the failing probes one speaks that can be shown, or else one whose like a learner's own check shows.
    failing.sort(key=lambda failed: (not failed.shown, not failed.public))
    probe = failing[0]
    reference, observed = task.expectation.reference[probe.name], observations.get(probe.name)
    wrong = recognise(task, observations, [probe.name for probe in failing])
    hint = (message("hint", text=task.hints[wrong]),) if wrong else ()
    told = hint or explain(Wrong(task, observations, failing, known.lost, known.own))
    verdict = Verdict(task.name, State.FAILED, points, task.points, told, wrong)
    if not probe.shown or observed is None or task.is_choice(probe):
        return verdict
    return replace(verdict, call=_call(probe), came_back=_outcome(observed), expected=_outcome(reference))


def _waiting(task: JudgedTask, observations: Observations, points: float, failing: Sequence[JudgedProbe]) -> Verdict:
    """The verdict on what a person marks later: the points of its other probes, and what is wrong there."""
    told = explain(Wrong(task, observations, failing)) if failing else ()
    written = [
        seen.value
        for probe in task.probes
        if probe.shown and isinstance(probe.judge, by_hand)
        and (seen := observations.get(probe.name)) and not seen.failure
    ]  # fmt: skip
    texts = [value if isinstance(value, str) else show(value) for value in written]
    shown = storable("\n\n".join(texts), MOST_SHOWN)
    if len(shown) == MOST_SHOWN:
        told = (message("answer.cut", most=MOST_SHOWN), *told)
    said = (message("answer.waiting"), *told)
    return Verdict(task.name, State.WAITING, points, task.points, said, came_back=shown)


def not_attempted(task: JudgedTask, observations: Observations) -> bool:
    """Whether the answer is absent, or every probe sees just what it sees of the untouched starter."""
    if is_absent(observations, task.name) or task.is_blank(observations):
        return True
    starter = task.expectation.starter
    return all(
        name in starter and _like_starter(starter[name], observation) for name, observation in observations.items()
    )


def _share(probes: Sequence[JudgedProbe], scores: Mapping[str, float]) -> float:
    """The share of the points that these scores earn, from 0 to 1.

    What is right for fixed inputs can be written down without an answer to the task, so it counts only as far as the
    answer holds for drawn ones: in full from `ENOUGH_DRAWN` of their weight on, in proportion below.
    """
    drawn, fixed = ([probe for probe in probes if probe.drawn is kind] for kind in (True, False))
    of_drawn, of_fixed = (sum(probe.weight * scores[probe.name] for probe in some) for some in (drawn, fixed))
    if drawn:
        of_fixed *= min(1.0, of_drawn / (ENOUGH_DRAWN * sum(probe.weight for probe in drawn)))
    return (of_drawn + of_fixed) / sum(probe.weight for probe in probes)


def raise_not_implemented(observations: Observations) -> bool:
    """Whether every probe saw what a function raises that is not written yet."""
    return all(o.failure is not None and o.failure.is_unwritten for o in observations.values())


def _nothing_yet(task: JudgedTask, observations: Observations) -> Message:
    """Why there is nothing to judge: a name that the starter defines and the notebook does not is worth a word."""
    if task.file:
        is_model = task.file.endswith(".keras")
        return message("file.model_missing", file=task.file) if is_model else message("file.missing", file=task.file)
    if task.by_person and task.is_text:
        return message("answer.no_words")
    if observations and not is_absent(task.expectation.starter, task.name):
        if is_absent(observations, task.name):
            return message("answer.did_not_run", name=task.name)
        if raise_not_implemented(observations):
            return message("answer.unwritten", name=task.name)
        return message("answer.as_before")
    return message("answer.none")


def _like_starter(starter: Observation, observed: Observation) -> bool:
    if starter.failure or observed.failure:
        stub = starter.failure and starter.failure.is_unwritten
        return same_kind(starter, observed) if stub else agree(starter, observed)
    return agree(starter, observed)


def _with_letters(task: JudgedTask) -> JudgedTask:
    known = task.expectation
    wrong = {name: _letters(seen, task.choices) for name, seen in known.misconceptions.items()}
    expectation = replace(known, reference=_letters(known.reference, task.choices), misconceptions=wrong)
    return replace(task, expectation=expectation)


def _letters(observations: Observations, choices: Mapping[str, str]) -> Observations:
    """Each text that was observed as the letter that it means."""
    return {
        name: replace(seen, value=choice_key(seen.value, choices)) if isinstance(seen.value, str) else seen
        for name, seen in observations.items()
    }


def _call(probe: JudgedProbe) -> str:
    inputs = "\n".join(f"{name} = {_indented(show(value), len(name) + 3)}" for name, value in probe.inputs.items())
    return f"{probe.call}\n{inputs}".rstrip()


def _indented(text: str, width: int) -> str:
    return text.replace("\n", "\n" + " " * width)


def _outcome(observation: Observation) -> str:
    failure = observation.failure
    if failure is None:
        return show(observation.value)
    own = ("missing", "time", "not plain", FORM)  # the messages of which are not for a learner
    return failure.kind if failure.kind in own else f"{failure.kind}: {failure.message}"
