"""A bundle: what a learner hands in for a unit as one zip file, with a manifest that the receipt code is made from.

A bundle comes from others. It is read in memory, within bounds, and nothing is written: names are plain and lead
nowhere else, links are refused, and every byte is as the manifest says, or there is one SubmissionError.
"""

import base64
import datetime
import hashlib
import io
import json
import re
import stat
import struct
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from grader.bundles.archive import DAMAGES
from grader.bundles.places import is_plain
from grader.core.errors import SubmissionError
from grader.core.text import one_line
from grader.notebooks.notebook_file import MAX_NOTEBOOK_BYTES

FORMAT = 1
MANIFEST = "manifest.json"
MAX_ENTRIES = 300
MAX_FILES_BYTES = 64 * 2**20  # all that is handed in beside a notebook
_MAX_MANIFEST = 2**18
_MAX_DIRECTORY = 2**17  # bytes; zipfile reads all of it before anybody can count
_NAME = re.compile(r"\w[\w.-]{0,99}")
_MADE = "Hand in the file as `lab.submit()` made it."


@dataclass(frozen=True)
class Entry:
    """What the manifest says of one file."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a bundle says of itself: the unit, when it was made, with which versions, and what each file holds."""

    unit: str
    time: str
    versions: Mapping[str, str]
    files: Mapping[str, Entry]

    @property
    def notebook(self) -> str:
        """The name of the notebook among the files."""
        return f"{self.unit}.ipynb"

    @property
    def digest(self) -> bytes:
        """The SHA-256 of all that it says: of another file, time or version it is another."""
        return hashlib.sha256(_json(self._form()).encode()).digest()

    @property
    def code(self) -> str:
        """The receipt code: 160 bits of the digest, to be read out and typed in."""
        letters = base64.b32encode(self.digest[:20]).decode()
        return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))

    def has_code(self, code: str) -> bool:
        """Whether this is its receipt code, however it was typed."""
        return re.sub(r"[\s-]", "", code).upper() == self.code.replace("-", "")

    def text(self) -> str:
        """The manifest as it stands in the bundle."""
        return _json({**self._form(), "sha256": self.digest.hex()}, indent=1) + "\n"

    def _form(self) -> dict[str, Any]:
        files = {name: {"bytes": entry.bytes, "sha256": entry.sha256} for name, entry in self.files.items()}
        return {
            "format": FORMAT, "unit": self.unit, "time": self.time, "versions": dict(self.versions), "files": files,
        }  # fmt: skip


@dataclass(frozen=True)
class Bundle:
    """A manifest, and the files that it names."""

    manifest: Manifest
    files: Mapping[str, bytes]


def new_bundle(unit: str, files: Mapping[str, bytes], time: datetime.datetime, versions: Mapping[str, str]) -> Bundle:
    """A bundle of these files, among them `<unit>.ipynb`."""
    entries = {name: Entry(len(data), hashlib.sha256(data).hexdigest()) for name, data in files.items()}
    return Bundle(Manifest(unit, time.isoformat(timespec="seconds"), versions, entries), files)


def pack(bundle: Bundle) -> bytes:
    """The bundle as bytes: the same for the same bundle."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in ((MANIFEST, bundle.manifest.text().encode()), *sorted(bundle.files.items())):
            # Models are packed already, or do not pack.
            kind = zipfile.ZIP_DEFLATED if name.endswith((".json", ".ipynb")) else zipfile.ZIP_STORED
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o644 << 16  # who unpacks it by hand can read it
            archive.writestr(entry, data, kind)
    return packed.getvalue()


def read_manifest(file: BinaryIO) -> Manifest:
    """The manifest of a bundle; of the files nothing is read. Raises SubmissionError where it is none."""
    with _damage_told(), _opened(file) as archive:
        return _manifest(_read(archive, MANIFEST, _MAX_MANIFEST))


def read_bundle(file: BinaryIO) -> Bundle:
    """A whole bundle. Raises SubmissionError, in one sentence, for whatever is not as `pack` makes it."""
    with _damage_told(), _opened(file) as archive:
        manifest = _manifest(_read(archive, MANIFEST, _MAX_MANIFEST))
        there = {entry.filename for entry in archive.infolist()} - {MANIFEST}
        if there != set(manifest.files):
            odd = one_line(min(there ^ set(manifest.files)))
            raise SubmissionError(f"the bundle holds other files than its manifest says ({odd}). {_MADE}")
        return Bundle(manifest, {name: _file(archive, name, entry) for name, entry in manifest.files.items()})


def _file(archive: zipfile.ZipFile, name: str, entry: Entry) -> bytes:
    """A file's bytes: no more are unpacked than the manifest says, and that is bounded."""
    data = _read(archive, name, entry.bytes)
    if len(data) != entry.bytes or hashlib.sha256(data).hexdigest() != entry.sha256:
        raise SubmissionError(f"`{name}` is not what the bundle's manifest says: it was changed. {_MADE}")
    return data


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    with archive.open(name) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise SubmissionError(f"`{name}` is larger than the bundle's manifest says, or may be. {_MADE}")
    return data


