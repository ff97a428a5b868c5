"""Finds what learners handed in: notebook files, or folders laid out `<learner>/<unit>.ipynb`."""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course, is_folder
from grader.line import one_line
from grader.notebook import MAX_NOTEBOOK_BYTES, unit_of

MAX_LEARNER = 200  # bytes: a file system takes 255, a gradebook's column 200 characters
_LINK = "it is a link; a link is not followed, since it may lead to the reference. Hand in the file itself."


@dataclass(frozen=True)
class HandedIn:
    """A file that a learner handed in for a unit of the course."""

    learner: str
    unit: str
    path: Path

    def read(self) -> bytes:
        """Its bytes; of a file too large to be a notebook, enough to say so."""
        # It may have been exchanged for a link or a pipe since it was found.
        with os.fdopen(os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return file.read(MAX_NOTEBOOK_BYTES + 1)

    def __str__(self) -> str:
        """Its path as one line."""
        return one_line(str(self.path))


def digest(data: bytes) -> str:
    """What tells one notebook's bytes from another's."""
    return hashlib.sha256(data).hexdigest()


def find_submissions(paths: Sequence[Path], course: Course) -> tuple[list[HandedIn], list[str]]:
    """All submissions beneath the paths, and a sentence for each thing that is none."""
    found: dict[tuple[str, str], HandedIn] = {}
    problems: list[str] = []
    for path in paths:
        for notebook in _notebooks(path, problems):
            real = notebook.resolve()
            handed_in = HandedIn(_learner(real.parent.name), unit_of(notebook), notebook)
            if handed_in.unit not in course.sources:
                problems.append(f"{handed_in}: {course.unknown(handed_in.unit)} Name the file after its unit.")
                continue
            first = found.setdefault((handed_in.learner, handed_in.unit), handed_in)
            if first.path.resolve() != real:
                problems.append(
                    f"{handed_in}: learner {first.learner!r} handed in {first.unit!r} twice; {first} is graded."
                )
    return list(found.values()), problems


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
    """All that is named like a notebook beneath a folder. Of links, which are not followed, a learner's is told."""
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
    """Whether it is named like a notebook; also where only the case differs, so that it is told and not passed over."""
    return path.name.lower().endswith(".ipynb")


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
        return "it is no notebook: its name must be <unit>.ipynb."
    return ""
