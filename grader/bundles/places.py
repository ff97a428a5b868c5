"""Where files lie beside a notebook: in a folder, in an archive, or under flat names. Nothing leaves it: links are not
followed, and only plain names are read."""

import errno
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol

MAX_DEPTH = 6
MAX_LISTED = 2_000
MAX_NAME = 200  # bytes
# In the work folder these are the grader's: its own copies, checks, and temporary files.
_RESERVED = ("tmp",)
_WITH_DESCRIPTORS = os.open in os.supports_dir_fd and hasattr(os, "O_DIRECTORY")
_SAFELY = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
_PLAIN = re.compile(r'[^\x00-\x1f\x7f\\:*?"<>|]*[^\x00-\x1f\x7f\\:*?"<>|\s.]')


def is_plain(name: str) -> bool:
    """Whether a file may have this name in a work folder and in a bundle: relative, not hidden, no notebook, and one
    that every system can write."""
    parts = name.split("/")
    return (
        len(parts) <= MAX_DEPTH
        and len(name.encode("utf-8", "surrogatepass")) <= MAX_NAME
        and name.isprintable()
        and parts[0].lower() not in _RESERVED
        and not name.lower().endswith(".ipynb")
        and all(_PLAIN.fullmatch(part) and not part.startswith((".", " ")) for part in parts)
    )


class Place(Protocol):
    """Files beside a notebook, by their names relative to it."""

    def names(self) -> Iterable[str]:
        """The names of files and folders directly beside the notebook."""
        ...

    def kind(self, name: str) -> str:
        """What a name is: "file", "folder", "link", "other", or "" where there is nothing."""
        ...

    def below(self, folder: str) -> list[str]:
        """The names of some files in a folder and in its folders; "" is the notebook's own."""
        ...

    def read(self, name: str, most: int) -> bytes:
        """At most so many bytes of a file. Raises OSError where it cannot be read."""
        ...


class Folder:
    """The files in a notebook's own folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        """See Place."""
        with suppress(OSError):
            return [path.name for path in self._path.iterdir()]
        return []

    def kind(self, name: str) -> str:
        """See Place."""
        *folders, last = name.split("/")
        with suppress(OSError), _descended(self._path, folders) as (path, folder):
            mode = os.stat(path / last if folder is None else last, dir_fd=folder, follow_symlinks=False).st_mode
            kinds = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}
            return kinds.get(stat.S_IFMT(mode), "other")
        return "link" if _has_link(self._path, folders) else ""

    def below(self, folder: str) -> list[str]:
        """See Place."""
        found: list[str] = []
        waiting = [folder]
        while waiting and len(found) < MAX_LISTED:
            inner = waiting.pop()
            with suppress(OSError), os.scandir(self._path / inner) as entries:
                for entry in sorted(entries, key=lambda entry: entry.name):
                    name = f"{inner}/{entry.name}".lstrip("/")
                    if entry.is_dir(follow_symlinks=False) and is_plain(name):
                        waiting.append(name)
                    elif entry.is_file(follow_symlinks=False):
                        found.append(name)
        return sorted(found[:MAX_LISTED])

    def read(self, name: str, most: int) -> bytes:
        """See Place."""
        *folders, last = name.split("/")
        with (
            _descended(self._path, folders) as (path, folder),
            open_file(path / last if folder is None else last, folder) as file,
        ):
            return file.read(most)


class Loose:
    """Files of one learner among those of others, by the names that they had before a platform added the learner's."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files

    def names(self) -> list[str]:
        """See Place."""
        return list(self._files)

    def kind(self, name: str) -> str:
        """See Place."""
        return Folder(self._files[name].parent).kind(self._files[name].name) if name in self._files else ""

    def below(self, folder: str) -> list[str]:
        """See Place."""
        return [] if folder else sorted(self._files)

    def read(self, name: str, most: int) -> bytes:
        """See Place."""
        with open_file(self._files[name]) as file:
            return file.read(most)


class Unpacked:
    """Files that were unpacked into memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def names(self) -> list[str]:
        """See Place."""
        return list({name.split("/")[0]: None for name in self._files})

    def kind(self, name: str) -> str:
        """See Place."""
        return "file" if name in self._files else "folder" if self.below(name) else ""

    def below(self, folder: str) -> list[str]:
        """See Place."""
        return sorted(name for name in self._files if not folder or name.startswith(f"{folder}/"))[:MAX_LISTED]

    def read(self, name: str, most: int) -> bytes:
        """See Place."""
        return self._files[name][:most]


def open_file(path: str | Path, folder: int | None = None) -> BinaryIO:
    """A file to be read. It may have been exchanged for a link or a pipe since it was found."""
    return os.fdopen(os.open(path, os.O_RDONLY | _SAFELY, dir_fd=folder), "rb")


@contextmanager
def _descended(path: Path, folders: list[str]) -> Iterator[tuple[Path, int | None]]:
    """A folder below another, reached without a link: its path, and a descriptor where the system has these."""
    if not _WITH_DESCRIPTORS:  # a learner's own files on Windows
        if _has_link(path, folders):
            raise OSError(errno.ELOOP, "a link is not followed")
        yield path.joinpath(*folders), None
        return
    reached = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            inner = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=reached)
            os.close(reached)
            reached = inner
        yield path.joinpath(*folders), reached
    finally:
        os.close(reached)


def _has_link(path: Path, folders: list[str]) -> bool:
    return any(path.joinpath(*folders[:count]).is_symlink() for count in range(1, len(folders) + 1))