@contextmanager
def _opened(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """The archive, when its directory is known to be small and to hold plain files alone."""
    _check_end(file)
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        if len(entries) > MAX_ENTRIES:
            raise SubmissionError(f"the bundle holds {len(entries):,} files; at most {MAX_ENTRIES} are taken. {_MADE}")
        names = [entry.filename for entry in entries]
        for entry in entries:
            _check_entry(entry)
        if len(set(names)) < len(names):
            raise SubmissionError(f"the bundle holds a file twice. {_MADE}")
        if MANIFEST not in names:
            raise SubmissionError(f"this zip file is no bundle: it has no {MANIFEST}. {_MADE}")
        yield archive


def _check_end(file: BinaryIO) -> None:
    """A zip file ends with the size of its directory. Comments and the form for huge files are none of ours."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(size - 42, 0))
    end = file.read(42)
    if end[-22:-18] != b"PK\x05\x06" or end[:4] == b"PK\x06\x07":
        raise SubmissionError(f"this is no bundle: it is no zip file, or its end is missing. {_MADE}")
    (directory,) = struct.unpack("<L", end[-10:-6])
    if directory > _MAX_DIRECTORY:
        raise SubmissionError(f"the bundle holds too many files; at most {MAX_ENTRIES} are taken. {_MADE}")


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = one_line(entry.filename, 80)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise SubmissionError(f"in the bundle {name} is a link; a link is not followed. {_MADE}")
    if not _is_entry(entry.filename):
        raise SubmissionError(f"the bundle holds `{name}`; only plain names of files are taken. {_MADE}")
    if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise SubmissionError(f"in the bundle {name} is encrypted, or packed in an unknown way. {_MADE}")


def _manifest(data: bytes) -> Manifest:
    """The manifest of its text. Its sizes are within bounds, its digest is that of what it says."""
    try:
        form = json.loads(data)
        files = {name: Entry(entry["bytes"], entry["sha256"]) for name, entry in form["files"].items()}
        manifest = Manifest(form["unit"], form["time"], dict(form["versions"]), files)
        sound = form["format"] == FORMAT and _is_sound(manifest) and form["sha256"] == manifest.digest.hex()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        sound = False
    if not sound:
        raise SubmissionError(f"the bundle's {MANIFEST} is damaged, or of another version. {_MADE}")
    _check_sizes(manifest)
    return manifest


def _is_sound(manifest: Manifest) -> bool:
    words = [manifest.unit, manifest.time, *manifest.versions, *manifest.versions.values()]
    return (
        all(isinstance(word, str) and len(word) <= 200 for word in words)
        and _NAME.fullmatch(manifest.unit) is not None
        and all(_is_entry(name) and name != MANIFEST for name in manifest.files)
        and not any(folder in manifest.files for name in manifest.files for folder in _folders(name))
        and all(type(entry.bytes) is int and entry.bytes >= 0 for entry in manifest.files.values())
        and all(re.fullmatch("[0-9a-f]{64}", entry.sha256) for entry in manifest.files.values())
        and datetime.datetime.fromisoformat(manifest.time).tzinfo is not None
        and manifest.notebook in manifest.files
    )


def _is_entry(name: str) -> bool:
    """Whether a bundle may hold a file of this name: a plain one, or a notebook that lies in no folder."""
    return is_plain(name) or (name.endswith(".ipynb") and _NAME.fullmatch(name) is not None)


def _folders(name: str) -> list[str]:
    """The folders around a file, by name."""
    parts = name.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _check_sizes(manifest: Manifest) -> None:
    notebook = manifest.files[manifest.notebook].bytes
    beside = sum(entry.bytes for entry in manifest.files.values()) - notebook
    bounds = (("notebook takes", notebook, MAX_NOTEBOOK_BYTES), ("other files take", beside, MAX_FILES_BYTES))
    for what, size, most in bounds:
        if size > most:
            raise SubmissionError(f"the bundle's {what} {size / 2**20:,.0f} MiB; at most {most // 2**20} are taken.")


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except DAMAGES as error:
        raise SubmissionError(f"the bundle is damaged: it cannot be unpacked. {_MADE}") from error


def _json(form: Any, indent: int | None = None) -> str:
    return json.dumps(form, sort_keys=True, indent=indent)
