"""What a learner's file is: a notebook or a bundle for a unit, several of them in a zip file, or neither."""

import datetime
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.bundles.archive import Archive, open_archive
from grader.bundles.bundle import MANIFEST, Manifest, read_manifest
from grader.bundles.places import open_file
from grader.collecting.content import HandedIn, is_bundle, read_notebook
from grader.collecting.file_names import Copy, Name, attempt, is_no_learner, read_name
from grader.collecting.folder_walk import File, is_noise
from grader.collecting.layout import Share
from grader.collecting.problems import told
from grader.collecting.unit_evidence import unit_of_notebook
from grader.core.errors import SubmissionError
from grader.core.text import one_line

MAX_NOTEBOOKS = 200  # of one learner that are looked into
_MAX_UNPACKED = 2**30  # bytes of all notebooks in one zip file
_HEAD = 4_096
_BY_CONTENTS, _ASIDE = 1, 2  # ranks below whatever a name says
# Folders that hold what nobody hands in, if there is something else.
_LAST = ("solutions", "solution", "old", "backup", "backups", "archive", "tests")
_NOTEBOOKS_KEY = re.compile(rb'"(?:cells|nbformat|worksheets)"')

Order = tuple[int | float, ...]


@dataclass(frozen=True)
class Candidate:
    """What may be graded for a unit. Of several for the same unit that is graded whose `folder` and then `order` is
    the least; `doubt` is a sentence about how its unit was found."""

    handed_in: HandedIn
    folder: Order
    order: Order
    doubt: str = ""

    @property
    def is_put_aside(self) -> bool:
        """Whether it is a backup, or lies among solutions or backups."""
        return self.folder[0] >= _ASIDE


