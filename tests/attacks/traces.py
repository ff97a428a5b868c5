"""What a submission may have left behind: looked at from outside, before and after."""

import hashlib
import os
import re
import resource
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

_GRADER = re.compile(r"/tmp/grader-[^/]+/")
WATCHED = (Path("/tmp"), Path("/usr/src"), Path("/dev/shm"))
_CHANGING = ("/tmp/caught/0/spare", "/tmp/caught/1/spare", "/tmp/caught/2/spare")


def processes() -> set[int]:
    """Everything that runs in this PID namespace, zombies too."""
    return {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()}


def mounts() -> set[str]:
    """What is mounted, as this process sees it."""
    return set(Path("/proc/self/mountinfo").read_text().splitlines())


def descriptors(pid: int) -> list[str]:
    """What a process has open; the numbers of sockets, and of the grader's folder, differ from run to run."""
    found = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.append(_GRADER.sub("", str(entry.readlink())).split(":")[0])
        except FileNotFoundError:  # the one that lists them
            continue
    return sorted(found)


def files() -> dict[str, str]:
    """Every file under the watched folders, with a digest. What was written elsewhere is caught among them.

    A checkout that is itself below one of them is a mount of its own there: what is written to it is caught, too.
    """
    return {str(path): _digest(path) for folder in WATCHED for path in _below(folder) if not _changes(path)}


def shared_memory() -> list[str]:
    """Keys of System V memory, semaphores and queues."""
    tables = [Path("/proc/sysvipc") / name for name in ("shm", "sem", "msg")]
    return [" ".join(line.split()[:2]) for table in tables for line in table.read_text().splitlines()[1:]]


def largest() -> int:
    """The most memory that this process has ever had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class Gauge:
    """How much more memory than at first is in file systems and in shared mappings, whoever's: `most` bytes.

    `own` says whether what is counted is the arena's alone. Otherwise it is the whole machine's.
    """

    def __init__(self) -> None:
        self.most, self._over, self.own = 0, threading.Event(), _own_count() is not None
        self._thread = threading.Thread(target=self._watch, args=(_shared(),))

    def __enter__(self) -> "Gauge":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self, before: int) -> None:
        while not self._over.wait(0.02):
            self.most = max(self.most, _shared() - before)


def _shared() -> int:
    """Of this arena alone, if it has a control group of its own; otherwise of the whole machine."""
    if (own := _own_count()) is not None:
        return own
    line = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("Shmem:"))
    return int(line.split()[1]) * 1024


def _own_count() -> int | None:
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, place = line.split(":", 2)
        stat = Path("/sys/fs/cgroup") / controllers / place.lstrip("/") / "memory.stat"
        if "/grader-" in place and stat.is_file():
            return sum(int(line.split()[1]) for line in stat.read_text().splitlines() if line.startswith("shmem "))
    return None


def server() -> psutil.Process:
    """The fork server of the grader that runs in this process."""
    return next(child for child in psutil.Process().children() if "grader.sandbox.inside.server" in child.cmdline())


def settled(look: Callable[[], Any], wanted: Any, seconds: float = 6.0) -> Any:
    """What is seen, once it is what is wanted or the time is over: the kernel may need a moment to bury the dead."""
    deadline = time.monotonic() + seconds
    while (seen := look()) != wanted and time.monotonic() < deadline:
        time.sleep(0.02)
    return seen


def _below(folder: Path) -> Iterator[Path]:
    """All that is in a folder, but for what is mounted there."""
    for place, folders, names in os.walk(folder):
        yield from (Path(place, name) for name in [*folders, *names])
        folders[:] = [name for name in folders if not os.path.ismount(Path(place, name))]


def _digest(path: Path) -> str:
    try:
        state = path.lstat()
        if stat.S_ISLNK(state.st_mode):
            return f"link to {path.readlink()}"
        if stat.S_ISREG(state.st_mode):
            return hashlib.sha256(path.read_bytes()).hexdigest()[:16] + f" {state.st_mode:o}"
    except OSError as error:
        return f"unreadable: {error.strerror}"
    return f"{state.st_mode:o}"


def _changes(path: Path) -> bool:
    return str(path).startswith(_CHANGING)
