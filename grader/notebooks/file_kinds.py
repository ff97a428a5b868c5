"""What a file is that was handed in for a notebook and is none, and what to do. Pure."""

import json
import re

from grader.core.messages import Message, message
from grader.core.text import one_line

_FIRST_BYTES = (
    (b"%PDF", message("notebook.pdf")),
    (b"PK\x03\x04", message("notebook.zip")),
    (b"PK\x05\x06", message("notebook.empty_zip")),
    (b"\x1f\x8b", message("notebook.gzip")),
    (b"7z\xbc\xaf\x27\x1c", message("notebook.seven_zip")),
    (b"Rar!\x1a\x07", message("notebook.rar")),
    (b"\x89PNG", message("notebook.picture")),
    (b"\xff\xd8\xff", message("notebook.picture")),
    (b"\xd0\xcf\x11\xe0", message("notebook.office")),
    (b"{\\rtf", message("notebook.word_processor")),
    (b"version https://git-lfs", message("notebook.git_lfs")),
)
_PAGE = re.compile(r"\s*(?:<\?xml|<!doctype|<html|<head|<!--|<svg)", re.IGNORECASE)
_CONFLICT = re.compile(r"^(?:<{7} |>{7} |={7}$)", re.MULTILINE)
_PYTHON = re.compile(r"^(?:import \w|from [\w.]+ import |def \w+\(|class \w+|print\(|# (?:%%|coding)|@\w)", re.M)
_ENDINGS = {
    ".py": "a Python script",
    ".html": "a web page",
    ".htm": "a web page",
    ".pdf": "a PDF",
    ".docx": "a text document",
    ".doc": "a text document",
    ".odt": "a text document",
    ".rtf": "a text document",
    ".txt": "a text",
    ".md": "a text",
    ".ipynb": "a notebook of no unit",
    ".7z": "an archive that is not read; a .zip is",
    ".rar": "an archive that is not read; a .zip is",
    ".gz": "an archive that is not read; a .zip is",
    ".tgz": "an archive that is not read; a .zip is",
    ".tar": "an archive that is not read; a .zip is",
    ".bz2": "an archive that is not read; a .zip is",
    ".xz": "an archive that is not read; a .zip is",
}


def kind_by_name(name: str) -> str:
    """What a file is by the ending of its name, as in "a PDF"; "" where that says nothing."""
    if name.lower() in ("onlinetext.html", "onlinetext.htm"):
        return "a text typed into the platform"
    return next((kind for ending, kind in _ENDINGS.items() if name.lower().endswith(ending)), "")


def why_no_json(data: bytes) -> Message | None:
    """What bytes are that are no text; None if they may be one."""
    if not data.strip(b"\0 \t\r\n"):
        return message("notebook.empty")
    return next((said for first, said in _FIRST_BYTES if data.startswith(first)), None)


def why_no_notebook(text: str, error: ValueError | RecursionError) -> Message:
    """What a text is that is no JSON, for which Python gave this error."""
    start = text[:2_000]
    if _PAGE.match(start):
        return message("notebook.web_page")
    if text.lstrip()[:1] == "{" or _CONFLICT.match(text):
        return _damage(text, error)
    if _PYTHON.search(text[:100_000]):
        return message("notebook.script")
    return message("notebook.other_text", beginning=one_line(" ".join(start.split()), 40))


def _damage(text: str, error: ValueError | RecursionError) -> Message:
    """What is wrong with a text that begins like a notebook."""
    conflict = _CONFLICT.search(text)
    if conflict:
        return message("notebook.conflict", line=text.count("\n", 0, conflict.start()) + 1)
    if not isinstance(error, json.JSONDecodeError):
        return message("notebook.endless")
    if error.msg.startswith("Unterminated string") or error.pos >= len(text.rstrip()) - 1:
        return message("notebook.cut_off", line=text.count("\n") + 1)
    if error.msg == "Extra data":
        return message("notebook.goes_on", line=error.lineno)
    return message("notebook.damaged", line=error.lineno, problem=error.msg)
