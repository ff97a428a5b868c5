"""Takes the files beside a notebook that it needs: modules that it imports, data that it names, and what those need."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from grader.bundles.bundle import MAX_FILES_BYTES
from grader.bundles.places import Place, is_plain
from grader.core.text import size_text
from grader.notebooks.needed_files import Needs, needs_of

MAX_FILES = 256  # beside one notebook
MAX_PATTERNS = 50
LINK = "it is a link; a link is not followed, since it may lead to the reference. Hand in the file itself."


def may_need(data: bytes, names: Iterable[str]) -> bool:
    """Whether a notebook of these bytes may name any of these files; most do not, and are not parsed for it."""
    for name in names:
        stem, dot, ending = name.rpartition(".")
        if ending.lower() == "ipynb":
            continue
        # Of a name that is put together, the longest word stands somewhere, and what kind of file it is.
        word = max(re.split(r"[\W_]+", stem or name), key=len)
        last = f".{ending}" if dot and ending != "py" else ""
        if not name.isascii() or (word.encode() in data and last.encode() in data):
            return True
    return False


def gather(
    cells: Iterable[Mapping[str, Any]], place: Place, taken: Collection[str], left: int
) -> tuple[dict[str, bytes], dict[str, str]]:
    """The files beside a notebook that its cells need, and by name why one of these was not taken.

    Of those that are `taken` already none comes again; `left` bytes may come.
    """
    return _Gatherer(place, taken, left).gathered(cells)


class _Gatherer:
    """Takes what is needed, and what that needs in its turn."""

    def __init__(self, place: Place, taken: Collection[str], left: int) -> None:
        self._place, self._taken, self._left = place, taken, left
        self._top = set(place.names())  # a name that begins with none of these is not looked for
        self._patterns: set[str] = set()
        self._constants: dict[str, str] = {}
        self._roots = {"": None}
        self._written: set[str] = set()
        self._read: list[str] = []  # modules whose own needs are still to be read
        self.files: dict[str, bytes] = {}
        self.refused: dict[str, str] = {}

    def gathered(self, cells: Iterable[Mapping[str, Any]]) -> tuple[dict[str, bytes], dict[str, str]]:
        for cell in cells:
            if cell["cell_type"] == "code":
                self._take_needs(needs_of(cell["source"], self._constants), "")
        while self._read:
            name = self._read.pop(0)
            source = self.files[name].decode("utf-8", "replace")
            self._take_needs(needs_of(source, self._constants), name.rpartition("/")[0])
        made = self._written
        return self.files, {name: why for name, why in self.refused.items() if name not in made}

    def _take_needs(self, needs: Needs, package: str) -> None:
        self._written |= needs.written
        self._roots |= {root: None for root in needs.roots if self._place.kind(root) == "folder"}
        for module in needs.modules:
            for name in self._module_files(module, package):
                if self._take(name):
                    self._read.append(name)
        for text in needs.texts:
            for name in self._named(text):
                self._take(name)
        for folder in needs.folders:
            for name in self._place.below(folder) if self._place.kind(folder) == "folder" else ():
                self._take(name)

    def _module_files(self, module: str, package: str) -> Iterator[str]:
        """The files that a module may lie in, those of the packages around it first; dots before it lead upwards."""
        path = module.lstrip(".")
        dots = len(module) - len(path)
        folders = package.split("/") if package else []
        roots = ["/".join(folders[: len(folders) - dots + 1])] if dots else list(self._roots)
        parts = path.split(".") if path else []
        for root in roots:
            stems = ["/".join([root, *parts[:count]]).strip("/") for count in range(0 if dots else 1, len(parts) + 1)]
            for stem in stems:
                yield from (name for name in (f"{stem}/__init__.py".lstrip("/"), f"{stem}.py") if self._is_there(name))

    def _named(self, text: str) -> Iterator[str]:
        """The files that a text names, or that match it where it is a pattern."""
        if "*" not in text and "?" not in text:
            yield from [text] if self._is_there(text) else []
        elif re.search(r"\.\w+\Z", text) and len(self._patterns) < MAX_PATTERNS and text not in self._patterns:
            self._patterns.add(text)
            yield from (name for name in self._listed if _matches(name, text))

    @cached_property
    def _listed(self) -> list[str]:
        return self._place.below("")

    def _is_there(self, name: str) -> bool:
        return name.split("/", 1)[0] in self._top and self._place.kind(name) in ("file", "link")

    def _take(self, name: str) -> bool:
        """Take a file, or note why not. True where it is a new one."""
        if name in self.files or name in self._taken or name in self.refused:
            return False
        try:
            why = self._why_not(name)
            data = b"" if why else self._place.read(name, self._left + 1)
        except (OSError, RuntimeError) as error:
            why, data = f"it cannot be read ({getattr(error, 'strerror', None) or error}).", b""
        if not why and len(data) > self._left:
            why = f"it is too large: {size_text(MAX_FILES_BYTES)} are taken beside a notebook, no more."
        if why:
            self.refused[name] = why
            return False
        self.files[name] = data
        self._left -= len(data)
        return name.endswith(".py")

    def _why_not(self, name: str) -> str:
        if name.lower().endswith(".ipynb"):
            return "it is a notebook: only other files are taken beside one."
        if not is_plain(name):
            return "its name is hidden, reserved, or not one that every system can write."
        if self._place.kind(name) == "link":
            return LINK
        both = [*self.files, *self._taken]
        if any(other.startswith(f"{name}/") or name.startswith(f"{other}/") for other in both):
            return "another file has a part of its name."
        return f"{MAX_FILES} files are taken beside a notebook, no more." if len(self.files) >= MAX_FILES else ""


def _matches(name: str, pattern: str) -> bool:
    """Whether a file's name matches a pattern, folder by folder."""
    parts, wanted = name.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))
