"""A small disk that a test may fill: a file system in a user and mount namespace that a process keeps open."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KEEP = """
import ctypes, os, sys
from pathlib import Path
folder, size = sys.argv[1:]
uid, gid = os.getuid(), os.getgid()
libc = ctypes.CDLL(None, use_errno=True)
assert libc.unshare(0x10000000 | 0x20000) == 0, os.strerror(ctypes.get_errno())
Path("/proc/self/setgroups").write_text("deny")
Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
assert libc.mount(b"tmpfs", folder.encode(), b"tmpfs", 0, f"size={size},mode=700".encode()) == 0
print("ready", flush=True)
sys.stdin.read()
"""


class Disk:
    """A disk that is there, under `folder`, for what is started by `inside`. `seen` is the same folder from outside."""

    def __init__(self, folder: Path, pid: int, size: int) -> None:
        self.folder, self._pid, self._size = folder, pid, size
        self.seen = Path(f"/proc/{pid}/root{folder}")

    def inside(self, *words: object) -> list[str]:
        """The command that runs these words where the disk is; the process is theirs."""
        return ["nsenter", f"--target={self._pid}", "--user", "--mount", "--preserve-credentials", *map(str, words)]

    def fill(self, but: int = 0) -> None:
        """Leave no room, or so many bytes."""
        there = os.statvfs(self.seen)
        size = there.f_bavail * there.f_frsize - but
        command = f"head -c {size} /dev/zero > {self.folder}/ballast || true"
        subprocess.run(self.inside("sh", "-c", command), check=True, stderr=subprocess.DEVNULL)

    def make_room(self) -> None:
        """Take away what filled it."""
        subprocess.run(self.inside("rm", "-f", self.folder / "ballast"), check=True)


@contextmanager
def small_disk(folder: Path, size: int = 48 * 2**20) -> Iterator[Disk]:
    """Mount a file system on a folder, and end it. It ends also with the tests."""
    folder.mkdir()
    command = [sys.executable, "-c", KEEP, str(folder), str(size)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        yield Disk(folder, process.pid, size)
