"""What a process and all below it take, as the kernel counts it."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import psutil

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def taken(pid: int) -> tuple[int, float, int]:
    """Resident bytes, CPU seconds and the number of processes of a process and all below it; zeros where it is gone.

    CPU seconds include those of children that have ended.
    """
    resident, cpu_seconds, count = 0, 0.0, 0
    for folder in _members(pid):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            resident += int(fields[21]) * _PAGE
            cpu_seconds += sum(map(int, fields[11:15])) / _TICKS
            count += 1
    return resident, cpu_seconds, count


def _members(pid: int) -> Iterator[Path]:
    """The folders in /proc of a process and of all below it."""
    own = Path(f"/proc/{pid}/root/proc")  # behind the walls, where it shows nobody else
    try:
        if own.stat().st_dev != Path("/proc").stat().st_dev:
            yield from (path for path in own.iterdir() if path.name.isdecimal())
            return
    except OSError:
        pass
    with contextlib.suppress(psutil.Error):  # a look at every process of the machine
        process = psutil.Process(pid)
        yield from (Path(f"/proc/{member.pid}") for member in [process, *process.children(recursive=True)])
