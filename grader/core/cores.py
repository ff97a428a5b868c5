"""What this process may have of the machine: cores and memory, as its affinity and its control groups allow."""

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

CGROUPS, MINE = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


@cache
def cores() -> int:
    """How many cores this process may keep busy, at least 1. A part of one counts as one."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(math.ceil(min([there, *_cpu_quotas()])), 1)


def memory() -> int:
    """How many bytes of memory this process and all that it starts may take."""
    import psutil

    return min([int(psutil.virtual_memory().total), *_memory_limits()])


def _cpu_quotas() -> Iterator[float]:
    for folder in _groups("cpu"):
        for files in (["cpu.max"], ["cpu.cfs_quota_us", "cpu.cfs_period_us"]):
            with suppress(OSError, ValueError):  # not there, or "max": no quota
                quota, period = " ".join((folder / name).read_text(encoding="ascii") for name in files).split()
                if int(quota) > 0 and int(period) > 0:
                    yield int(quota) / int(period)


def _memory_limits() -> Iterator[int]:
    for folder in _groups("memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            with suppress(OSError, ValueError):
                yield max(int((folder / name).read_text(encoding="ascii")), 1)


def _groups(controller: str) -> Iterator[Path]:
    """The folders of the control groups that this process is in: each bounds what is in it, and so do all above it.

    In a container such a path may begin at the machine's own root, of which the container sees only a part.
    """
    try:
        lines = MINE.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return
    for line in lines:
        _, names, path = line.split(":", 2)
        bases = [CGROUPS / controller] if controller in names.split(",") else []
        bases += [CGROUPS, CGROUPS / "unified"] if not names else []
        inner = Path(path.lstrip("/"))
        for base in bases:
            yield from (base / part for part in (inner, *inner.parents))
