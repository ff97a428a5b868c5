"""Names of files for learners' ids: each id has one of its own, on every disk and every system."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection

MOST_BYTES = 120
_FORBIDDEN = frozenset('<>:"/\\|?*')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|\Z)", re.IGNORECASE)
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


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