@dataclass
class Found:
    """What one share holds: candidates, files that are none, and why some that should be are not."""

    candidates: list[Candidate] = field(default_factory=list)
    rest: list[File] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Finder:
    """Looks into the files of one share."""

    def __init__(self, share: Share, units: Collection[str], unknown: Callable[[str], str]) -> None:
        self._share, self._units, self._unknown = share, units, unknown
        self._loose: Mapping[str, Path] | None = {file.name: file.path for file in share.files} if share.loose else None
        self._looked = 0
        self.found = Found()

    def look(self) -> Found:
        """Look into every file."""
        for file in self._share.files:
            with told(file.path, self._share.learner, self.found.problems):
                self._look(file)
        return self.found

    def _look(self, file: File) -> None:
        if file.odd:
            if file.is_candidate:
                raise SubmissionError(file.odd)
            self.found.rest.append(file)
        elif is_bundle(file.path):
            self._look_into_zip(file)
        elif self._is_notebook(file):
            self._count()
            with open_file(file.path) as opened:
                data, unread = read_notebook(opened, file.path.stat().st_size)
            made = HandedIn(self._share.learner, "", file.path, loose=self._loose)
            self._add_notebook(file, made, data, unread, file.name.split("/")[:-1])
        else:
            self.found.rest.append(file)

    def _is_notebook(self, file: File) -> bool:
        """Whether a file is called a notebook, or is one under another ending."""
        name = file.path.name.strip().lower()
        if name.endswith(".ipynb"):
            return True
        if not (file.said.units or name.endswith((".json", ".txt"))):
            return False
        with open_file(file.path) as opened:
            head = opened.read(_HEAD)
        return head.lstrip()[:1] == b"{" and _NOTEBOOKS_KEY.search(head) is not None

    def _add_notebook(self, file: File, made: HandedIn, data: bytes, unread: str, folders: list[str]) -> None:
        """Note a notebook as a candidate for its unit, or as a file of no unit."""
        finding = unit_of_notebook(file.said, data, self._units)
        unit = file.said.unit if unread else finding.unit
        if not unit:
            if len(file.said.units) > 1:
                raise SubmissionError(f"its name says {' and '.join(map(repr, file.said.units))}: keep one of them.")
            self.found.rest.append(file)
            return
        copy, number = file.said.copy if file.said.unit == unit else (Copy.BY_CONTENTS, 0)
        if file.said.learner and not self._share.loose and copy is Copy.PLAIN:
            copy = Copy.OTHER  # with a word of the learner's own
        last, *folder = self._folder(folders)
        last = max(last, {Copy.BACKUP: _ASIDE, Copy.BY_CONTENTS: _BY_CONTENTS}.get(copy, 0))
        handed_in = HandedIn(made.learner, unit, made.path, made.entry, made.loose)
        self.found.candidates.append(Candidate(handed_in, (last, *folder), (1, -copy, -number), finding.doubt))

    def _look_into_zip(self, file: File) -> None:
        with open_file(file.path) as opened:
            try:
                manifest = read_manifest(opened)
            except SubmissionError as error:
                self._look_into_archive(file, error)
                return
        if manifest.unit not in self._units:
            raise SubmissionError(f"{self._unknown(manifest.unit)} Hand in the bundle of a unit of this course.")
        handed_in = HandedIn(self._share.learner, manifest.unit, file.path, loose=self._loose)
        folder = self._folder(file.name.split("/")[:-1])
        self.found.candidates.append(Candidate(handed_in, folder, (0, -_seconds(manifest), *_copy_order(file.said))))

    def _look_into_archive(self, file: File, no_bundle: SubmissionError) -> None:
        """A zip file that is no bundle counts like a folder with what is in it."""
        with open_archive(file.path) as archive:
            if MANIFEST in archive.entries:  # it was one
                raise no_bundle
            names = [name for name in archive.entries if not _is_noise(name)]
            notebooks = [name for name in names if name.strip().lower().endswith(".ipynb")]
            if sum(archive.entries[name].file_size for name in notebooks) > _MAX_UNPACKED:
                raise SubmissionError("the notebooks in this zip file are too large. Hand them in one by one.")
            before = len(self.found.candidates)
            for name in notebooks:
                with told(file.path / name, self._share.learner, self.found.problems):
                    self._look_at_entry(file, archive, name)
            if len(self.found.candidates) == before:
                inner = next((name for name in names if name.lower().endswith(".zip")), "")
                if inner:
                    raise SubmissionError(
                        f"it contains another zip file, `{one_line(inner, 80)}`: unpack the outer one."
                    )
                self.found.rest.append(file)
                return
            others = [name for name in names if name not in notebooks]
            self.found.rest += [self._in_archive(file, name) for name in others]

    def _look_at_entry(self, file: File, archive: Archive, name: str) -> None:
        if name in archive.odd:
            raise SubmissionError(archive.odd[name])
        self._count()
        with archive.stream(name) as opened:
            data, unread = read_notebook(opened, archive.entries[name].file_size)
        made = HandedIn(self._share.learner, "", file.path, name)
        folders = [*file.name.split("/"), *name.split("/")[:-1]]
        self._add_notebook(self._in_archive(file, name), made, data, unread, folders)

    def _in_archive(self, file: File, name: str) -> File:
        said = read_name(name.rpartition("/")[2], self._units)
        return File(file.path / name, f"{file.name}/{name}", said)

    def _count(self) -> None:
        self._looked += 1
        if self._looked > MAX_NOTEBOOKS:
            raise SubmissionError(f"at most {MAX_NOTEBOOKS} notebooks of one learner are examined.")

    def _folder(self, parts: list[str]) -> Order:
        """How a folder stands to others of the same learner: solutions and backups last, then the less deep first,
        those of the course's own layout first, and the highest number of an attempt or a copy."""
        said = [read_name(part, self._units) for part in parts]
        backup = any(s.copy[0] is Copy.BACKUP for s in said) or any(part.lower() in _LAST for part in parts)
        room = all(is_no_learner(part, self._units) for part in parts)
        number = max([*map(attempt, parts), *(s.copy[1] for s in said if s.copy[0] >= Copy.NUMBERED), 0])
        return (_ASIDE if backup else 0, len(parts), int(not room), -number)


def _is_noise(name: str) -> bool:
    *folders, last = name.split("/")
    return is_noise(last, folder=False) or any(
        is_noise(folder, folder=True) or folder.startswith(".") for folder in folders
    )


def _seconds(manifest: Manifest) -> float:
    """When a bundle was made, by its learner's clock."""
    return datetime.datetime.fromisoformat(manifest.time).timestamp()


def _copy_order(said: Name) -> Order:
    return (-said.copy[0], -said.copy[1])
