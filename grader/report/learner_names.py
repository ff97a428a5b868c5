"""Learners' ids that nobody takes for another's: as names of files on every system, and spelled in ASCII."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection

MOST_BYTES = 120
_FORBIDDEN = frozenset('<>:"/\\|?*')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|\Z)", re.IGNORECASE)
# The first words of letters' names in writings that go together.
_TOGETHER = (
    {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"},
    {"CJK", "HANGUL"},
    {"CJK", "BOPOMOFO"},
)
_MARKED = re.compile(r"~[0-9a-f]{16}\Z")


def file_names(texts: Collection[str]) -> dict[str, str]:
    """A name of a file or folder for each text. An ordinary text is its own name.

    The others get a mark behind them: what some system does not take, and what a disk may take for another's name since
    they differ in letters' case alone.
    """
    alike = Counter(map(_folded, set(texts)))
    return {text: text if is_portable(text) and alike[_folded(text)] == 1 else marked(text) for text in texts}


def is_portable(text: str) -> bool:
    """Whether every system takes a text for a file's name as it is."""
    return (
        text.isprintable()
        and text == unicodedata.normalize("NFC", text).strip(" ").rstrip(".").lstrip(".")
        and 0 < len(text.encode()) <= MOST_BYTES
        and not _FORBIDDEN & set(text)
        and not _DEVICES.match(text)
        and not _MARKED.search(text)
    )


def marked(text: str) -> str:
    """A portable name that no other text has: what can be read of it, and a part of its digest."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    shown = "".join("_" if letter in _FORBIDDEN or not letter.isprintable() else letter for letter in text)
    short = unicodedata.normalize("NFC", shown).encode()[: MOST_BYTES - len(digest) - 2].decode(errors="ignore")
    return f"_{short.strip(' .')}~{digest}"


def is_plain(text: str) -> bool:
    """Whether a text is what it looks like: letters of one writing, and ASCII's other signs."""
    writings = {_writing(letter) for letter in text if letter.isalpha() or not letter.isascii()}
    is_one = len(writings) <= 1 or any(writings <= together for together in _TOGETHER)
    return is_one and text.isprintable() and _has_plain_blanks(text) and unicodedata.is_normalized("NFKC", text)


def spelled(text: str) -> str:
    """A text in ASCII, as in a Python string; no other text is spelled so."""
    written = text.encode("unicode_escape").decode("ascii")
    return written if _has_plain_blanks(text) else written.replace(" ", r"\x20")


def _writing(letter: str) -> str:
    return unicodedata.name(letter, "none").split(" ")[0]


def _has_plain_blanks(text: str) -> bool:
    """Whether every blank stands alone between words: a page shows no others."""
    return text == " ".join(part for part in text.split(" ") if part)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
