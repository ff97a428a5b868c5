"""Reads what a learner handed in: a notebook and the files beside it that count, wherever they lie."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from grader.bundles.archive import Inside, damage_told, open_archive
from grader.bundles.bundle import MAX_FILES_BYTES, Bundle, read_bundle
from grader.bundles.files_beside import LINK, gather, may_need
from grader.bundles.places import Folder, Loose, Place, Unpacked, open_file
from grader.core.errors import SubmissionError
from grader.core.text import one_line, size_text
from grader.notebooks.notebook_file import CLEAR, MAX_NOTEBOOK_BYTES, read_submission
from grader.notebooks.without_outputs import read_slim

MAX_SAVED_BYTES = 256 * 2**20  # of a notebook's file; what it shows is left out while it is read
_DOMAIN = b"grader submission 1\0"


@dataclass(frozen=True)
class Content:
    """What a learner handed in for a unit: the notebook's bytes, those of the files beside it that count, and by name
    why one of these was not taken. Where `unread` says why the notebook could not be read, it has no bytes."""

    notebook: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    unread: str = ""

    @cached_property
    def digest(self) -> str:
        """What tells it from any other. No file's own bytes can be given this digest: it is that of a text which begins
        as none that is read."""
        form = {
            "notebook": digest(self.notebook), "unread": self.unread, "refused": dict(self.refused),
            "files": {name: digest(data) for name, data in self.files.items()},
        }  # fmt: skip
        return digest(_DOMAIN + json.dumps(form, sort_keys=True).encode())

    def cells(self) -> list[dict[str, Any]]:
        """The notebook's cells. Raises SubmissionError, in one sentence, where it is no notebook."""
        if self.unread:
            raise SubmissionError(self.unread)
        try:
            return read_submission(self.notebook)
        except (RecursionError, MemoryError) as error:
            raise SubmissionError(f"the notebook cannot be read ({type(error).__name__}). {CLEAR}") from error


@dataclass(frozen=True)
class HandedIn:
    """A notebook, or a bundle with one in it, that a learner handed in for a unit of the course.

    `entry` is the notebook's name in a zip file that is no bundle. `loose` are the files of the same learner by their
    names, where those of many learners lie in one folder; without them, what is beside it belongs to it.
    """

    learner: str
    unit: str
    path: Path
    entry: str = ""
    loose: Mapping[str, Path] | None = None

    def read(self, files: Sequence[str] = ()) -> Content:
        """The notebook, the files of these names beside it, and those that its code needs.

        Raises OSError where it cannot be read, SubmissionError where it lies in a zip file that is not sound.
        """
        if self.entry:
            with open_archive(self.path) as archive, damage_told():
                if self.entry not in archive.entries:
                    raise SubmissionError("the zip file holds another notebook by now; give the same command again.")
                with archive.stream(self.entry) as file:
                    notebook, unread = read_notebook(file, archive.entries[self.entry].file_size)
                return _content(notebook, unread, Inside(archive, self.entry.rpartition("/")[0]), files)
        if is_bundle(self.path):
            return self._unpacked(files)
        with open_file(self.path) as file:
            notebook, unread = read_notebook(file, os.fstat(file.fileno()).st_size)
        place = Folder(self.path.parent) if self.loose is None else Loose(self.loose)
        return _content(notebook, unread, place, files)

    def beside(self, name: str) -> Path:
        """Where a file lies that came with it."""
        if self.loose is not None and name in self.loose:
            return self.loose[name]
        return (self.path / self.entry if self.entry else self.path).parent / name

    def _unpacked(self, files: Sequence[str]) -> Content:
        bundle = read_bundle_file(self.path)
        if bundle.manifest.unit != self.unit:
            raise SubmissionError(f"it is for {bundle.manifest.unit!r} by now; give the same command again.")
        beside = {name: data for name, data in bundle.files.items() if name != bundle.manifest.notebook}
        return _content(bundle.files[bundle.manifest.notebook], "", Unpacked(beside), files)

    def __str__(self) -> str:
        """Its path as one line."""
        return one_line(str(self.path / self.entry if self.entry else self.path))


def digest(data: bytes) -> str:
    """The SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()


def read_notebook(file: BinaryIO, size: int) -> tuple[bytes, str]:
    """A notebook's bytes, or a sentence about why there are too many; of a large one, without what it shows."""
    if size > MAX_SAVED_BYTES:
        return b"", f"the notebook has {size_text(size)}; at most {size_text(MAX_SAVED_BYTES)} are read. {CLEAR}"
    if size <= MAX_NOTEBOOK_BYTES:
        return file.read(MAX_NOTEBOOK_BYTES), ""
    try:
        kept = read_slim(file, MAX_SAVED_BYTES, MAX_NOTEBOOK_BYTES)
    except SubmissionError as error:
        return b"", f"{error} {CLEAR}"
    if len(kept) <= MAX_NOTEBOOK_BYTES:
        return kept, ""
    return b"", (
        f"the notebook has {size_text(size)}, and without what its cells show still more than "
        f"{size_text(MAX_NOTEBOOK_BYTES)}, which is more than is read. Keep data in files."
    )


def read_bundle_file(path: Path) -> Bundle:
    """The bundle in a file. Raises OSError where it cannot be read, SubmissionError where it is none."""
    with open_file(path) as file:
        return read_bundle(file)


def is_bundle(path: Path) -> bool:
    """Whether it is named like a bundle."""
    return path.name.strip().lower().endswith(".zip")


def _content(notebook: bytes, unread: str, place: Place, files: Sequence[str]) -> Content:
    """A notebook with the files beside it that count."""
    found: dict[str, bytes] = {}
    refused: dict[str, str] = {}
    left = MAX_FILES_BYTES
    for name in files:
        kind = place.kind(name)
        if kind == "link":
            refused[name] = LINK
        elif kind:
            try:
                data = place.read(name, left + 1)
            except OSError as error:
                refused[name] = f"it cannot be read ({error.strerror or error})."
                continue
            if len(data) > left:
                refused[name] = f"it is too large: {size_text(MAX_FILES_BYTES)} are taken beside a notebook, no more."
                continue
            found[name] = data
            left -= len(data)
    if not unread and may_need(notebook, [name for name in place.names() if name not in found]):
        try:
            more, not_taken = gather(read_submission(notebook), place, [*found, *refused], left)
        except SubmissionError:  # what is wrong with it is told where it is graded
            more, not_taken = {}, {}
        found, refused = {**found, **more}, {**not_taken, **refused}
    return Content(notebook, found, refused, unread)
