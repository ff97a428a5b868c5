"""Reading notebooks: the author's source, and whatever a learner hands in."""

import ast
import hashlib
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from grader.core.errors import SubmissionError
from grader.core.limits import size_text
from grader.core.text import one_line
from grader.notebooks.file_kinds import why_no_json, why_no_notebook

BEGIN, STARTER, END = "### BEGIN SOLUTION", "### STARTER", "### END SOLUTION"
MAX_NOTEBOOK_BYTES = 50 * 2**20
MAX_CELLS = 2_000
MAX_SOURCE = 5 * 2**20  # characters in all cells; as JSON they fit into one frame whatever they are
MAX_BRACKETS = 5_000_000
MOST_CODE = 200_000  # characters that are read as Python at a time: a tree takes a hundred times their room
# Of a name with dots in an import CPython keeps each beginning: one of 80,000 characters takes 2 GB and half a minute.
_LONG_NAME = re.compile(r"(?:\.[\w\x80-\U0010ffff]+){100}")
_WITHIN_A_NAME = re.compile(r"[ \t\f]+|\\\r?\n")
_OWN_LINE = re.compile(r"^([ \t]*)(?:[!%?].*|[\w.*]+\?\??[ \t]*)$", re.MULTILINE)
_OWN_VALUE = re.compile(r"^([ \t]*[\w.][\w., \t]*=[ \t]*)[!%].*$", re.MULTILINE)
_CELL_MAGIC = re.compile(r"\s*(%%[\w!]+)")
_PYTHON_MAGICS = ("%%capture", "%%debug", "%%prun", "%%time", "%%timeit")
CLEAR = "Clear its outputs (in Jupyter: Edit > Clear Outputs of All Cells), save it, and hand it in again."
_CHOICE = re.compile(r"^[-*] \((\w)\) (.*(?:\n {2,}\S.*)*)", re.MULTILINE)


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
        raise SubmissionError("this is JSON but no notebook: it has no list of cells. Hand in the .ipynb file itself.")
    if not cells:
        raise SubmissionError("the notebook has no cells: was it saved before it was handed in?")
    if len(cells) > MAX_CELLS:
        raise SubmissionError(f"the notebook has {len(cells):,} cells; at most {MAX_CELLS:,} are run.")
    language = _language(document)
    if language.lower() not in ("python", "ipython", "python3"):
        raise SubmissionError(f"the notebook is for a {language} kernel: open it with Python 3 and hand it in again.")
    read = [_cell(cell, number) for number, cell in enumerate(cells, 1)]
    size = sum(len(cell["source"]) for cell in read)
    if size > MAX_SOURCE:
        raise SubmissionError(
            f"the notebook's cells hold {size:,} characters; at most {MAX_SOURCE:,} are run. Data belongs into files."
        )
    return read


def may_ask(source: str) -> bool:
    """Whether `checked_tasks` may find a task in a cell, or in what IPython makes of it; for most it is plain that not.

    A name may be spelt in other letters, which Python reads as these.
    """
    return not source.isascii() or "check" in source or "answer" in source


