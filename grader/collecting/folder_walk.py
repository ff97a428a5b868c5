"""Lists what lies beneath a folder: every file that may have been handed in, and what is beside them, without noise."""

import os
import stat
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from grader.bundles.files_beside import LINK
from grader.collecting.file_names import Name, read_name
from grader.collecting.problems import reason
from grader.units.course import is_folder

KINDS = (".ipynb", ".zip")
MAX_LEFT = 200  # files in one folder that may be named; what is more is counted
_NOISE_FOLDERS = (".ipynb_checkpoints", "__macosx", "__pycache__", ".git", ".venv", ".vscode", ".idea", ".pytest_cache")
_NOISE_FILES = (".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r")


@dataclass(frozen=True)
class File:
    """A file: where it is, its name in the folder that it belongs to, what that says, and why it cannot be read."""

    path: Path
    name: str
    said: Name
    odd: str = ""
    is_candidate: bool = False  # it may be meant to be graded


@dataclass
class Tree:
    """All files beneath a folder, by names that begin there. `beside` counts those that are no candidates by the folder
    that they lie in, at most two deep; at most MAX_LEFT of each are listed."""

    path: Path
    files: list[File] = field(default_factory=list)
    beside: Counter[str] = field(default_factory=Counter)

    @property
    def more(self) -> int:
        """How many files are not listed."""
        return sum(max(count - MAX_LEFT, 0) for count in self.beside.values())

    @property
    def direct(self) -> list[File]:
        """The files that lie in the folder itself."""
        return [file for file in self.files if "/" not in file.name]

    @cached_property
    def children(self) -> dict[str, "Tree"]:
        """The folders directly beneath it."""
        found: dict[str, Tree] = {}
        for file in self.files:
            first, slash, rest = file.name.partition("/")
            if slash:
                if first not in found:
                    found[first] = Tree(self.path / first)
                found[first].files.append(File(file.path, rest, file.said, file.odd, file.is_candidate))
        for folder, count in self.beside.items():
            first, _, rest = folder.partition("/")
            if first in found:
                found[first].beside[rest] = count
        return found

    @property
    def candidates(self) -> list[File]:
        """The files that may be meant to be graded."""
        return [file for file in self.files if file.is_candidate]


def is_noise(name: str, *, folder: bool) -> bool:
    """Whether a file or folder of this name is what systems and editors leave, and no learner's work."""
    return name.startswith("._") or name.lower() in (_NOISE_FOLDERS if folder else _NOISE_FILES)


def is_kind(name: str) -> bool:
    """Whether it is named like a notebook or a zip file; also where only the case differs."""
    return name.strip().lower().endswith(KINDS)


def why_odd(path: Path) -> str:
    """Why a path cannot be read as a submission, or ""."""
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        return f"it cannot be read ({error.strerror})."
    except ValueError:
        return "it cannot be read: no path holds a NUL."
    if stat.S_ISLNK(mode):
        return LINK
    return "" if stat.S_ISREG(mode) else "it is not a file."


def tree(top: Path, units: Collection[str]) -> Tree:
    """All that lies beneath a folder. Links are not followed; hidden folders are searched at the top alone."""
    found = Tree(top)
    waiting = [(top, "")]
    while waiting:
        folder, name = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                inner = sorted(entries, key=lambda entry: entry.name)
        except Exception as error:  # whatever is wrong with one folder, the others are read
            odd = reason(error).replace("it cannot", "this folder cannot", 1)
            found.files.append(File(folder, name, Name(()), odd, True))
            continue
        for entry in inner:
            path, its = folder / entry.name, f"{name}/{entry.name}" if name else entry.name
            try:
                waiting += [(path, its)] if _add(found, path, its, entry, units) else []
            except Exception as error:
                found.files.append(File(path, its, Name(()), reason(error), True))
    found.files.sort(key=lambda file: file.name)
    return found


def _add(found: Tree, path: Path, name: str, entry: "os.DirEntry[str]", units: Collection[str]) -> bool:
    """Note what an entry of a folder is. True for a folder that is to be searched."""
    if entry.is_dir(follow_symlinks=False):
        if is_kind(entry.name):
            found.files.append(File(path, name, Name(()), "it is a folder, not a file.", True))
        hidden = "/" in name and entry.name.startswith(".")
        return not hidden and not is_noise(entry.name, folder=True)
    if not is_noise(entry.name, folder=False) and (is_kind(entry.name) or not entry.name.startswith(".")):
        _add_file(found, path, name, entry, units)
    return False


def _add_file(found: Tree, path: Path, name: str, entry: "os.DirEntry[str]", units: Collection[str]) -> None:
    said = read_name(entry.name, units)
    odd = "" if entry.is_file(follow_symlinks=False) else why_odd(path)
    named = is_kind(entry.name) or bool(said.units) or bool(said.platform)
    linked = odd == LINK and "/" not in name and is_folder(path)  # a learner's folder, perhaps
    if named or linked:
        found.files.append(File(path, name, said, odd, True))
        return
    inside = "/".join(name.split("/")[:-1][:2])
    found.beside[inside] += 1
    if found.beside[inside] <= MAX_LEFT:
        found.files.append(File(path, name, said, odd))
