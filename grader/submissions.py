"""Finds what learners handed in: notebook files, or folders laid out `<learner>/<unit>.ipynb`."""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course
from grader.notebook import MAX_NOTEBOOK_BYTES, unit_of


@dataclass(frozen=True)
class HandedIn:
    """A file that a learner handed in for a unit of the course."""

    learner: str
    unit: str
    path: Path

    def read(self) -> bytes:
        """Its bytes; of a file too large to be a notebook, enough to say so."""
        with self.path.open("rb") as file:
            return file.read(MAX_NOTEBOOK_BYTES + 1)


def digest(data: bytes) -> str:
    """What tells one notebook's bytes from another's."""
    return hashlib.sha256(data).hexdigest()


def find_submissions(paths: Sequence[Path], course: Course) -> tuple[list[HandedIn], list[str]]:
    """All submissions beneath the paths, and a sentence for each thing that is none."""
    found: dict[tuple[str, str], HandedIn] = {}
    problems: list[str] = []
    for path in paths:
        notebooks = list(_notebooks(path, problems))
        for notebook in notebooks:
            unit = unit_of(notebook)
            # A folder's name may be no Unicode; what stands in the gradebook must be.
            learner = os.fsencode(notebook.resolve().parent.name).decode(errors="backslashreplace")
            key = (learner, unit)
            if unit not in course.sources:
                problems.append(f"{notebook}: {course.unknown(unit)} Name the file after its unit.")
            elif key in found and found[key].path.resolve() != notebook.resolve():
                problems.append(
                    f"{notebook}: learner {learner!r} handed in {unit!r} twice; {found[key].path} is graded."
                )
            else:
                found.setdefault(key, HandedIn(learner, unit, notebook))
    return list(found.values()), problems


def _notebooks(path: Path, problems: list[str]) -> Iterator[Path]:
    if path.is_dir():
        there = sorted(p for p in path.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
        if not there:
            problems.append(f"{path}: no notebooks in this folder. Lay it out as <learner>/<unit>.ipynb.")
    else:
        there = [path]
    for notebook in there:
        problem = _problem(notebook)
        if problem:
            problems.append(f"{notebook}: {problem}")
        else:
            yield notebook


def _problem(notebook: Path) -> str:
    """Why a path cannot be read as a submission, or ""."""
    try:
        mode = notebook.lstat().st_mode
    except OSError as error:
        return f"it cannot be read ({error.strerror})."
    if stat.S_ISLNK(mode):
        return "it is a link; a link is not followed, since it may lead to the reference. Hand in the file itself."
    if not stat.S_ISREG(mode):
        return "it is not a file."
    if notebook.suffix != ".ipynb":
        return "it is no notebook: its name must be <unit>.ipynb."
    return ""
