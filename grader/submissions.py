"""Finds what learners handed in: notebooks and what lies beside them, or bundles; alone or in folders of learners."""

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from grader.bundle import MAX_FILES_BYTES, Bundle, read_bundle, read_manifest
from grader.course import Course, is_folder
from grader.errors import SubmissionError
from grader.line import one_line
from grader.notebook import MAX_NOTEBOOK_BYTES, unit_of

MAX_LEARNER = 200  # bytes: a file system takes 255, a gradebook's column 200 characters
_KINDS = (".ipynb", ".zip")
# What a browser or a learning platform adds to the name of a second copy.
_COPY = re.compile(r"(?: ?\(\d+\)|[-_]\d+)?\.zip")
_LINK = "it is a link; a link is not followed, since it may lead to the reference. Hand in the file itself."


@dataclass(frozen=True)
class Content:
    """What a learner handed in for a unit: the notebook's bytes, those of the files that the unit asks for, and by name
    why one of these was not taken."""

    notebook: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """What tells it from any other; a notebook alone has that of its bytes."""
        if not self.files and not self.refused:
            return digest(self.notebook)
        parts = [digest(self.notebook), *self.refused.items()]
        return digest(repr([*parts, *((name, digest(data)) for name, data in self.files.items())]).encode())


@dataclass(frozen=True)
class HandedIn:
    """A notebook, or a bundle with one in it, that a learner handed in for a unit of the course."""

    learner: str
    unit: str
    path: Path

    def read(self, files: Sequence[str] = ()) -> Content:
        """Its bytes, of a file too large to be a notebook enough to say so; and the files of these names beside it.

        Raises SubmissionError where it is a bundle, and no sound one.
        """
        if is_bundle(self.path):
            return self._unpacked(files)
        notebook = _read(self.path, MAX_NOTEBOOK_BYTES + 1)
        found: dict[str, bytes] = {}
        refused: dict[str, str] = {}
        left = MAX_FILES_BYTES
        for name in files:
            try:
                data = _read(self.path.parent / name, left + 1)
            except FileNotFoundError:
                continue
            except OSError as error:
                refused[name] = _LINK if error.errno == errno.ELOOP else f"it cannot be read ({error.strerror})."
                continue
            if len(data) > left:
                refused[name] = f"it is too large: {MAX_FILES_BYTES // 2**20} MiB are taken beside a notebook, no more."
                continue
            found[name] = data
            left -= len(data)
        return Content(notebook, found, refused)

    def _unpacked(self, files: Sequence[str]) -> Content:
        bundle = read_bundle_file(self.path)
        if bundle.manifest.unit != self.unit:
            raise SubmissionError(f"it is for {bundle.manifest.unit!r} by now; give the same command again.")
        found = {name: bundle.files[name] for name in files if name in bundle.files}
        return Content(bundle.files[bundle.manifest.notebook], found)

    def __str__(self) -> str:
        """Its path as one line."""
        return one_line(str(self.path))


def digest(data: bytes) -> str:
    """What tells one notebook's bytes from another's."""
    return hashlib.sha256(data).hexdigest()


def _read(path: Path, most: int) -> bytes:
    """At most so many bytes of a file. It may have been exchanged for a link or a pipe since it was found."""
    with _open(path) as file:
        return file.read(most)


