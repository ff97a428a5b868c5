"""Makes a learner's bundle from a notebook and what lies beside it, and says what it lacks."""

import datetime
import importlib.metadata
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.bundles.bundle import MANIFEST, MAX_FILES_BYTES, Bundle, Manifest, new_bundle, pack
from grader.bundles.files_beside import gather
from grader.bundles.places import Folder
from grader.core.errors import SubmissionError, UsageError, ValuesError
from grader.core.files import atomic_write
from grader.core.project_file import project_version
from grader.core.text import one_line, size_text
from grader.learner.checks import Checks, find_checks, read_checks
from grader.notebooks.notebook_file import (
    MAX_NOTEBOOK_BYTES,
    cells_of,
    read_document,
    read_submission,
    unit_in,
    unit_of,
)
from grader.notebooks.unanswered import untouched


@dataclass(frozen=True)
class Submitted:
    """A bundle that was written, its manifest, and a sentence for each thing that it lacks."""

    path: Path
    manifest: Manifest
    lacks: list[str]


def submit_file(notebook: Path, course: Path | None = None) -> Submitted:
    """Bundle a notebook of any name: which unit it is, its metadata says, and else its name.

    Raises a GraderError if that cannot be done; UsageError if it is in no course, and none is named.
    """
    data = read_notebook(notebook)
    document = read_document(data)
    cells_of(document)  # what is no notebook is told as that
    unit, here = unit_in(document) or unit_of(notebook), course or notebook.resolve().parent
    try:
        path = find_checks(unit, here)
    except ValuesError as error:
        raise UsageError(
            f"the course that unit {unit!r} belongs to was not found from {here}: name its folder with --course DIR"
        ) from error
    return submit(notebook, data, read_checks(path), path)


def submit(notebook: Path, data: bytes, checks: Checks, checks_path: Path) -> Submitted:
    """Write `<unit>.zip` beside the notebook that has these bytes. Raises a GraderError where that cannot be done."""
    asked = [task for task in checks.points if task not in checks.files]
    cells = read_submission(data)
    left = untouched(cells, asked)
    files, lacks = _files(notebook.parent, checks, cells)
    if left:
        lacks.append(f"Not attempted, as the notebook was saved: {', '.join(left)}.")
    now = datetime.datetime.now().astimezone()
    versions = _versions(checks, checks_path.parents[2])
    bundle = new_bundle(checks.unit, {f"{checks.unit}.ipynb": data, **files}, now, versions)
    path = notebook.parent / f"{checks.unit}.zip"
    _write(path, bundle)
    return Submitted(path, bundle.manifest, lacks)


def read_notebook(path: Path) -> bytes:
    """A notebook's bytes. Raises UsageError where they cannot be read, SubmissionError where they are too many."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"the notebook {path} cannot be read ({error.strerror})") from error
    if len(data) > MAX_NOTEBOOK_BYTES:
        raise SubmissionError(
            f"the notebook has {size_text(len(data))}; at most {size_text(MAX_NOTEBOOK_BYTES)} are taken. Clear large "
            "outputs, save it, and try again."
        )
    return data


def receipt_text(manifest: Manifest) -> str:
    """The receipt of a bundle, as learner and instructor read it."""
    names = [manifest.notebook, *sorted(manifest.files.keys() - {manifest.notebook})]
    width = max(map(len, names))
    lines = [
        f"unit     {manifest.unit}",
        f"made     {manifest.time.replace('T', ' ')}",
        f"with     {', '.join(f'{name} {version}' for name, version in sorted(manifest.versions.items()) if version)}",
        *(f"file     {name:{width}}  {size_text(manifest.files[name].bytes)}" for name in names),
        f"receipt  {manifest.code}",
    ]
    return "\n".join(map(one_line, lines))


def _files(folder: Path, checks: Checks, cells: list[dict[str, Any]]) -> tuple[dict[str, bytes], list[str]]:
    """The files that the unit asks for and those that the cells need, and a sentence for each that is not there or is
    not taken."""
    found: dict[str, bytes] = {}
    lacks = []
    for name in dict.fromkeys(checks.files.values()):
        left = MAX_FILES_BYTES - sum(map(len, found.values()))
        try:
            with (folder / name).open("rb") as file:
                data = file.read(left + 1)
        except FileNotFoundError:
            lacks.append(f"There is no file `{name}` beside the notebook, and the unit asks for it.{_how(name)}")
            continue
        except OSError as error:
            lacks.append(f"`{name}` cannot be read ({error.strerror}): it was left out.")
            continue
        if len(data) > left:
            most = size_text(MAX_FILES_BYTES)
            lacks.append(f"`{name}` is too large and was left out: at most {most} are taken beside a notebook.")
        else:
            found[name] = data
    left = MAX_FILES_BYTES - sum(map(len, found.values()))
    needed, refused = gather(cells, Folder(folder), [MANIFEST, *checks.files.values()], left)
    return found | needed, lacks + [f"`{name}` was left out: {why}" for name, why in refused.items()]


def _how(name: str) -> str:
    return f' `model.save("{name}")` makes it.' if name.endswith(".keras") else ""


def _write(path: Path, bundle: Bundle) -> None:
    try:
        atomic_write(path, pack(bundle))
    except OSError as error:
        raise UsageError(f"the bundle cannot be written to {path} ({error.strerror})") from error


def _versions(checks: Checks, root: Path) -> dict[str, str]:
    """What it was made with; no backend where Keras is not loaded."""
    keras: Any = sys.modules.get("keras")
    backend = str(keras.config.backend()) if keras else ""
    return {
        "Python": platform.python_version(), "Keras": _version("keras"),
        "backend": f"{backend} {_version(backend)}".strip(), "course": project_version(root),
        "source": checks.digest[:12],
    }  # fmt: skip


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name) if name else ""
    except importlib.metadata.PackageNotFoundError:
        return ""
