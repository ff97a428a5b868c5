"""Where something secret is inside what a submission may read, an empty mount covers it. Pure, but for asking the disk.

A course in /usr/src/app, or one whose folder is also its Python environment, is readable with the libraries otherwise.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.core.errors import UsageError

# What Python needs of an environment. The folder itself may be a course's.
_PARTS = ("bin", "etc", "include", "lib", "lib64", "share", "pyvenv.cfg")


@dataclass(frozen=True)
class Mount:
    """One step in building what a submission sees: a path is shown, or covered by an empty folder or file."""

    path: Path
    shown: bool
    is_folder: bool


def environments(secret: Sequence[Path] = ()) -> list[Path]:
    """The folders of Python's own environment: whole, or in parts if the folder itself holds something secret."""
    wanted = {path.resolve() for path in secret}
    found: list[Path] = []
    for prefix in map(Path, (sys.prefix, sys.base_prefix)):
        # A prefix of "/" would show everything; there is none in a virtual environment.
        if prefix != Path("/"):
            found += [prefix / part for part in _PARTS] if prefix.resolve() in wanted else [prefix]
    return [path for path in dict.fromkeys(found) if path.exists()]


def hidden(readable: Iterable[Path], secret: Iterable[Path]) -> list[Path]:
    """What of the secret paths is inside something readable; of all others nothing is seen anyway."""
    tops = {path.resolve() for path in readable}
    found = {path.resolve() for path in secret if path.exists()}
    return sorted(path for path in found if any(path.is_relative_to(top) for top in tops))


def mounts(readable: Iterable[Path], secret: Iterable[Path]) -> list[Mount]:
    """What to mount, in order, so that all that is readable is seen and nothing that is secret.

    Raises UsageError if something is both.
    """
    names = {path: path.resolve() for path in readable if path.exists()}
    names |= {real: real for real in list(names.values())}
    secrets = hidden(names, secret)
    for path in secrets:
        if path in names.values():
            raise UsageError(
                f"notebooks must be able to read {path}, and something that they must not see is there: "
                "move the course, the gradebook or the submissions to another folder"
            )
    covers = {
        name / path.relative_to(real) for name, real in names.items() for path in secrets if path.is_relative_to(real)
    }
    found: dict[Path, Mount] = {}
    for path in sorted({*names, *covers}, key=lambda path: (len(path.parts), path)):
        around = next((found[parent] for parent in path.parents if parent in found), None)
        shown = path in names
        # What is needed inside something that is covered is shown again, and only what is shown can be covered.
        if (around is not None and around.shown) != shown:
            found[path] = Mount(path, shown, path.is_dir())
    return list(found.values())
