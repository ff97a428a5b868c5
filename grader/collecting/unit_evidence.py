"""Which unit a notebook is of: its name, its metadata and its call of `Lab` are witnesses, and two of the three decide.

`grader build` writes the metadata, and a learner's Jupyter keeps them; the call is the notebook's own code.
"""

import ast
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from grader.collecting.file_names import Name
from grader.core.errors import SubmissionError
from grader.notebooks.needed_files import without_magics
from grader.notebooks.notebook_file import cells_of, read_document, unit_in

_META = re.compile(rb'"deep_learning_labs"\s*:\s*\{[^{}]*?"unit"\s*:\s*"([^"\\]*)"')
_LAB = re.compile(rb'\bLab\(\s*(?:unit\s*=\s*)?(?:\\"|\')([^"\'\\]{1,100})(?:\\"|\')')


@dataclass(frozen=True)
class Finding:
    """The unit that a notebook is of, "" where nothing says one; `doubt` is a sentence where the witnesses differ."""

    unit: str = ""
    doubt: str = ""


def unit_of_notebook(said: Name, data: bytes, units: Collection[str]) -> Finding:
    """Which unit a notebook of this name with these bytes is of.

    Raises SubmissionError, in a sentence, where that is not certain.
    """
    if said.unit and _agrees(said.unit, data):
        return Finding(said.unit)
    try:
        document = read_document(data)
        metadata, called = unit_in(document), lab_units(cells_of(document))
    except SubmissionError:  # what is wrong with it is told where it is graded
        metadata, called = "", []
    return _judged(said, metadata if metadata in units else "", _only(unit for unit in called if unit in units))


def lab_units(cells: Iterable[Mapping[str, Any]]) -> list[str]:
    """The names with which code cells call `Lab`, each once."""
    found: dict[str, None] = {}
    for cell in cells:
        if cell["cell_type"] == "code" and "Lab" in cell["source"]:
            for node in ast.walk(without_magics(cell["source"])):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "Lab":
                    values = [*node.args[:1], *(word.value for word in node.keywords if word.arg == "unit")]
                    found |= {v.value: None for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)}
    return list(found)


def _agrees(unit: str, data: bytes) -> bool:
    """Whether it is plain, without parsing, that nothing in a notebook speaks against a unit; for most it is.

    In JSON no text can look like the key, since quotes in it are written out.
    """
    metadata = set(_META.findall(data))
    if metadata == {unit.encode()}:
        return True
    return not metadata and set(_LAB.findall(data)) <= {unit.encode()}


def _only(units: Iterable[str]) -> str:
    found = list(units)
    return found[0] if len(found) == 1 else ""


def _judged(said: Name, metadata: str, called: str) -> Finding:
    """What the three witnesses, each "" where it says nothing, say together."""
    contents = {unit for unit in (metadata, called) if unit}
    if not said.unit:
        if len(contents) > 1:
            raise SubmissionError(
                f"it is unclear which unit it belongs to: its metadata says {metadata!r}, its `Lab` {called!r}. Name "
                "the file after its unit."
            )
        return Finding(next(iter(contents), ""))
    if not contents or said.unit in contents:
        return Finding(said.unit)
    unit = metadata if metadata == called else said.unit
    words = [f"its metadata says {metadata!r}"] if metadata else []
    words += [f"its `Lab` says {called!r}"] if called else []
    others = f"its metadata and its `Lab` say {metadata!r}" if metadata == called else " and ".join(words)
    return Finding(unit, f"it is named after {said.unit!r}, but {others}: it counts as {unit!r}.")
