"""`proofs.json`: for each unit the digest of its inputs, the date of its proof, what was proved, and the seconds.

The form is the same for the same content, a unit's lines stand together, and a unit is written as soon as it is proved:
what another command or another machine has written of other units stays.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.prove.inputs import whole


@dataclass(frozen=True)
class Proved:
    """What one kind of proof showed, in words, and its seconds."""

    seconds: int
    what: str


@dataclass(frozen=True)
class Record:
    """The last proof of a unit."""

    date: str
    digest: str
    inputs: Mapping[str, str]
    proofs: Mapping[str, Proved]

    @classmethod
    def now(cls, inputs: Mapping[str, str], proofs: Mapping[str, Proved]) -> Record:
        """A proof that ends now."""
        return cls(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", whole(inputs), dict(inputs), dict(proofs))


class Proofs:
    """The file. `units` are those of the course: what is recorded of others is dropped when something is written."""

    def __init__(self, path: Path, units: Collection[str]) -> None:
        self.path, self.units = path, set(units)

    def read(self) -> dict[str, Record]:
        """All records by unit. What is not one, after a merge for example, is none: its unit is proved again."""
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            items = [*found.items()]
        except (OSError, ValueError, AttributeError):
            return {}
        return {unit: record for unit, form in items if (record := _record(form)) is not None}

    def put(self, unit: str, record: Record) -> None:
        """Write the record of a unit."""
        self._change(lambda records: records.update({unit: record}))

    def remove(self, unit: str) -> None:
        """Take away the record of a unit, if there is one."""
        if unit in self.read():
            self._change(lambda records: records.pop(unit, None))

    def _change(self, change: Callable[[dict[str, Record]], object]) -> None:
        with _alone(self.path):
            records = self.read()
            change(records)
            kept = {unit: asdict(record) for unit, record in records.items() if unit in self.units}
            new = self.path.with_name(f".{self.path.name}.new")
            new.write_text(json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
            new.replace(self.path)


def _record(form: object) -> Record | None:
    try:
        proofs = {kind: Proved(int(said["seconds"]), str(said["what"])) for kind, said in form["proofs"].items()}  # type: ignore[index]
        inputs = {str(name): str(digest) for name, digest in form["inputs"].items()}  # type: ignore[index]
        return Record(str(form["date"]), str(form["digest"]), inputs, proofs)  # type: ignore[index]
    except (TypeError, KeyError, ValueError, AttributeError):
        return None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While a folder is locked, nobody else changes a file in it by this module."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
