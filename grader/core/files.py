"""Writes files whole or not at all, and makes folders that others may not look into."""

import os
import secrets
import stat
import tempfile
from pathlib import Path

# Nothing takes so long to write: what is older was left behind by a command that was killed.
LEFT_SECONDS = 3_600.0
_OWNERS_ALONE, _BY_UMASK = 0o600, 0o666


def atomic_write(path: Path, data: bytes, *, partial: Path | None = None, private: bool = False) -> None:
    """Write a file in one step: whoever reads it finds what was there before or all of the data, also after a kill.

    Meanwhile the data are in the folder `partial`, on the same disk, or else beside the file under a hidden name. An
    existing file keeps its mode; a new one gets the umask's, or is its owner's alone if it is `private`. Raises
    OSError if that fails, and leaves nothing behind.
    """
    half = (partial or path.parent) / f".{secrets.token_hex(8)}.part"
    mode = _OWNERS_ALONE if private else _BY_UMASK
    try:
        with open(half, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(data)
        if path.exists():
            half.chmod(stat.S_IMODE(path.stat().st_mode))
        half.replace(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise


def remove_left(partial: Path) -> None:
    """Remove what killed commands left in a folder that `atomic_write` was given.

    Another command may be writing there at this moment, on another machine, too: the disk's own clock counts.
    """
    with tempfile.TemporaryFile(dir=partial) as probe:
        now = os.fstat(probe.fileno()).st_mtime
    for half in partial.glob(".*.part"):
        try:
            if now - half.lstat().st_mtime > LEFT_SECONDS:
                half.unlink()
        except FileNotFoundError:  # its writer is done with it, or another command was faster
            continue


def private_folder(folder: Path) -> Path:
    """Make a folder and those above it that are missing, for their owner alone, and return it. Raises OSError."""
    if not folder.is_dir():
        if folder.parent != folder:
            private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder
