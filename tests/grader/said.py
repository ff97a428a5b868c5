"""What is said in words: of a verdict, a row of scores, the end of a run, a diagnosis."""

from typing import Any

from grader.core.messages import render


def words(said: Any) -> str:
    """The words of messages, or of what has some; "" for none."""
    messages = getattr(said, "messages", getattr(said, "stopped", said))
    return render(messages) if messages else ""
