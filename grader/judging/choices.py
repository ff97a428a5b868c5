"""A question's answer as it is compared: the letter that it means, however it is written. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

_MOST_CHOICE = 2_000  # characters of an answer that may be a choice's own text
_EDGE = r"""[\s()\[\]{}<>.,:;'"`´“”„‟‘’‚‛«»‹›*_#–—-]*"""
_LETTER = re.compile(
    rf"{_EDGE}(?:(?:(?:the|my) +)?(?:choice|answer|option|letter)\b(?: +is\b)?{_EDGE})?([^\W_]){_EDGE}"
)
_LETTER_AND_TEXT = re.compile(rf"{_EDGE}([^\W_])[).:\]]+ *(\S.*)")


def choice_key(choice: str, choices: Mapping[str, str] = MappingProxyType({})) -> str:
    """A quiz answer as it is compared: the letter that it means, as in `(b)`, `B.` or `answer: b`.

    `choices` gives each choice's text by its letter: such a text, with or without its letter, means the letter, too.
    What means no letter for certain is compared as it is, but for its case and the spaces around it.
    """
    said = _folded(choice)
    if letter := _LETTER.fullmatch(said):
        return letter[1]
    lettered = _LETTER_AND_TEXT.fullmatch(said)
    meant = [
        letter
        for letter, text in choices.items()
        if _bare(said) == _bare(_folded(text))
        or (lettered and (lettered[1], _bare(lettered[2])) == (letter, _bare(_folded(text))))
    ]
    return meant[0] if len(meant) == 1 else said


def says_nothing(value: object) -> bool:
    """Whether an answer is none: text without a word, None, or empty.

    >>> says_nothing(" \\u200b"), says_nothing("7")
    (True, False)
    """
    if isinstance(value, str):
        return not any(character.isprintable() and not character.isspace() for character in value)
    return value is None or (isinstance(value, list | tuple | dict) and not value)


def _folded(text: str) -> str:
    """A text on one line, in lower case, with letters in brackets or circles as plain ones."""
    return " ".join(unicodedata.normalize("NFKC", text[:_MOST_CHOICE]).lower().split())


def _bare(text: str) -> str:
    """A choice's text without what marks code, stress and formulas, and without the marks around it."""
    return re.sub(r"[`*$\\]", "", text).strip(" .,;:'\"“”")
