"""A zip file that is no bundle, read as if it were a folder: in memory, within bounds, and only what is asked for."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from grader.bundles.places import MAX_LISTED, open_file
from grader.core.errors import SubmissionError
from grader.core.text import one_line

MAX_ENTRIES = 10_000
_MAX_DIRECTORY = 2**22  # bytes; zipfile reads all of it before anybody can count
_END = 22  # bytes of the record that ends a zip file, without its comment
_MAX_COMMENT = 2**16
DAMAGES = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, LookupError, RuntimeError)
_AGAIN = "Unpack it, and hand in the files in it."


class Archive:
    """An open zip file. `entries` are its files by their names, with `/` between folders; those that cannot be read
    have a reason in `odd`."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.entries: dict[str, zipfile.ZipInfo] = {}
        self.odd: dict[str, str] = {}
        for entry in archive.infolist():
            name = entry.filename.replace("\\", "/")  # Windows's own way to pack
            if not name.endswith("/"):
                self._add(name, entry)

    def stream(self, name: str) -> BinaryIO:
        """A file in it, to be read. Raises SubmissionError where it cannot be."""
        archive = self._archive
        with damage_told():
            return cast(BinaryIO, archive.open(self.entries[name]))

    def _add(self, name: str, entry: zipfile.ZipInfo) -> None:
        if name in self.entries:
            raise SubmissionError(f"the zip file holds {one_line(name, 80)} twice. {_AGAIN}")
        if name.startswith("/") or ".." in name.split("/") or ":" in name.split("/")[0]:
            raise SubmissionError(f"the zip file holds `{one_line(name, 80)}`, which leads out of it. {_AGAIN}")
        self.entries[name] = entry
        if stat.S_ISLNK(entry.external_attr >> 16):
            self.odd[name] = "it is a link; a link is not followed. Hand in the file itself."
        elif entry.flag_bits & 1:
            self.odd[name] = "it is encrypted. Hand in the file itself."
        elif entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            self.odd[name] = "it is packed in an unknown way. Hand in the file itself."


class Inside:
    """The files of a folder in an archive, as a Place."""

    def __init__(self, archive: Archive, folder: str) -> None:
        self._archive, self._before = archive, f"{folder}/" if folder else ""
        inner = (name for name in archive.entries if name.startswith(self._before))
        self._names = [name.removeprefix(self._before) for name in inner]

    def names(self) -> list[str]:
        """See Place."""
        return list(dict.fromkeys(name.split("/")[0] for name in self._names))

    def kind(self, name: str) -> str:
        """See Place."""
        if f"{self._before}{name}" in self._archive.odd:
            return "link"
        return "file" if f"{self._before}{name}" in self._archive.entries else "folder" if self.below(name) else ""

    def below(self, folder: str) -> list[str]:
        """See Place."""
        return sorted(name for name in self._names if not folder or name.startswith(f"{folder}/"))[:MAX_LISTED]

    def read(self, name: str, most: int) -> bytes:
        """See Place."""
        try:
            with damage_told(), self._archive.stream(f"{self._before}{name}") as file:
                return file.read(most)
        except SubmissionError as error:
            raise OSError(str(error)) from error


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """The zip file at a path. Raises OSError where it cannot be read, SubmissionError where it is no sound one."""
    with open_file(path) as file:
        _check_end(file)
        try:
            archive = zipfile.ZipFile(file)
        except DAMAGES as error:
            raise SubmissionError(f"the zip file is damaged: it cannot be unpacked. {_AGAIN}") from error
        with archive:
            if len(archive.infolist()) > MAX_ENTRIES:
                raise SubmissionError(f"the zip file holds more than {MAX_ENTRIES:,} files. {_AGAIN}")
            yield Archive(archive)


@contextmanager
def damage_told() -> Iterator[None]:
    """Raise SubmissionError where what is unpacked within is damaged."""
    try:
        yield
    except DAMAGES as error:
        raise SubmissionError(f"the zip file is damaged: it cannot be unpacked. {_AGAIN}") from error


def _check_end(file: BinaryIO) -> None:
    """Look at the size of the directory where zipfile will: in the last record that ends a zip file."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(size - _END - _MAX_COMMENT - 20, 0))
    end = file.read()
    start = len(end) - _END
    if end[start : start + 4] != b"PK\x05\x06" or end[-2:] != b"\0\0":
        start = end.rfind(b"PK\x05\x06")
    if start < 0 or len(end) < start + _END:
        raise SubmissionError(
            "it is no zip file, or its end is missing. Hand in the notebook, or the bundle as `lab.submit()` made it."
        )
    (directory,) = struct.unpack("<L", end[start + 12 : start + 16])
    if directory > _MAX_DIRECTORY or end[max(start - 20, 0) : start][:4] == b"PK\x06\x07":
        raise SubmissionError(f"the zip file holds too many files. {_AGAIN}")
