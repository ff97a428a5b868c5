"""Answers other than the reference's: a task's misconceptions and alternatives, to which a call adds texts."""

import keyword
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from grader.core.errors import SourceError
from grader.units.written import Written

Answer = Callable[..., Any] | Written
_MOST_OF_A_NAME = 60
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Misconception:
    """A well-known wrong answer, as code, with the hint that helps whoever holds it."""

    name: str
    hint: str
    function: Answer | None
    code: str = ""


@dataclass(frozen=True)
class Equivalent:
    """A small change of the reference that no input can tell from it, and why: a mutant that may pass."""

    reason: str
    function: Written


class Misconceptions(dict[str, Misconception]):
    """The misconceptions of a task, by name."""

    def __init__(self, task: str) -> None:
        self._task = task

    def __call__(
        self, unnamed: Mapping[str, str] = MappingProxyType({}), /, **named: tuple[str | Sequence[str], str]
    ) -> None:
        """Add those that are written as texts, each with its hint."""
        line, pairs = line_of_the_caller(), {_name_of(text): (text, hint) for text, hint in unnamed.items()}
        for name, given in [*pairs.items(), *named.items()]:
            if not isinstance(given, tuple | list) or len(given) != 2 or not is_text(given[1]):
                raise SourceError(
                    f'misconception {name!r} of task {self._task!r} is a pair: {name}=("old -> new", "The hint.")'
                )
            self.add(name, given[1], _written(self._task, name, given[0], line, "misconception"))

    def add(self, name: str, hint: str, answer: Answer) -> None:
        """Add one. Raises SourceError if there is one of its name."""
        check_new(self._task, name, self, "misconception")
        self[name] = Misconception(name, hint, answer)


class Alternatives(dict[str, Answer]):
    """The alternatives of a task, by name."""

    def __init__(self, task: str) -> None:
        self._task = task

    def __call__(self, *unnamed: str, **named: str | Sequence[str]) -> None:
        """Add those that are written as texts."""
        line = line_of_the_caller()
        for name, text in [*((_name_of(text), text) for text in unnamed), *named.items()]:
            self.add(name, _written(self._task, name, text, line, "alternative"))

    def add(self, name: str, answer: Answer) -> None:
        """Add one. Raises SourceError if there is one of its name."""
        check_new(self._task, name, self, "alternative")
        self[name] = answer


class Equivalents(dict[str, Equivalent]):
    """The changes of a task's reference that leave it right, by the text of the edit."""

    def __init__(self, task: str) -> None:
        self._task = task

    def __call__(self, reasons: Mapping[str, str]) -> None:
        """Add those that are written as edits, each with its reason."""
        line = line_of_the_caller()
        for text, reason in reasons.items():
            if not is_text(reason):
                raise SourceError(
                    f'an equivalent of task {self._task!r} has no reason: write {{"old -> new": "Why no input tells."}}'
                )
            check_new(self._task, text, self, "equivalent")
            self[text] = Equivalent(reason, _written(self._task, _name_of(text), text, line, "equivalent"))


def line_of_the_caller() -> int:
    """The line of the source that calls a word of a task."""
    return sys._getframe(2).f_lineno


def is_text(value: object) -> bool:
    """Whether a value is a text with something in it, and without half of a surrogate pair."""
    return isinstance(value, str) and bool(value.strip()) and not _SURROGATE.search(value)


def check_new(task: str, name: str, there: Mapping[str, Any], what: str) -> None:
    """Raise SourceError for a second thing of one name."""
    if name in there:
        raise SourceError(f"task {task!r} has two {what}s named {name!r}: rename one")


def check_name(task: str, name: object, what: str) -> None:
    """Raise SourceError for a name that no function can have."""
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise SourceError(f"a {what} of task {task!r} has a Python name; {name!r} is none")


def _written(task: str, name: str, text: Any, line: int, what: str) -> Written:
    check_name(task, name, what)
    if is_text(text):
        return Written(name, text, line)
    if isinstance(text, tuple | list) and text and all(map(is_text, text)):
        return Written(name, tuple(text), line)
    raise SourceError(f"{what} {name!r} of task {task!r} is written as a text, or as a list of edits, not as {text!r}")


def _name_of(text: object) -> str:
    """A readable name for an answer that has none: "np.max( -> np.mean(" is np_max_to_np_mean."""
    old, arrow, new = str(text).partition(" -> ")
    words = f"{old}_to_{new}" if new.strip() else f"without_{old}" if arrow else old
    name = re.sub(r"\W+", "_", words, flags=re.ASCII).strip("_")[:_MOST_OF_A_NAME].strip("_")
    return name if name.isidentifier() and not keyword.iskeyword(name) else f"answer_{name}"