def checked_tasks(source: str) -> list[str]:
    """The tasks that a code cell asks a verdict for: `….check("name")` and `….answer("name", …)`, in order."""
    try:
        tree = tree_of(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return list(dict.fromkeys(asked_tasks(tree)))


def asked_tasks(tree: ast.AST) -> Iterator[str]:
    """The tasks that code asks a verdict for, in order, each as often as it does."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in ("check", "answer")
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
        ):
            yield node.args[0].value


def statements(source: str) -> list[ast.stmt]:
    """A code cell's statements without IPython's own lines; none where Python does not read it, or cannot."""
    if speaks_otherwise(source):
        return []
    try:
        return parsed(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def tree_of(source: str) -> ast.Module:
    """What Python reads in a text that may come from anybody.

    Raises SyntaxError, ValueError, RecursionError or MemoryError where it cannot, and ValueError where it would take
    too much time or memory.
    """
    if len(source) > MOST_CODE or _LONG_NAME.search(_WITHIN_A_NAME.sub("", source)):
        raise ValueError("it would take too long to read this as Python")
    with warnings.catch_warnings(action="ignore"):  # of a learner's "\\d", for one
        return ast.parse(source)


def parsed(source: str) -> ast.Module:
    """A code cell as Python reads it, with `pass` for IPython's own lines.

    Raises SyntaxError, ValueError, RecursionError or MemoryError where it cannot.
    """
    lines = (line.removeprefix("%time ") for line in source.split("\n"))
    plain = "\n".join("pass" if line.startswith(("%", "!", "?")) else line for line in lines)
    try:
        return tree_of(plain)
    except SyntaxError:
        bare = _OWN_LINE.sub(r"\1pass", _OWN_VALUE.sub(r"\1None", plain))
        if bare == plain:
            raise
        return tree_of(bare)


def speaks_otherwise(source: str) -> str:
    """The magic at a cell's head, such as `%%bash`, that gives the cell to something else than this Python; or ""."""
    found = _CELL_MAGIC.match(source)
    return found[1] if found and found[1] not in _PYTHON_MAGICS else ""


def choices_in(text: str) -> dict[str, str]:
    """The choices of a question's text, by letter: the items of its list that begin `- (a)`.

    None where a letter stands twice: then the text holds several questions.
    """
    found = [(letter.lower(), " ".join(words.split())) for letter, words in _CHOICE.findall(text)]
    choices = dict(found)
    return choices if len(choices) == len(found) else {}


def without_solution(source: str) -> str:
    """A code cell as a learner gets it: each solution region gone, its starter in its place.

    A region in a function leaves `raise NotImplementedError`; a region at the top level leaves a comment.
    """
    kept: list[str] = []
    region: list[str] | None = None
    for line in source.split("\n"):
        mark = line.strip()
        if mark == BEGIN:
            region = [line]
        elif mark == END and region:
            kept.extend(_starter(region))
            region = None
        elif region:
            region.append(line)
        else:
            kept.append(line)
    return "\n".join(kept)


def without_marks(source: str) -> str:
    """A code cell as the reference shows it: the solution without its marks, the starter gone."""
    return "\n".join(line for _, line in numbered_without_marks(source))


def numbered_without_marks(source: str) -> list[tuple[int, str]]:
    """The lines of `without_marks`, each with the number that it has in the source."""
    kept: list[tuple[int, str]] = []
    skipping = False
    for number, line in enumerate(source.split("\n"), 1):
        mark = line.strip()
        if mark in (STARTER, END):
            skipping = mark == STARTER
        elif mark != BEGIN and not skipping:
            kept.append((number, line))
    return kept


def cell_ids(sources: list[str]) -> list[str]:
    """Ids that depend on the cells' text alone, so that a build gives the same bytes each time."""
    seen: dict[str, int] = {}
    ids = []
    for source in sources:
        digest = hashlib.sha256(source.encode()).hexdigest()[:12]
        seen[digest] = seen.get(digest, 0) + 1
        ids.append(digest if seen[digest] == 1 else f"{digest}-{seen[digest]}")
    return ids


def unit_of(path: Path) -> str:
    """The unit that a file's name says."""
    return path.name.removesuffix(".ipynb")


def _starter(region: list[str]) -> list[str]:
    indent = region[0][: len(region[0]) - len(region[0].lstrip())]
    marks = [number for number, line in enumerate(region) if line.strip() == STARTER]
    if marks:
        lines = (line.strip() for line in region[marks[0] + 1 :])
        return [
            _uncommented(line, original, indent) for line, original in zip(lines, region[marks[0] + 1 :], strict=True)
        ]
    if indent:
        return [f"{indent}# Your code here.", f"{indent}raise NotImplementedError"]
    return [f"{indent}# Your code here."]


def _uncommented(line: str, original: str, indent: str) -> str:
    """`# code` as `code`; what stands between the mark's indent and the # is kept before it."""
    before = original[: len(original) - len(original.lstrip())]
    text = line.removeprefix("#")
    return (before or indent) + text.removeprefix(" ") if text.strip() else ""


def read_document(data: bytes) -> dict[str, Any]:
    """The JSON object that a file holds. Raises SubmissionError, in a sentence, where it holds none."""
    if len(data) > MAX_NOTEBOOK_BYTES:
        raise SubmissionError(too_large(len(data), MAX_NOTEBOOK_BYTES))
    if data.count(b"[") + data.count(b"{") > MAX_BRACKETS:  # each costs the memory of a list
        raise SubmissionError(f"the file holds too many lists to be a notebook. {CLEAR}")
    text = _text(data)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SubmissionError(why_no_notebook(text, error)) from error
    if not isinstance(document, dict):
        raise SubmissionError("this is JSON but no notebook: it has no list of cells. Hand in the .ipynb file itself.")
    return document


def too_large(size: int, most: int) -> str:
    """The sentence for a notebook of more bytes than are read."""
    return f"the notebook has {size_text(size)}; at most {size_text(most)} are read. {CLEAR}"


def _text(data: bytes) -> str:
    """What bytes say, in UTF-8, 16 or 32, or in Windows's code page where they can be nothing else."""
    why = why_no_json(data)
    if why:
        raise SubmissionError(why)
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if data.lstrip()[:1] == b"{" and encoding == "utf-8" and data.decode("utf-8", "ignore").isascii():
            with suppress(UnicodeDecodeError):
                return data.decode("cp1252")
        line = data.count(b"\n", 0, error.start) + 1
        raise SubmissionError(
            f"this is no notebook: it is no text, or damaged in line {line}. Open the notebook, save it, and hand it "
            "in again."
        ) from error


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
        raise SubmissionError(
            f"cell {number} is not a cell: the file is damaged. Save the notebook and hand it in again."
        )
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise SubmissionError(
            f"cell {number} has no text: the file is damaged. Save the notebook and hand it in again."
        )
    kind = cell.get("cell_type")
    return {"cell_type": kind if kind in ("code", "raw") else "markdown", "source": _printable(source)}


def _printable(text: str) -> str:
    """The text without halves of surrogate pairs, which can be neither printed nor stored."""
    return text.encode("utf-8", "replace").decode("utf-8")