def _open(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")


def read_bundle_file(path: Path) -> Bundle:
    """The bundle in a file. Raises OSError where it cannot be read, SubmissionError where it is none."""
    with _open(path) as file:
        return read_bundle(file)


def is_bundle(path: Path) -> bool:
    """Whether it is named like a bundle."""
    return path.name.lower().endswith(".zip")


def find_submissions(paths: Sequence[Path], course: Course) -> tuple[list[HandedIn], list[str]]:
    """All submissions beneath the paths, and a sentence for each thing that is none."""
    found: dict[tuple[str, str], HandedIn] = {}
    problems: list[str] = []
    for path in paths:
        for notebook in _notebooks(path, problems):
            real = notebook.resolve()
            try:
                handed_in = _of_bundle(real, notebook, paths) if is_bundle(notebook) else _of_notebook(real, notebook)
            except (SubmissionError, OSError) as error:
                why = f"it cannot be read ({error.strerror})." if isinstance(error, OSError) else error
                problems.append(f"{one_line(str(notebook))}: {why}")
                continue
            if handed_in.unit not in course.sources:
                problems.append(f"{handed_in}: {course.unknown(handed_in.unit)} Name the file after its unit.")
                continue
            first = found.setdefault((handed_in.learner, handed_in.unit), handed_in)
            if first.path.resolve() != real and not _alike(first, handed_in):
                problems.append(
                    f"{handed_in}: learner {first.learner!r} handed in {first.unit!r} twice; {first} is graded."
                )
    return list(found.values()), problems


def _of_notebook(real: Path, path: Path) -> HandedIn:
    return HandedIn(_learner(real.parent.name), unit_of(path), path)


def _of_bundle(real: Path, path: Path, given: Sequence[Path]) -> HandedIn:
    """The bundle's manifest names the unit. Its learner is the folder, as a notebook's is.

    Only in the one folder that was given the file's name may say the learner before the unit: in a folder of their own
    learners could hand in as others.
    """
    with _open(path) as file:
        unit = read_manifest(file).unit
    before, found, after = path.name.rpartition(unit)
    if not found or not _COPY.fullmatch(after.lower()):
        raise SubmissionError(f"it is a bundle for {unit!r}: name it {unit}.zip, or <learner>_{unit}.zip.")
    named = before.rstrip(" _.-")
    if named and path in given:
        raise SubmissionError(f"its name and its folder may name a learner: give the folder, or name it {unit}.zip.")
    flat = [path.parent] == list(given)
    return HandedIn(_learner(named if named and flat else real.parent.name), unit, path)


def _alike(one: HandedIn, other: HandedIn) -> bool:
    """Whether a bundle holds what the other one is, or what lies beside it: the same, handed in in two ways."""
    try:
        manifests = [read_bundle_file(h.path).manifest for h in (one, other) if is_bundle(h.path)]
        names = {name for manifest in manifests for name in manifest.files.keys() - {manifest.notebook}}
        return bool(manifests) and one.read(sorted(names)).digest == other.read(sorted(names)).digest
    except (OSError, SubmissionError):
        return False


def _learner(folder: str) -> str:
    """A folder's name as the gradebook and file names can hold it: printable, of at most MAX_LEARNER bytes."""
    written = one_line(folder, len(folder) * 10).encode()
    if len(written) <= MAX_LEARNER:
        return written.decode()
    mark = "~" + digest(os.fsencode(folder))[:12]
    return written[: MAX_LEARNER - len(mark)].decode(errors="ignore") + mark


def _notebooks(path: Path, problems: list[str]) -> Iterator[Path]:
    if is_folder(path):
        before = len(problems)
        there = sorted(_walk(path, problems))
        if not there and len(problems) == before:
            problems.append(
                f"{one_line(str(path))}: no notebooks in this folder. Lay it out as <learner>/<unit>.ipynb."
            )
    else:
        there = [path]
    for notebook in there:
        problem = _problem(notebook)
        if problem:
            problems.append(f"{one_line(str(notebook))}: {problem}")
        else:
            yield notebook


def _walk(top: Path, problems: list[str]) -> Iterator[Path]:
    """All that is named like a notebook or a bundle beneath a folder.

    Of links, which are not followed, a learner's is told.
    """
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError as error:
            problems.append(f"{one_line(str(folder))}: this folder cannot be read ({error.strerror}).")
            continue
        for entry in entries:
            path = folder / entry.name
            if _is_named(path):
                yield path
            if entry.is_dir(follow_symlinks=False):
                waiting += [path] if entry.name != ".ipynb_checkpoints" else []
            elif folder == top and not _is_named(path) and entry.is_symlink() and is_folder(path):
                problems.append(f"{one_line(str(path))}: {_LINK}")


def _is_named(path: Path) -> bool:
    """Whether it is named like either; also where only the case differs, so that it is told and not passed over."""
    return path.name.lower().endswith(_KINDS)


def _problem(notebook: Path) -> str:
    """Why a path cannot be read as a submission, or ""."""
    try:
        mode = notebook.lstat().st_mode
    except OSError as error:
        return f"it cannot be read ({error.strerror})."
    except ValueError:
        return "it cannot be read: no path holds a NUL."
    if stat.S_ISLNK(mode):
        return _LINK
    if not stat.S_ISREG(mode):
        return "it is not a file."
    if not _is_named(notebook):
        return "it is no notebook: its name must be <unit>.ipynb, or of a bundle <unit>.zip."
    return ""
