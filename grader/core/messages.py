"""What is said to people, as data: a code with its arguments. It is put into words where it is read, and not before.

What is stored or sent is the code, so that a better wording, or another language, needs no regrade. The templates are
in `grader.core.catalogue`, each of them a whole sentence or paragraph.
"""

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from grader.core.catalogue import CATALOGUE
from grader.core.errors import SubmissionError, ValuesError
from grader.core.text import size_text

MOST_TEXT = 20_000  # characters of one argument: an author's hint may be a page
MOST_NUMBER = 10**300
MOST_MESSAGES, MOST_ARGUMENTS, MOST_ITEMS = 20, 20, 100
_JOINS = {"and": " and ", "list": ", "}

Argument = str | int | float | tuple[str, ...]


@dataclass(frozen=True)
class Message:
    """A code of the catalogue, and what its template's placeholders stand for. Pickles; make one with `message`."""

    code: str
    arguments: Mapping[str, Argument] = field(default_factory=dict, hash=False)


Messages = tuple[Message, ...]
"""What there is to say, sentence by sentence."""


def message(code: str, /, **arguments: Argument) -> Message:
    """A message. What others wrote is an argument, never a template: braces in it are braces.

    >>> render(message("answer.unwritten", name="softmax"))
    '`softmax` still raises NotImplementedError.'
    """
    return Message(code, {name: _bounded(value) for name, value in arguments.items()})


def refused(said: Message) -> SubmissionError:
    """The error of a submission that is refused for this reason. In a line it follows the file's name.

    >>> str(refused(message("notebook.no_cells")))
    'the notebook has no cells: was it saved before it was handed in?'
    """
    words = render(said)
    return SubmissionError(words[:1].lower() + words[1:], said)


def plain(text: str) -> Messages:
    """A text without a code, such as older gradebooks hold; nothing for an empty one."""
    return (message("text", text=text),) if text else ()


def render(said: Message | Iterable[Message]) -> str:
    """The words of a message, or of several, one after another.

    >>> render([message("answer.none"), message("cell.stopped", cell=3)])
    'No answer yet. Cell 3 was stopped.'
    """
    if not isinstance(said, Message):
        *before, last = [render(one) for one in said] or [""]
        return " ".join([*map(_ended, before), last])
    try:
        return _WORDS.vformat(CATALOGUE[said.code], (), said.arguments)
    except (LookupError, ValueError, TypeError, OverflowError):  # another version wrote it, or a number without end
        return " ".join([said.code, *(f"{name}={value}" for name, value in said.arguments.items())])


def _ended(text: str) -> str:
    """A text that another one follows: what Python says has no full stop."""
    return text if text.endswith((".", "?", "!", ":", "…")) else f"{text}."


def messages_to_json(said: Iterable[Message]) -> list[Any]:
    """The JSON form of messages: of no more than are read back.

    >>> messages_to_json([message("cell.stopped", cell=3)])
    [['cell.stopped', {'cell': 3}]]
    """
    return [
        [one.code, {name: list(value) if isinstance(value, tuple) else value for name, value in one.arguments.items()}]
        for one in islice(said, MOST_MESSAGES)
    ]


def messages_from_json(form: Any) -> Messages:
    """The messages of a JSON form. Raises ValuesError if it is none, or says more than anybody says."""
    if not isinstance(form, list) or len(form) > MOST_MESSAGES:
        raise ValuesError("no messages")
    return tuple(map(_message_from_json, form))


def _message_from_json(form: Any) -> Message:
    if not isinstance(form, list) or len(form) != 2 or not isinstance(form[0], str) or not isinstance(form[1], dict):
        raise ValuesError("no message")
    code, arguments = form
    if len(arguments) > MOST_ARGUMENTS:
        raise ValuesError("a message with too many arguments")
    return message(code, **{name: _argument(value) for name, value in arguments.items()})


def _argument(value: Any) -> Argument:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if isinstance(value, str | int | float):
        return value
    raise ValuesError("a message with an argument that is none")


def _bounded(value: Argument) -> Argument:
    if isinstance(value, tuple):
        return tuple(item[:MOST_TEXT] for item in value[:MOST_ITEMS])
    if isinstance(value, int):  # of one with more digits no float is made, and of thousands of digits no text
        return max(-MOST_NUMBER, min(value, MOST_NUMBER))
    return value[:MOST_TEXT] if isinstance(value, str) else value


class _Words(string.Formatter):
    """Fills a template of the catalogue: `{count:,}` and the like as Python does, and more.

    `{bytes:size}` is a size as people read it, `{names:list}` and `{names:and}` join texts, `{names:code}` does so with
    each of them as code.
    """

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[Any, str]:
        """The argument of that name, and nothing that is within one."""
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        """An argument as its placeholder wants it."""
        if format_spec == "size":
            return size_text(value)
        if format_spec == "code":
            return ", ".join(f"`{item}`" for item in value)
        if format_spec in _JOINS:
            return _JOINS[format_spec].join(value)
        return format(value, format_spec)


_WORDS = _Words()
