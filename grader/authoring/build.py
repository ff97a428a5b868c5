"""Makes a unit's three files from its one source: the executed reference, the learner's notebook, the public checks;
and where the unit asks for files, those that the reference hands in."""

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from grader.authoring.reference import observe_reference
from grader.core.errors import FileError, SourceError, ValuesError, full_disk_told
from grader.core.files import atomic_write
from grader.judging.expectation import expectation_from_json
from grader.sandbox import Sandbox
from grader.units.course import Course
from grader.units.inputs import PUBLIC_SEED
from grader.units.marks import cell_ids, without_marks
from grader.units.public_checks import checks_text, rebuilt_text
from grader.units.unit import SourceCell, Unit

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def build(unit: Unit, course: Course, sandbox: Sandbox) -> list[Path]:
    """Write all three files; the checks first, since the reference notebook reads them. Returns their paths.

    Raises FileError, before anything runs, where one of them cannot be written.
    """
    checks, learner, reference = files_of(unit, course)
    for path in (checks, learner, reference, *map(unit.reference_file, unit.files)):
        _check_writable(path)
    if not all(unit.reference_file(name).is_file() for name in unit.files):
        executed_text(unit, reference.parent)  # only for what it hands in, without which there is nothing to observe
    write(checks, checks_text(unit, observe_reference(unit, PUBLIC_SEED, sandbox)))
    write(learner, learner_text(unit))
    write(reference, executed_text(unit, reference.parent))
    if unit.files:  # by now they are others
        write(checks, checks_text(unit, observe_reference(unit, PUBLIC_SEED, sandbox)))
    return [checks, learner, reference, *map(unit.reference_file, unit.files)]


def stale(unit: Unit, course: Course) -> list[str]:
    """A sentence for each file of a unit that its source would not give now."""
    checks, learner, reference = files_of(unit, course)
    findings = []
    if _read(learner) != learner_text(unit):
        findings.append(_stale(learner))
    if _read(checks) != _rebuilt_checks(unit, _read(checks)):
        findings.append(_stale(checks))
    if _sources(_read(reference)) != _sources(json.dumps(reference_notebook(unit))):
        findings.append(_stale(reference))
    return findings


def learner_text(unit: Unit) -> str:
    """The learner's notebook: the same text for the same source, byte for byte."""
    aside = {"tags": ["aside"]}
    cells = [(c["cell_type"], c["source"], aside if c["source"] in unit.asides else {}) for c in unit.starter_cells]
    return _text(_notebook(unit, cells))


def executed_text(unit: Unit, folder: Path) -> str:
    """The reference notebook, run in a Jupyter kernel in `folder`, with its outputs. Keeps the files that it makes."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.reads(_text(reference_notebook(unit)), as_version=4)
    client = NotebookClient(
        notebook, timeout=1800, kernel_name="python3", resources={"metadata": {"path": str(folder)}},
        record_timing=False, store_widget_state=False,
        # Else it warns, each time, that it and this process speak in plain text on the loopback device.
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    )  # fmt: skip
    # Whoever tried the reference has progress there, which is theirs alone.
    progress = folder / ".progress" / f"{unit.name}.json"
    with _unwritable_told(progress):
        progress.unlink(missing_ok=True)
    try:
        client.execute(env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
    except CellExecutionError as error:
        raise SourceError(
            f"{unit.path}: the reference fails in a Jupyter kernel: {error.ename}: {error.evalue}"
        ) from error
    _keep_files(unit, folder)
    notebook.metadata = nbformat.from_dict(reference_notebook(unit)["metadata"])  # without the kernel's exact version
    return str(nbformat.writes(notebook)) + "\n"


def _keep_files(unit: Unit, folder: Path) -> None:
    """Keep what the reference made, as it hands it in."""
    for name in unit.files:
        if not (folder / name).is_file():
            raise SourceError(f"{unit.path}: the reference makes no file {name!r}")
        kept = unit.reference_file(name)
        with _unwritable_told(kept):
            kept.parent.mkdir(parents=True, exist_ok=True)
            (folder / name).replace(kept)


def reference_notebook(unit: Unit) -> dict[str, Any]:
    """The reference as a notebook without outputs; task cells stay, folded."""
    cells = [(cell.kind, without_marks(cell.source), _metadata(cell)) for cell in unit.cells]
    handed_in = {name: _digest(unit.reference_file(name)) for name in unit.files}
    return _notebook(unit, cells, {"handed_in": handed_in} if handed_in else {})


def _metadata(cell: SourceCell) -> dict[str, Any]:
    if cell.is_task:
        return {"tags": ["task"], "jupyter": {"source_hidden": True}}
    return {"tags": ["aside"]} if cell.is_aside else {}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _notebook(
    unit: Unit, cells: list[tuple[str, str, dict[str, Any]]], files: Mapping[str, Any] = MappingProxyType({})
) -> dict[str, Any]:
    ids = cell_ids([source for _, source, _ in cells])
    made: list[dict[str, Any]] = [
        {"cell_type": kind, "id": number, "metadata": metadata, "source": source.splitlines(keepends=True)}
        | ({"execution_count": None, "outputs": []} if kind == "code" else {})
        for number, (kind, source, metadata) in zip(ids, cells, strict=True)
    ]
    metadata = {
        "deep_learning_labs": {"unit": unit.name, "digest": unit.digest, **files},
        "kernelspec": _KERNEL,
        "language_info": {"name": "python"},
    }
    return {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _text(notebook: dict[str, Any]) -> str:
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def files_of(unit: Unit, course: Course) -> tuple[Path, Path, Path]:
    """The three files of a unit: the checks, the learner's notebook, the reference."""
    return course.checks(unit.name), course.learner_notebook(unit.name), course.reference_notebook(unit.name)


def _rebuilt_checks(unit: Unit, text: str) -> str:
    """The checks' text from the source, with the observations that stand in the file."""
    try:
        tasks = json.loads(text)["tasks"]
        expectations = {name: expectation_from_json(tasks[name]["expectation"]) for name in unit.tasks}
        return rebuilt_text(unit, expectations)
    except (ValueError, KeyError, TypeError, AttributeError, ValuesError):
        return "missing or damaged"


def _sources(text: str) -> Any:
    """What of a reference notebook must follow from its source: everything but outputs."""
    try:
        notebook = json.loads(text)
        cells = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
        return cells, notebook["metadata"]["deep_learning_labs"]
    except (ValueError, KeyError, TypeError):
        return None


def _stale(path: Path) -> str:
    return f"{path} {'is stale' if path.is_file() else 'is missing'}: run `grader build {path.stem}`"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    except OSError as error:
        raise FileError(f"{path} cannot be read ({error.strerror})") from error


def write(path: Path, text: str) -> None:
    """Write a file of the course. Raises FileError if it cannot be written."""
    with _unwritable_told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, text.encode())


def _check_writable(path: Path) -> None:
    """What trains may run for an hour before its file is to be written."""
    with _unwritable_told(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        there = next(folder for folder in path.parents if folder.exists())
        if not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, f"{there} is no folder")
        if not os.access(there, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


@contextmanager
def _unwritable_told(path: Path) -> Iterator[None]:
    try:
        with full_disk_told(path):
            yield
    except OSError as error:
        raise FileError(f"{path} cannot be written ({error.strerror})") from error
