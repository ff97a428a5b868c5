"""What a submission may take. Each limit that is reached ends in a message that names it."""

import os
import resource
from dataclasses import dataclass
from pathlib import Path

GIB, MIB = 2**30, 2**20


@dataclass(frozen=True)
class Limits:
    """Bounds of one submission's run.

    `seconds` of wall time for the whole notebook. A single cell may take half of it, then it is interrupted and the
    next one runs. When nine tenths are over no further cell runs: what is defined by then is observed. `memory` in
    bytes, above what the server had. `processes` counts threads, too.
    """

    seconds: float = 300.0
    memory: int = 3 * GIB
    processes: int = 256
    file_bytes: int = 256 * MIB
    output_bytes: int = 8 * MIB
    cell_text: int = 256 * 2**10

    @property
    def cell_seconds(self) -> float:
        """Wall time of one cell."""
        return self.seconds / 2

    @property
    def last_call(self) -> float:
        """Wall time after which no further cell runs."""
        return self.seconds * 0.9


def apply_limits(limits: Limits) -> None:
    """Set this process's resource limits. They hold for its children, too."""
    cores = os.cpu_count() or 1
    cpu = int(limits.seconds * cores) + 1
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
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0
