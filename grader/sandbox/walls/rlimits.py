"""The kernel's own limits, set on the process that runs a submission. They hold for its children, too."""

import contextlib
import os
import resource
from collections.abc import Collection
from pathlib import Path

from grader.core.limits import GIB, Limits

FILES = 256  # that a process may have open, and what may wait in sockets: it counts against the grader's own user, too
_TIMERS = 1024  # of the whole user


def apply_limits(limits: Limits, cores: Collection[int] = ()) -> None:
    """Set this process's resource limits, and keep it to some cores, if any are named: the others are for others."""
    if cores:
        os.sched_setaffinity(0, cores)
    # A second more than the client allows all processes together: it polls, and its word names the limit.
    cpu = int(limits.cpu) + 2
    for kind, bound in (
        (resource.RLIMIT_CPU, cpu),
        # A cell that asks for more gets a MemoryError, and the next cell runs.
        (resource.RLIMIT_DATA, _bytes("VmData:") + limits.memory),
        # Addresses without memory behind them cost page tables. Libraries reserve a lot and use a little.
        (resource.RLIMIT_AS, _bytes("VmSize:") + 16 * (limits.memory + GIB)),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_NOFILE, FILES),
        # Of 0 a core dump that is piped to a program of the machine's takes no notice; 1 it takes for no (core(5)).
        (resource.RLIMIT_CORE, 1),
        (resource.RLIMIT_MEMLOCK, 64 * 2**10),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, _TIMERS),
    ):
        hard = resource.getrlimit(kind)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (bound, bound))


def open_many_files() -> None:
    """Let this process have as many files open as the machine allows. If it allows no change, the wall will say so."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _bytes(name: str) -> int:
    """What /proc says that this process has of something."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0
