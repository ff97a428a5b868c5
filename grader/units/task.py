"""The words an author writes a task in: task, probe, misconception, alternative, quiz."""

import keyword
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

from grader.core.errors import SourceError
from grader.judging.choices import choice_key
from grader.judging.judges import JUDGES, Judge, by, close, equal
from grader.units.inputs import Drawn

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Probe:
    """A small function; its return value is what is observed.

    Its parameters are filled by name, from `inputs` or from the learner's namespace. `function` is None where `code`
    says it all. `facts`, if any, says outside what the value means. `says` is told to whoever fails it.
    """

    name: str
    function: Callable[..., Any] | None
    inputs: Mapping[str, Any]
    hidden: bool
    judge: Judge
    weight: float
    code: str = ""
    facts: Callable[..., Any] | None = None
    says: str = ""

    @property
    def is_drawn(self) -> bool:
        """Whether what it is called with is new for each seed."""
        return any(isinstance(value, Drawn) for value in self.inputs.values())

    @property
    def public_inputs(self) -> bool:
        """Whether a grade's feedback may show the inputs: they are fixed and everybody has them."""
        return not self.hidden and not self.is_drawn


@dataclass(frozen=True)
class Misconception:
    """A well-known wrong answer, as code, with the hint that helps whoever holds it."""

    name: str
    hint: str
    function: Callable[..., Any] | None
    code: str = ""


