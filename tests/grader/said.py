"""What is said of a verdict, a row of scores, the end of a run, a diagnosis: as messages, or in words.

A test names what is said by its code and arguments: an editor may improve the words.
"""

from typing import Any

from grader.core.messages import Argument, Message, message, render
from grader.judging.verdict import State


def says(said: Any) -> list[Message]:
    """The messages, or those of what has some, in their order; [] for none."""
    messages = getattr(said, "messages", getattr(said, "stopped", said))
    return [messages] if isinstance(messages, Message) else list(messages or ())


def codes(said: Any) -> list[str]:
    """The codes of `says`."""
    return [one.code for one in says(said)]


def words(said: Any) -> str:
    """The words of `says`; "" for none."""
    return render(says(said))


def sentence(code: str, /, **arguments: Argument) -> str:
    """A message in words, for what has only text: a card, a page, a table."""
    return render(message(code, **arguments))


def check_title(task: str, state: State) -> str:
    """The title of the card of a learner's own check."""
    mark, code = {
        State.PASSED: ("✓", "state.public_passed"),
        State.FAILED: ("✗", "state.public_failed"),
        State.NOT_ATTEMPTED: ("○", "state.not_attempted"),
        State.UNGRADED: ("?", "state.ungraded"),
    }[state]
    return f"{mark} {task}: {sentence(code)}"
