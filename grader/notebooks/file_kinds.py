"""What a file is that was handed in for a notebook and is none: one sentence that says so and what to do. Pure."""

import json
import re

from grader.core.text import one_line

_EXPORTED = "In Jupyter, File > Save and Export makes other files from a notebook: hand in the notebook itself."
_AGAIN = "Open the notebook, save it, and hand it in again."
_FIRST_BYTES = (
    (b"%PDF", "a PDF", _EXPORTED),
    (b"PK\x03\x04", "a zip file", "Name it .zip, or hand in the notebook in it."),
    (b"PK\x05\x06", "an empty zip file", _AGAIN),
    (b"\x1f\x8b", "a gzip file", "Unpack it and hand in the notebook in it."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip file", "Unpack it and hand in the notebook in it."),
    (b"Rar!\x1a\x07", "a RAR file", "Unpack it and hand in the notebook in it."),
    (b"\x89PNG", "a picture", "Hand in the notebook itself."),
    (b"\xff\xd8\xff", "a picture", "Hand in the notebook itself."),
    (b"\xd0\xcf\x11\xe0", "an Office document", "Hand in the notebook itself."),
    (b"{\\rtf", "a text of a word processor", "Hand in the notebook itself, which no word processor has saved."),
    (b"version https://git-lfs", "a pointer of Git LFS", "Run `git lfs pull` and hand in the file that it fetches."),
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


def why_no_json(data: bytes) -> str:
    """What bytes are that are no text: "" where they may be one."""
    if not data.strip(b"\0 \t\r\n"):
        return f"the file is empty. {_AGAIN}"
    for first, kind, advice in _FIRST_BYTES:
        if data.startswith(first):
            return f"this is no notebook but {kind}. {advice}"
    return ""


def why_no_notebook(text: str, error: ValueError | RecursionError) -> str:
    """What a text is that is no JSON, for which Python gave this error."""
    start = text[:2_000]
    if _PAGE.match(start):
        return (
            "this is no notebook but a web page: perhaps one that shows it, or that asks for a password. Download the "
            "notebook itself, and hand that in."
        )
    if text.lstrip()[:1] == "{" or _CONFLICT.match(text):
        return _damage(text, error)
    if _PYTHON.search(text[:100_000]):
        return "this is no notebook but a Python script. Hand in the notebook itself, the .ipynb file."
    what = one_line(" ".join(start.split()), 40)
    return f"this is no notebook but a text that begins `{what}`. Hand in the notebook itself, the .ipynb file."


def _damage(text: str, error: ValueError | RecursionError) -> str:
    """What is wrong with a text that begins like a notebook."""
    conflict = _CONFLICT.search(text)
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        return (
            f"the notebook holds Git's marks of a merge conflict (line {line}). Keep one of the two sides, save the "
            "notebook in Jupyter, and hand it in again."
        )
    if not isinstance(error, json.JSONDecodeError):
        return f"this is no notebook: it holds lists in each other, or numbers, without end. {_AGAIN}"
    if error.msg.startswith("Unterminated string") or error.pos >= len(text.rstrip()) - 1:
        return f"the notebook is cut off in line {text.count(chr(10)) + 1}: part of it was not saved or sent. {_AGAIN}"
    if error.msg == "Extra data":
        return f"the notebook goes on after its end (line {error.lineno}): two files became one. {_AGAIN}"
    return f"the notebook is damaged in line {error.lineno} ({error.msg}): it is no JSON there. {_AGAIN}"
