"""What is expected of a task: the observations of known answers, as a judge sees them, and their form as JSON."""

import ast
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from grader.core.values import Value
from grader.judging.choices import choice_key, says_nothing
from grader.judging.facts import Facts, meant
from grader.judging.judges import Judge, by_hand
from grader.judging.observe import Observation, observation_from_json, observation_to_json

Observations = Mapping[str, Observation]
"""Observations of one task, by the probe's name."""


@dataclass(frozen=True)
class JudgedProbe:
    """What judging needs to know of a probe; `inputs` are shown to the learner where `shown`.

    `drawn` says that the inputs are new for each seed. `facts` says what a value means that came back. `public` says
    that a learner's own check runs it: its name may be told. `says` is the author's sentence for when it fails.
    `literals` are the texts and numbers that its code holds.
    """

    name: str
    judge: Judge
    weight: float
    call: str
    inputs: Mapping[str, Value]
    shown: bool
    drawn: bool = False
    facts: Facts | None = None
    public: bool = False
    says: str = ""
    literals: Collection[str | float] = ()


@dataclass(frozen=True)
class Expectation:
    """What one task's probes observe for known answers: the reference, the untouched starter, each misconception."""

    reference: Observations
    starter: Observations
    misconceptions: Mapping[str, Observations] = field(default_factory=dict)
    alternatives: Mapping[str, Observations] = field(default_factory=dict)

    def of_probes(self, names: Collection[str]) -> "Expectation":
        """What these probes observe for the reference, the starter and each misconception, and no others."""

        def of(seen: Observations) -> dict[str, Observation]:
            return {name: observation for name, observation in seen.items() if name in names}

        wrong = {name: some for name, seen in self.misconceptions.items() if (some := of(seen))}
        return Expectation(of(self.reference), of(self.starter), wrong)

    def meant(self, facts: Mapping[str, Facts]) -> "Expectation":
        """The expectation of what these functions say, by the probe's name."""
        if not facts:
            return self
        wrong = {name: meant(seen, facts) for name, seen in self.misconceptions.items()}
        return replace(self, reference=meant(self.reference, facts), misconceptions=wrong)


@dataclass(frozen=True)
class JudgedTask:
    """A task as a judge sees it. `hints` gives each misconception's; `file` is what is to be handed in, or "".

    If a probe has a function of facts, reference and misconceptions are what that says of them; the rest of the
    expectation is as it was observed. `choices` are a question's texts by their letters, where they are known.
    """

    name: str
    points: float
    probes: Sequence[JudgedProbe]
    hints: Mapping[str, str]
    expectation: Expectation
    file: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)

    def of_probes(self, names: Collection[str]) -> "JudgedTask":
        """The task as it is judged by these probes alone: the public ones are what a learner's own check knows."""
        probes = [probe for probe in self.probes if probe.name in names]
        return replace(self, probes=probes, expectation=self.expectation.of_probes(names))

    @cached_property
    def facts(self) -> dict[str, Facts]:
        """The functions that say what a value means, by the name of the probe that it comes from."""
        return facts_by_probe(self.probes)

    @property
    def is_question(self) -> bool:
        """Whether what is expected is the letter of a choice."""
        reference = self.expectation.reference.get("choice")
        if [probe.name for probe in self.probes] != ["choice"] or reference is None or self.probes[0].inputs:
            return False
        return isinstance(reference.value, str) and len(choice_key(reference.value, self.choices)) == 1

    @property
    def by_person(self) -> bool:
        """Whether a person marks it, at least in part."""
        return any(isinstance(probe.judge, by_hand) for probe in self.probes)

    @property
    def is_text(self) -> bool:
        """Whether the answer is text, and nothing that is computed."""
        return [probe.name for probe in self.probes] == ["text"]

    def waits(self, observations: Observations) -> bool:
        """Whether something was observed that a person is to mark."""
        by_person = [observations.get(probe.name) for probe in self.probes if isinstance(probe.judge, by_hand)]
        return any(seen is not None and not seen.failure for seen in by_person)

    def is_blank(self, observations: Observations) -> bool:
        """Whether all that a person would mark is empty, as text without a word is, and nothing else is asked."""
        seen = [observations.get(p.name) for p in self.probes if isinstance(p.judge, by_hand)]
        empty = [one for one in seen if one and not one.failure and says_nothing(one.value)]
        return bool(empty) and len(empty) == len(self.probes)

    def is_choice(self, probe: JudgedProbe) -> bool:
        """Whether what is expected is the answer itself, a text that no input leads to: to show it gives it away."""
        return not probe.inputs and isinstance(self.expectation.reference[probe.name].value, str)


def facts_by_probe(probes: Iterable[JudgedProbe]) -> dict[str, Facts]:
    """Of those probes that have one, the function that says what a value means."""
    return {probe.name: probe.facts for probe in probes if probe.facts}


FORMAT = 3  # of expectations and checks: a new one makes all old ones stale


Expectations = Mapping[str, Expectation]
"""What is expected of each task, by its name."""


def expectation_to_json(expectation: Expectation) -> dict[str, Any]:
    """The JSON form of an expectation."""
    return {
        "reference": _forms(expectation.reference),
        "starter": _forms(expectation.starter),
        "misconceptions": {name: _forms(seen) for name, seen in expectation.misconceptions.items()},
        "alternatives": {name: _forms(seen) for name, seen in expectation.alternatives.items()},
    }


def expectation_from_json(form: dict[str, Any]) -> Expectation:
    """The expectation of a JSON form."""
    return Expectation(
        _observations(form["reference"]),
        _observations(form["starter"]),
        {name: _observations(seen) for name, seen in form["misconceptions"].items()},
        {name: _observations(seen) for name, seen in form["alternatives"].items()},
    )


def _forms(observations: Mapping[str, Observation]) -> dict[str, Any]:
    return {name: observation_to_json(observation) for name, observation in observations.items()}


def _observations(forms: dict[str, Any]) -> dict[str, Observation]:
    return {name: observation_from_json(form) for name, form in forms.items()}


def call_of(code: str, answer: str) -> str:
    """The first call of `answer` in a probe's code, as a learner would write it: `softmax(logits)`."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == answer:
            return ast.unparse(node)
    return answer


def literals_of(*codes: str) -> frozenset[str | float]:
    """The texts and the numbers that a probe's code holds."""
    nodes = (node for code in codes for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant))
    return frozenset(node.value for node in nodes if isinstance(node.value, str | int | float))
