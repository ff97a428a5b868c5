"""Reads a notebook as a file: whatever a learner hands in, within bounds, as plain cells."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from grader.core.messages import message, refused
from grader.core.text import one_line
from grader.notebooks.cells import MAX_BRACKETS
from grader.notebooks.file_kinds import why_no_json, why_no_notebook

MAX_NOTEBOOK_BYTES = 50 * 2**20
MAX_CELLS = 2_000
MAX_SOURCE = 5 * 2**20  # characters in all cells; as JSON they fit into one frame whatever they are
CLEAR = "Clear its outputs (in Jupyter: Edit > Clear Outputs of All Cells), save it, and hand it in again."


def read_submission(data: bytes) -> list[dict[str, Any]]:
    """The cells of a learner's notebook: `{"cell_type": "code" | "markdown", "source": text}`, in order.

    Reads nbformat 4 and 3, in UTF-8, 16 or 32, with or without a byte-order mark, and what old editors wrote for
    Windows; ids and outputs that others wrote are left behind.
    Raises SubmissionError, in one sentence, for anything that is no Python notebook.
    """
    return cells_of(read_document(data))


def cells_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The cells of a notebook's document, as `read_submission` gives them."""
    cells = document.get("cells")
    if cells is None and isinstance(document.get("worksheets"), list):  # nbformat 3 and before
        sheets = [sheet for sheet in document["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet.get("cells"), list) for cell in sheet["cells"]]
    if not isinstance(cells, list):
        raise refused(message("notebook.no_cells_in_json"))
    if not cells:
        raise refused(message("notebook.no_cells"))
    if len(cells) > MAX_CELLS:
        raise refused(message("notebook.many_cells", count=len(cells), most=MAX_CELLS))
    language = _language(document)
    if language.lower() not in ("python", "ipython", "python3"):
        raise refused(message("notebook.language", language=language))
    read = [_cell(cell, number) for number, cell in enumerate(cells, 1)]
    size = sum(len(cell["source"]) for cell in read)
    if size > MAX_SOURCE:
        raise refused(message("notebook.much_text", count=size, most=MAX_SOURCE))
    return read


def unit_of(path: Path) -> str:
    """The unit that a file's name says."""
    return path.name.removesuffix(".ipynb")


def read_document(data: bytes) -> dict[str, Any]:
    """The JSON object that a file holds. Raises SubmissionError, in a sentence, where it holds none."""
    if len(data) > MAX_NOTEBOOK_BYTES:
        raise refused(message("notebook.large", size=len(data), most=MAX_NOTEBOOK_BYTES))
    if data.count(b"[") + data.count(b"{") > MAX_BRACKETS:  # each costs the memory of a list
        raise refused(message("notebook.many_lists"))
    text = _text(data)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refused(why_no_notebook(text, error)) from error
    if not isinstance(document, dict):
        raise refused(message("notebook.no_cells_in_json"))
    return document


def _text(data: bytes) -> str:
    """What bytes say, in UTF-8, 16 or 32, or in Windows's code page where they can be nothing else."""
    if why := why_no_json(data):
        raise refused(why)
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if data.lstrip()[:1] == b"{" and encoding == "utf-8" and data.decode("utf-8", "ignore").isascii():
            with suppress(UnicodeDecodeError):
                return data.decode("cp1252")
        line = data.count(b"\n", 0, error.start) + 1
        raise refused(message("notebook.no_text", line=line)) from error


def unit_in(document: Mapping[str, Any]) -> str:
    """The unit that a notebook's metadata name, or ""."""
    try:
        unit = document["metadata"]["deep_learning_labs"]["unit"]
        return unit if re.fullmatch(r"\w[\w.-]*", unit) else ""
    except (LookupError, TypeError):
        return ""


def _language(document: Mapping[str, Any]) -> str:
    metadata = document.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    for key, name in (("kernelspec", "language"), ("language_info", "name")):
        part = metadata.get(key)
        if isinstance(part, dict) and isinstance(part.get(name), str) and part[name].strip():
            return one_line(part[name].strip(), 40)
    kernel = metadata.get("kernelspec")
    known = {"ir": "R", "xpython": "python"}
    if isinstance(kernel, dict) and isinstance(kernel.get("name"), str):
        name = kernel["name"].lower()
        return known.get(name, "julia" if name.startswith("julia") else "python")
    return "python"


def _cell(cell: Any, number: int) -> dict[str, Any]:
    if not isinstance(cell, dict):
        raise refused(message("notebook.no_cell", cell=number))
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise refused(message("notebook.no_source", cell=number))
    kind = cell.get("cell_type")
    return {"cell_type": kind if kind in ("code", "raw") else "markdown", "source": _printable(source)}


def _printable(text: str) -> str:
    """The text without halves of surrogate pairs, which can be neither printed nor stored."""
    return text.encode("utf-8", "replace").decode("utf-8")
