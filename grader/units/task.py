"""The words an author writes a task in: task, probes, misconceptions, alternatives, quiz."""

import keyword
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeVar
from unicodedata import normalize

from grader.core.errors import SourceError
from grader.judging.choices import choice_key
from grader.judging.judges import JUDGES, Judge, by, by_hand, close, equal
from grader.units.answers import (
    Alternatives,
    Equivalents,
    Misconception,
    Misconceptions,
    check_name,
    check_new,
    is_text,
    line_of_the_caller,
)
from grader.units.inputs import Drawn
from grader.units.written import Called

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Probe:
    """A small function; its return value is what is observed.

    Its parameters are filled by name, from `inputs` or from the learner's namespace. `function` is None where `code`
    says it all. `facts`, if any, says outside what the value means. `says` is told to whoever fails it.
    """

    name: str
    function: Callable[..., Any] | Called | None
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

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or keyword.iskeyword(self.name) or normalize("NFKC", self.name) != self.name:
            raise SourceError(f"a task's name must be a Python name; {self.name!r} is none")
        for setting in ("points", "seconds"):
            number = getattr(self, setting)
            if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number < math.inf:
                raise SourceError(f"task {self.name!r}: {setting} must be above 0, not {number!r}")
        if isinstance(self.hints, str) or not all(map(is_text, self.hints)):
            raise SourceError(f'task {self.name!r}: hints must be a list of texts: hints=["…", "…"]')
        if self.file and (not re.fullmatch(r"\w[\w.-]{0,99}", self.file) or self.file.endswith((".ipynb", ".py"))):
            raise SourceError(f"task {self.name!r}: {self.file!r} is no plain name of a data file")
        self._misconceptions, self._alternatives = Misconceptions(self.name), Alternatives(self.name)
        self._equivalents = Equivalents(self.name)

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
            self._add_probe(function.__name__, function, inputs, hidden, judge, weight, says)
            return function

        return add

    def calls(
        self, name: str, text: str = "", more: Mapping[str, Any] = MappingProxyType({}), /, *, hidden: bool = False,
        judge: Judge | by | None = None, weight: float = 1.0, says: str = "", warnings: Literal["", "error"] = "",
        **inputs: Any,
    ) -> None:  # fmt: skip
        """Add a probe that calls the answer with its inputs, as arguments of their names, and returns the result.

        With a text it returns what that expression gives instead; statements return it themselves. With
        `warnings="error"` an overflow, a division by zero or an invalid number is an error in NumPy. The other words
        are those of `probe`.

        >>> double = Task("double", points=2)
        >>> double.calls("of_three_numbers", x=normal(3))
        >>> double.calls("of_large_numbers", hidden=True, warnings="error", x=normal(3, scale=1e100))
        >>> double.calls("twice", "double(double(x))", x=normal(3))
        """
        check_name(self.name, name, "probe")
        if warnings not in ("", "error"):
            raise SourceError(f'probe {name!r}: warnings="error" is the only choice, not {warnings!r}')
        if not isinstance(text, str) or not isinstance(more, Mapping):
            raise SourceError(f'probe {name!r}: behind its name are a text and a dict of inputs, as in "double(x) + 1"')
        called = Called(name, line_of_the_caller(), text, strict=bool(warnings))
        self._add_probe(name, called, {**more, **inputs}, hidden, judge, weight, says)

    def misconception(self, hint: str) -> Callable[[F], F]:
        """Add the decorated function as a wrong answer that learners are known to give.

        >>> double_task = Task("double")
        >>> @double_task.misconception("That is the square: add x to itself.")
        ... def squared(x):
        ...     return x**2
        """
        if not is_text(hint):
            raise SourceError(f'a misconception of task {self.name!r} has no hint: write @….misconception("The hint.")')

        def add(function: F) -> F:
            self.misconceptions.add(function.__name__, hint, function)
            return function

        return add

    @property
    def misconceptions(self) -> Misconceptions:
        """Wrong answers that learners are known to give, by name. A call adds some: each is a text with its hint.

        The text "old -> new" edits the reference, in which `old` is found exactly once; several edits are a tuple of
        such texts. A text without " -> " is the whole answer under the reference's signature: an expression, or
        statements. A dictionary in front has hints by texts, and names are made of these.

        >>> double_task = Task("double")
        >>> double_task.misconceptions(
        ...     tripled=("2 * x -> 3 * x", "Three times is once too often."),
        ...     squared=("x**2", "That is the square: add x to itself."),
        ... )
        >>> double_task.misconceptions({"2 * x -> 2": "Where is x?"})
        >>> list(double_task.misconceptions)
        ['tripled', 'squared', 'answer_2_x_to_2']
        """
        return self._misconceptions

    def alternative(self, function: F) -> F:
        """Add the decorated function as a right answer unlike the reference: it must pass in full.

        >>> double_task = Task("double")
        >>> @double_task.alternative
        ... def added(x):
        ...     return x + x
        """
        self.alternatives.add(function.__name__, function)
        return function

    @property
    def alternatives(self) -> Alternatives:
        """Right answers unlike the reference, by name. A call adds some, each a text as in `misconceptions`.

        >>> double_task = Task("double")
        >>> double_task.alternatives("x + x", by_numpy="np.multiply(x, 2)")
        >>> list(double_task.alternatives)
        ['x_x', 'by_numpy']
        """
        return self._alternatives

    @property
    def equivalents(self) -> Equivalents:
        """Small changes of the reference that no input can tell from it: `grader mutants` lets them pass.

        A call adds some, by the edit "old -> new"; what stands beside it is the reason.

        >>> double_task = Task("double")
        >>> double_task.equivalents({"x > 0 -> x >= 0": "Twice 0 is 0, whichever branch computes it."})
        """
        return self._equivalents

    def _add_probe(
        self, name: str, function: Callable[..., Any] | Called, inputs: Mapping[str, Any], hidden: bool,
        judge: Judge | by | None, weight: float, says: str,
    ) -> None:  # fmt: skip
        check_new(self.name, name, self.probes, "probe")
        for given in inputs:
            check_name(self.name, given, "probe's input")
        if self.name in inputs:
            raise SourceError(f"probe {name!r}: an input cannot have the task's own name, {self.name!r}")
        if not isinstance(weight, int | float) or not 0 < weight < float("inf"):
            raise SourceError(f"probe {name!r}: weight is a share of the points, above 0; is it an input's name?")
        if not isinstance(hidden, bool):
            raise SourceError(f"probe {name!r}: hidden must be True or False, not {hidden!r}")
        if says != "" and not is_text(says):
            raise SourceError(f"probe {name!r}: says is a sentence for whoever fails it, not {says!r}")
        facts, compare = (judge.facts, judge.judge) if isinstance(judge, by) else (None, judge or close())
        _check_judge(name, compare)
        if isinstance(compare, by_hand) and (hidden or any(isinstance(one, Drawn) for one in inputs.values())):
            raise SourceError(
                f"probe {name!r}: what a person marks is shown to the learner, so its inputs are fixed and not hidden"
            )
        if not hidden and type(compare) not in JUDGES.values():
            raise SourceError(
                f"probe {name!r}: {type(compare).__name__} is a judge of your own, which no learner's check has: "
                "make the probe hidden=True, or say with judge=by(…) what a value means"
            )
        self.probes[name] = Probe(name, function, inputs, hidden, compare, weight, facts=facts, says=says)


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
                f"A question that is answered in words is FreeText({name!r})"
            )
        if not isinstance(wrong, Mapping) or not all(map(is_text, (*wrong, *wrong.values()))):
            raise SourceError(
                f'question {name!r}: `wrong` explains each wrong choice: wrong={{"a": "Why (a) is wrong."}}'
            )
        code = f"def choice({name}):\n    return {name}\n"
        self.probes["choice"] = Probe("choice", None, {}, False, equal(), 1.0, code)
        for choice, explanation in ((choice_key(choice), text) for choice, text in wrong.items()):
            self.misconceptions[f"choice_{choice}"] = Misconception(
                f"choice_{choice}", explanation, None, f"{name} = {choice!r}\n"
            )


class FreeText(Task):
    """A question that is answered in words: `lab.answer("why", "…")`. It is kept, and waits until a person marks it.

    >>> why_task = FreeText("why", points=3, hints=["What does each step of the loop need?"])
    """

    def __init__(self, name: str, *, points: float = 1.0, hints: Sequence[str] = ()) -> None:
        super().__init__(name, points, hints)
        code = f"def text({name}):\n    return {name}\n"
        self.probes["text"] = Probe("text", None, {}, False, by_hand(), 1.0, code)
