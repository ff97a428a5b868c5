"""What is said of a verdict, a row of scores, the end of a run, a diagnosis: as messages, or in words.

A test names what is said by its code and arguments: an editor may improve the words.
"""

from typing import Any

from grader.core.messages import Message, render


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
