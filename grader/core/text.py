"""Text from others, made harmless for where it goes: one line of a message, a database, a page. Pure."""

import re

MOST = 300
MOST_STORED = 2_000
_SIZES = (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10))
# What moves a cursor, starts a terminal's command, breaks a line or turns text around; and halves of surrogate pairs.
_ACTING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# What can be neither printed nor stored; tabs and line ends can.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Colours of a terminal, titles, and whatever else begins with an escape.
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]")


def one_line(text: str, most: int = MOST) -> str:
    """The text with what would act written out as in a Python string; the middle of a long one is left out.

    A byte of a file's name that is no Unicode becomes `\\xff`, a line end `\\n`.
    """
    if len(text) > most:  # before and after: what is written out grows
        text = _shortened(text, most)
    text = _ACTING.sub(_written_out, text)
    return text if len(text) <= most else _shortened(text, most)


def storable(text: str, most: int = MOST_STORED) -> str:
    """The beginning of a text, in which a mark is in place of each control, and `?` of half a surrogate pair.

    >>> storable("a\\x00b\\n")
    'a\ufffdb\\n'
    """
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text[:most]).encode("utf-8", "replace").decode("utf-8")


def printable(text: str, *, escapes: bool = False) -> str:
    """A text without controls; without a terminal's colours, too, if it may hold its `escapes`."""
    return _CONTROLS.sub("", _ESCAPES.sub("", text) if escapes else text)


def size_text(count: float) -> str:
    """A number of bytes as people read it: 64 MiB."""
    for unit, size in _SIZES:
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count:.0f} bytes"


def _shortened(text: str, most: int) -> str:
    return f"{text[: most // 2]}…{text[-(most - most // 2 - 1) :]}"


def _written_out(match: re.Match[str]) -> str:
    code = ord(match[0])
    # How Python keeps such bytes in a text.
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else match[0].encode("unicode_escape").decode("ascii")
