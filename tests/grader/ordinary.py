"""Root may read and write everywhere: what others may not, is tried as an ordinary user."""

import codecs
import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

codecs.lookup(
    "cp437"
)  # zip files ask for it; looked for as somebody who cannot read root's Python, it is lost for good


@contextlib.contextmanager
def ordinary_user() -> Iterator[None]:
    """Nothing is closed to root: for a while, be somebody else."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65_534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def give(folder: Path) -> None:
    """Let everybody write into a temporary folder. Pytest closes the folders on the way to it, xdist some more."""
    folder.chmod(0o777)
    top = Path(tempfile.gettempdir()).resolve()
    for parent in folder.resolve().parents:
        if top not in parent.parents:
            break
        parent.chmod(parent.stat().st_mode | 0o011)
