"""Control groups that count and bound the memory of a run: the kernel charges all of it there, also its own.

They can be had by root, and by whoever has a part of the tree delegated, as systemd does for a user's own services.
Without them memory is added up process by process, and nothing else changes.
"""

import contextlib
import errno
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
_PREFIX = "grader-"
_DYING_SECONDS = 1.0
_ROOM = 64 * 2**20  # between the bound that is looked at and the one that the kernel holds


@dataclass
class MemoryGroup:
    """One control group, for one run at a time. `unified` is the kernel's second version of them."""

    path: Path
    unified: bool
    _charged: int = 0  # what earlier runs left to it
    _kills: int = 0

    def begin(self, pid: int, most: int) -> None:
        """Take a process in, and let it and its children have so much. Raises OSError if the kernel refuses."""
        bound = str(most + _ROOM)
        if self.unified:
            self._write("memory.max", bound)
            self._write("memory.swap.max", "0", needed=False)
        else:
            self._write("memory.memsw.limit_in_bytes", "-1", needed=False)
            self._write("memory.limit_in_bytes", bound)
            self._write("memory.memsw.limit_in_bytes", bound, needed=False)
        self._charged, self._kills = self._now(), self._killed()
        self._write("cgroup.procs", str(pid))

    def memory(self) -> int:
        """Bytes of processes and of the kernel for them, since `begin`; without files."""
        return max(self._now() - self._charged, 0)

    def was_full(self) -> bool:
        """Whether the kernel has ended a process since `begin`, for want of memory in this group."""
        return self._killed() > self._kills

    def remove(self) -> None:
        """Give it back, as soon as the last process in it is dead."""
        patience = time.monotonic() + _DYING_SECONDS
        while True:
            try:
                return self.path.rmdir()
            except OSError as error:
                if error.errno != errno.EBUSY or time.monotonic() > patience:
                    return None  # whoever makes the next one removes it
            time.sleep(0.02)

    def _now(self) -> int:
        stat = self._numbers("memory.stat")
        if self.unified:
            return sum(stat.get(name, 0) for name in ("anon", "kernel", "sock"))
        return stat.get("rss", 0) + int(self._read("memory.kmem.usage_in_bytes") or 0)

    def _killed(self) -> int:
        return self._numbers("memory.events" if self.unified else "memory.oom_control").get("oom_kill", 0)

    def _numbers(self, name: str) -> Mapping[str, int]:
        lines = (line.split() for line in self._read(name).splitlines())
        return {words[0]: int(words[1]) for words in lines if len(words) == 2 and words[1].isdecimal()}

    def _read(self, name: str) -> str:
        with contextlib.suppress(OSError):
            return (self.path / name).read_text(encoding="ascii").strip()
        return ""

    def _write(self, name: str, text: str, *, needed: bool = True) -> None:
        with contextlib.nullcontext() if needed else contextlib.suppress(OSError):
            (self.path / name).write_text(text, encoding="ascii")


def new_group(root: Path = ROOT, own: Path = Path("/proc/self/cgroup")) -> MemoryGroup | None:
    """A new group beside or below this process's own; None if none can be had here."""
    for parent, unified in _parents(root, own):
        _remove_stale(parent)
        group = MemoryGroup(parent / f"{_PREFIX}{os.getpid()}-{secrets.token_hex(4)}", unified)
        with contextlib.suppress(OSError):
            group.path.mkdir()
            bound = group.path / ("memory.max" if unified else "memory.limit_in_bytes")
            if bound.is_file() and os.access(group.path / "cgroup.procs", os.W_OK):
                return group
            group.remove()
    return None


def _remove_stale(parent: Path) -> None:
    """Remove the groups of commands that were killed. One in which something runs the kernel keeps."""
    for folder in parent.glob(f"{_PREFIX}*-*"):
        if not Path("/proc", folder.name.removeprefix(_PREFIX).partition("-")[0]).is_dir():
            with contextlib.suppress(OSError):
                folder.rmdir()


def _parents(root: Path, own: Path) -> Iterator[tuple[Path, bool]]:
    """Where a group may be made, the nearest first, and whether it is of the second version."""
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    places = {controllers: path.lstrip("/") for _, controllers, path in (line.split(":", 2) for line in lines)}
    for controllers, place in places.items():
        if "memory" in controllers.split(","):
            yield root / controllers / place, False
    if "" not in places:
        return
    for top in (root, root / "unified"):
        # A group with processes in it hands no controller down, so that a group beside this process's own is needed.
        for parent in (top / places[""] / "x").parents:
            if not parent.is_relative_to(top):
                break
            if "memory" in _words(parent / "cgroup.subtree_control"):
                yield parent, True


def _words(path: Path) -> list[str]:
    with contextlib.suppress(OSError):
        return path.read_text(encoding="ascii").split()
    return []