@dataclass
class Task:
    """One thing a learner is asked for: `name` is also the name that the learner's code must define.

    A task with a `file` asks for that file instead, handed in beside the notebook: its probes get the file's path where
    they have a parameter of the task's name. `seconds` bounds all of its probes together. Who passed every `required`
    task of a unit gets its certificate. `points` may be any number above 0.

    >>> softmax_task = Task("softmax", points=3, hints=["Which row operation keeps exp from overflowing?"])
    """

    name: str
    points: float = 1.0
    hints: Sequence[str] = ()
    seconds: float = 10.0
    file: str = ""
    required: bool = False
    probes: dict[str, Probe] = field(default_factory=dict)
    misconceptions: dict[str, Misconception] = field(default_factory=dict)
    alternatives: dict[str, Callable[..., Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or keyword.iskeyword(self.name):
            raise SourceError(f"a task's name must be a Python name; {self.name!r} is none")
        for setting in ("points", "seconds"):
            number = getattr(self, setting)
            if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number < math.inf:
                raise SourceError(f"task {self.name!r}: {setting} must be above 0, not {number!r}")
        if isinstance(self.hints, str) or not all(map(_is_text, self.hints)):
            raise SourceError(f'task {self.name!r}: hints must be a list of texts: hints=["…", "…"]')
        if self.file and (not re.fullmatch(r"\w[\w.-]{0,99}", self.file) or self.file.endswith((".ipynb", ".py"))):
            raise SourceError(f"task {self.name!r}: {self.file!r} is no plain name of a data file")

    def probe(
        self, more: Mapping[str, Any] = MappingProxyType({}), /, *, hidden: bool = False,
        judge: Judge | by | None = None, weight: float = 1.0, says: str = "", **inputs: Any,
    ) -> Callable[[F], F]:  # fmt: skip
        """Add the decorated function as a probe: its parameters are the answer and the inputs, by their names.

        A `hidden` probe never leaves the grader's machine. `judge` compares what comes back with the reference's, by
        `close()` unless told otherwise; `weight` is its share of the task's points beside the other probes'. `says` is
        a sentence for whoever fails it and holds no known misconception: what this probe is about, such as "Only the
        forget gate is open here." An input that is called as one of these words goes into a dict in front:
        `probe({"weight": normal(3)})`.

        >>> double = Task("double", points=2)
        >>> @double.probe(x=normal(3))
        ... def of_three_numbers(double, x):
        ...     return double(x)
        """
        inputs = {**more, **inputs}

        def add(function: F) -> F:
            name = function.__name__
            self._new(name, self.probes, "probe")
            if not isinstance(weight, int | float) or not 0 < weight < float("inf"):
                raise SourceError(f"probe {name!r}: weight is a share of the points, above 0; is it an input's name?")
            if not isinstance(hidden, bool):
                raise SourceError(f"probe {name!r}: hidden must be True or False, not {hidden!r}")
            if not isinstance(says, str):
                raise SourceError(f"probe {name!r}: says is a sentence for whoever fails it, not {says!r}")
            facts, compare = (judge.facts, judge.judge) if isinstance(judge, by) else (None, judge or close())
            _check_judge(name, compare)
            if not hidden and type(compare) not in JUDGES.values():
                raise SourceError(
                    f"probe {name!r}: {type(compare).__name__} is a judge of your own, which no learner's check has: "
                    "make the probe hidden=True, or say with judge=by(…) what a value means"
                )
            self.probes[name] = Probe(name, function, inputs, hidden, compare, weight, facts=facts, says=says)
            return function

        return add

    def misconception(self, hint: str) -> Callable[[F], F]:
        """Add the decorated function as a wrong answer that learners are known to give.

        >>> double_task = Task("double")
        >>> @double_task.misconception("That is the square: add x to itself.")
        ... def squared(x):
        ...     return x**2
        """
        if not _is_text(hint):
            raise SourceError(f'a misconception of task {self.name!r} has no hint: write @….misconception("The hint.")')

        def add(function: F) -> F:
            name = function.__name__
            self._new(name, self.misconceptions, "misconception")
            self.misconceptions[name] = Misconception(name, hint, function)
            return function

        return add

    def alternative(self, function: F) -> F:
        """Add the decorated function as a right answer unlike the reference: it must pass in full.

        >>> double_task = Task("double")
        >>> @double_task.alternative
        ... def added(x):
        ...     return x + x
        """
        self._new(function.__name__, self.alternatives, "alternative")
        self.alternatives[function.__name__] = function
        return function

    def _new(self, name: str, there: Mapping[str, Any], what: str) -> None:
        if name in there:
            raise SourceError(f"task {self.name!r} has two {what}s named {name!r}: rename one")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _check_judge(probe: str, judge: Any) -> None:
    """Whatever compares no values would be found out only by a learner's answer."""
    if isinstance(judge, type):
        raise SourceError(f"probe {probe!r}: {judge.__name__!r} is called: judge={judge.__name__}(…)")
    if callable(judge):
        name = getattr(judge, "__name__", "function")
        raise SourceError(f"probe {probe!r}: a function judges what it says of the value: judge=by({name})")
    if not hasattr(judge, "score"):
        raise SourceError(f"probe {probe!r}: {judge!r} is no judge, as close(), equal() and by(…) are")


class Quiz(Task):
    """A question with choices; `wrong` explains each wrong choice. The right one is what the reference answers.

    >>> quiz_1_task = Quiz("quiz_1", wrong={"a": "A sum grows with the rows.", "c": "A product of shares vanishes."})
    """

    def __init__(
        self, name: str, *, wrong: Mapping[str, str] = MappingProxyType({}), points: float = 1.0,
        hints: Sequence[str] = (),
    ) -> None:  # fmt: skip
        super().__init__(name, points, hints)
        if not wrong:
            raise SourceError(
                f'question {name!r} has no wrong choice: write Quiz({name!r}, wrong={{"a": "Why (a) is wrong."}}). '
                "A question with a free answer is no Quiz, but a Task about a value"
            )
        if not isinstance(wrong, Mapping) or not all(map(_is_text, (*wrong, *wrong.values()))):
            raise SourceError(
                f'question {name!r}: `wrong` explains each wrong choice: wrong={{"a": "Why (a) is wrong."}}'
            )
        code = f"def choice({name}):\n    return {name}\n"
        self.probes["choice"] = Probe("choice", None, {}, False, equal(), 1.0, code)
        for choice, explanation in ((choice_key(choice), text) for choice, text in wrong.items()):
            self.misconceptions[f"choice_{choice}"] = Misconception(
                f"choice_{choice}", explanation, None, f"{name} = {choice!r}\n"
            )
