"""The judgement of one task: observations on one side, expectations on the other, a verdict out. Pure.

The same function judges a learner's check and a grade; only what may be shown differs.
"""

import builtins
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from grader.core.value_text import show
from grader.judging.choices import choice_key
from grader.judging.diagnose import diagnose
from grader.judging.expectation import JudgedProbe, JudgedTask, Observations
from grader.judging.facts import FORM, meant
from grader.judging.judges import is_close
from grader.judging.observe import Failure, Observation

ENOUGH_DRAWN = 0.5
_UNDEFINED = re.compile(r"name '(\w{1,100})' is not defined")


class State(StrEnum):
    """The four outcomes of a task."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_ATTEMPTED = "not attempted"
    UNGRADED = "could not be graded"


@dataclass(frozen=True)
class Verdict:
    """The outcome of a task. `message` is for the learner and gives nothing hidden away.

    `call`, `came_back` and `expected` show the failing call, where it may be shown.
    """

    task: str
    state: State
    points: float
    max_points: float
    message: str
    misconception: str = ""
    call: str = ""
    came_back: str = ""
    expected: str = ""


@dataclass(frozen=True)
class Known:
    """What is known of a notebook beside what was observed; the texts are sentences for the learner.

    `attempted` says that there is an answer of the learner's own, `nothing` why it cannot be judged, and `lost` why
    names are not defined.
    """

    attempted: bool = False
    nothing: str = ""
    lost: Mapping[str, str] = field(default_factory=dict)


UNKNOWN = Known()


def needs_first(function: str) -> Known:
    """Of an answer that cannot be judged before another function is written."""
    return Known(True, f"It cannot be judged yet: `{function}`, which it needs, still raises NotImplementedError.")


def decide(task: JudgedTask, observations: Observations, stopped_cell: str = "", known: Known = UNKNOWN) -> Verdict:
    """Judge the observations of one task. A probe that was never observed earns nothing.

    `stopped_cell` is a sentence about a cell that reached a limit: it may be why there is no answer.
    """
    if _is_question(task):
        task, observations = _with_letters(task), _letters(observations, task.choices)
    as_before = not_attempted(task, observations)
    if as_before and not (known.attempted and not known.nothing):
        message = f"{known.nothing or _nothing_yet(task, observations)} {stopped_cell}".rstrip()
        state = State.FAILED if known.attempted else State.NOT_ATTEMPTED
        return Verdict(task.name, state, 0.0, task.points, message)
    observations = meant(observations, task.facts)
    scores = {probe.name: score(task, probe, observations.get(probe.name)) for probe in task.probes}
    points = 0.0 if as_before else round(task.points * _share(task.probes, scores), 4)
    failing = [probe for probe in task.probes if scores[probe.name] < 1.0]
    if not failing:
        return Verdict(task.name, State.PASSED, task.points, task.points, "Right.")
    wrong = recognise(task, observations, [probe.name for probe in failing])
    # Of the failing probes the one that can be shown speaks first.
    probe = min(failing, key=lambda failed: not failed.shown)
    reference, observed = task.expectation.reference[probe.name], observations.get(probe.name)
    message = task.hints[wrong] if wrong else explain(task, probe, observed, known.lost)
    verdict = Verdict(task.name, State.FAILED, points, task.points, message, wrong)
    if not probe.shown or observed is None or _is_choice(task, probe):
        return verdict
    return Verdict(
        task.name, State.FAILED, points, task.points, message, wrong,
        _call(probe), _outcome(observed), _outcome(reference),
    )  # fmt: skip


def not_attempted(task: JudgedTask, observations: Observations) -> bool:
    """Whether the answer is absent, or every probe sees just what it sees of the untouched starter."""
    if is_absent(observations, task.name):
        return True
    starter = task.expectation.starter
    return all(
        name in starter and _like_starter(starter[name], observation) for name, observation in observations.items()
    )


def score(task: JudgedTask, probe: JudgedProbe, observed: Observation | None) -> float:
    """Credit from 0 to 1 for one probe."""
    reference = task.expectation.reference[probe.name]
    if observed is None or _changed(probe, observed) != _changed(probe, reference):
        return 0.0
    if observed.failure or reference.failure:
        return float(_same_kind(reference, observed))
    return probe.judge.score(reference.value, observed.value)


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


def recognise(task: JudgedTask, observations: Observations, failing: Sequence[str]) -> str:
    """The misconception whose observations the learner's are, or ""; full agreement goes before partial."""
    best, best_rank = "", (False, 0, 0)
    for name, theirs in task.expectation.misconceptions.items():
        agreeing = [probe for probe in failing if _agree(theirs.get(probe), observations.get(probe))]
        telling = [probe for probe in agreeing if not _agree(theirs[probe], task.expectation.reference[probe])]
        everywhere = all(_agree(theirs.get(probe), observations.get(probe)) for probe in theirs)
        values = sum(theirs[probe].failure is None for probe in telling)
        rank = (everywhere, values, len(telling))
        if telling and rank > best_rank:
            best, best_rank = name, rank
    return best


