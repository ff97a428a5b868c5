"""The kernel's own limits, set on the process that runs a submission. They hold for its children, too."""

import resource
from pathlib import Path

from grader.limits import Limits


def apply_limits(limits: Limits) -> None:
    """Set this process's resource limits."""
    # A second more than the client allows all processes together: it polls, and its word names the limit.
    cpu = int(limits.cpu) + 2
    data = _data_bytes() + limits.memory
    for kind, bound in (
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_DATA, data),  # a cell that asks for more gets a MemoryError, and the next cell runs
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_NOFILE, 1024),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 64 * 2**10),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (bound, bound))


def _data_bytes() -> int:
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0
