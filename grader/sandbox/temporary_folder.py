"""The sandbox's folder: removed in the end, and where its command was killed, by the next one."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from grader.core.errors import SandboxError, full_disk_told

_PREFIX, _LOCK = "grader-", "lock"


class Folder:
    """A temporary folder with a lock, held by this process and by every process that it hands `lock` to."""

    def __init__(self) -> None:
        try:
            with full_disk_told("the folder for temporary files"):
                _remove_stale()
                self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
                self.lock = os.open(self.path / "new", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise SandboxError(f"there is no folder for temporary files ({error.strerror})") from error
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        # Under its own name nobody ever finds it unlocked but where its holders are dead.
        (self.path / "new").rename(self.path / _LOCK)

    def remove(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self.lock)


def _remove_stale() -> None:
    """Remove the folders of commands that were killed, and whose fork servers are dead, too."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # another's folder, or one that another command removes at this moment
            if folder.lstat().st_uid == os.geteuid() and _is_free(folder / _LOCK):
                shutil.rmtree(folder, ignore_errors=True)


def _is_free(lock: Path) -> bool:
    fd = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(fd)
    return True