def is_absent(observations: Observations, answer: str) -> bool:
    """Whether no probe found an answer of this name, or its file."""
    return all(_absent(observation, answer) for observation in observations.values())


def raise_not_implemented(observations: Observations) -> bool:
    """Whether every probe saw what a function raises that is not written yet."""
    return all(o.failure is not None and o.failure.kind == "NotImplementedError" for o in observations.values())


def no_choice(task: JudgedTask, value: object) -> str:
    """Why a value is no choice of a question, and what is asked for; "" where it is one, or may be."""
    is_letter = isinstance(value, str) and len(value) == 1 and value.isalnum()
    if is_letter and (value in task.choices or not task.choices):
        return ""
    what = f"There is no choice ({value})" if is_letter else "That is no choice"
    letters = f", one of {', '.join(task.choices)}" if task.choices else ""
    return f'{what}: give one letter in quotes{letters}, such as `lab.answer("{task.name}", "a")`.'


def undefined_name(failure: Failure | None) -> str:
    """The name that was not defined where a probe failed; "" where it failed in another way."""
    if failure and failure.kind == "missing":
        return failure.message
    found = _UNDEFINED.match(failure.message) if failure and failure.kind == "NameError" else None
    return found[1] if found else ""


def explain(
    task: JudgedTask, probe: JudgedProbe, observed: Observation | None, lost: Mapping[str, str] = MappingProxyType({})
) -> str:  # fmt: skip
    """What the failing observation tells by itself; values only where the probe may be shown."""
    if observed is None:
        return "This answer was not reached."
    if _is_question(task):
        return no_choice(task, observed.value) or "That is not the answer."
    if observed.failure:
        told = lost.get(undefined_name(observed.failure))
        return told or _failure_text(task.name, observed.failure if probe.shown else _hidden(observed.failure))
    reference = task.expectation.reference[probe.name]
    if reference.failure:
        return f"An error ({reference.failure.kind}) is expected for this input; a value came back."
    if _changed(probe, observed) != _changed(probe, reference):
        return _changed_text(_changed(probe, reference), _changed(probe, observed))
    if _is_choice(task, probe):
        return "That is not the answer."
    told = probe.judge.tell(observed.value)
    if told:
        return told
    found = diagnose(reference.value, observed.value, probe.inputs)
    if found is None:
        return (
            "The value is not the expected one." if probe.shown else "A value differs on inputs that you have not seen."
        )
    return f"{found.text} {found.detail}".strip() if probe.shown else found.text


def _changed(probe: JudgedProbe, observation: Observation) -> list[str]:
    """The inputs that were changed in place; what else a learner's process may have named counts for nothing."""
    return [name for name in probe.inputs if name in observation.changed]


def _changed_text(expected: Sequence[str], changed: Sequence[str]) -> str:
    if too_many := [name for name in changed if name not in expected]:
        names = ", ".join(f"`{name}`" for name in too_many)
        return f"{names} changed in place: the caller's array is not yours to change. Work on a new one."
    names = ", ".join(f"`{name}`" for name in expected if name not in changed)
    return f"{names} is to be changed in place; it stayed as it was."


def _failure_text(name: str, failure: Failure) -> str:
    if failure.kind == "missing":
        return f"The name `{failure.message}` is not defined: run the cell that defines it."
    if failure.kind == "no file":
        return "The file is gone that was handed in: does a cell remove it?"
    if failure.kind == "time":
        return f"It did not come to an end in time{f' (at {failure.where})' if failure.where else ''}."
    if failure.kind == "not plain":
        return f"What came back cannot be judged: {failure.message}."
    if failure.kind == FORM:
        return "What came back has another form than is asked for."
    if failure.kind == "NotImplementedError":
        return f"`{name}` still raises NotImplementedError in one case."
    where = f" ({failure.where})" if failure.where else ""
    return f"{failure.kind}: {failure.message}{where}" if failure.message else f"It raises {failure.kind}{where}."


def _hidden(failure: Failure) -> Failure:
    """A failure without the texts that a learner's code can choose: each of them may quote an input."""
    known = failure.kind in (*dir(builtins), "missing", "no file", "time", "not plain", FORM)
    line = re.match(r"line \d{1,5}\b", failure.where)
    messages = {"missing": failure.message, "not plain": "it holds something other than numbers and texts"}
    return Failure(failure.kind if known else "an error", messages.get(failure.kind, ""), line[0] if line else "")


def _nothing_yet(task: JudgedTask, observations: Observations) -> str:
    """Why there is nothing to judge: a name that the starter defines and the notebook does not is worth a word."""
    if task.file:
        how = f'`model.save("{task.file}")` makes it; ' if task.file.endswith(".keras") else ""
        return f"There is no file `{task.file}` beside this notebook: {how}hand it in with the notebook."
    starter = task.expectation.starter.values()
    if observations and not all(_absent(observation, task.name) for observation in starter):
        if is_absent(observations, task.name):
            return f"The name `{task.name}` is not defined: the cell that defines it did not run, or raised an error."
        if raise_not_implemented(observations):
            return f"`{task.name}` still raises NotImplementedError."
        return "It still does what it did when it was handed out."
    return "No answer yet."


def _absent(observation: Observation, answer: str) -> bool:
    failure = observation.failure
    if failure is None:
        return False
    return failure.kind == "no file" or (failure.kind == "missing" and failure.message == answer)


def _like_starter(starter: Observation, observed: Observation) -> bool:
    if starter.failure or observed.failure:
        stub = starter.failure and starter.failure.kind == "NotImplementedError"
        return _same_kind(starter, observed) if stub else _agree(starter, observed)
    return _agree(starter, observed)


def _same_kind(one: Observation, other: Observation) -> bool:
    return bool(one.failure and other.failure and one.failure.kind == other.failure.kind)


def _agree(one: Observation | None, other: Observation | None) -> bool:
    if one is None or other is None or one.changed != other.changed:
        return False
    if one.failure or other.failure:
        return bool(
            one.failure and other.failure
            and (one.failure.kind, one.failure.message) == (other.failure.kind, other.failure.message)
        )  # fmt: skip
    return is_close(one.value, other.value, 1e-6, 1e-12)


def _is_choice(task: JudgedTask, probe: JudgedProbe) -> bool:
    """Whether what is expected is the answer itself, a text that no input leads to: to show it is to give it away."""
    return not probe.inputs and isinstance(task.expectation.reference[probe.name].value, str)


def _is_question(task: JudgedTask) -> bool:
    """Whether what is expected is the letter of a choice."""
    reference = task.expectation.reference.get("choice")
    if [probe.name for probe in task.probes] != ["choice"] or reference is None or task.probes[0].inputs:
        return False
    return isinstance(reference.value, str) and len(choice_key(reference.value, task.choices)) == 1


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
