"""What a process and all below it take, as the kernel counts it.

Memory is what the kernel charges: the pages of each process, shared ones by their share, page tables, and the buffers
of sockets. A control group says it exactly, where one can be had; otherwise it is added up here.
"""

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from grader.sandbox.walls.memory_groups import MemoryGroup

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_MOST_EXACT = 64  # processes whose shared pages are looked up one by one: each takes milliseconds
_MOST_THREADS = 64  # of a process, whose waiting is looked up
WAITING_SECONDS = 1.0  # between two looks at how long threads wait


@dataclass(frozen=True)
class Taken:
    """What a run takes at one moment. `waited`: seconds for which one of its threads could run and got no core."""

    memory: int = 0
    cpu_seconds: float = 0.0
    processes: int = 0
    waited: float = 0.0


@dataclass(frozen=True)
class _Stat:
    """A line of /proc/PID/stat, and where it was read."""

    folder: Path
    state: str
    cpu_seconds: float
    resident: int


class Meter:
    """Measures one run, again and again. `server` is the process that it was forked from, whose pages it shares."""

    def __init__(
        self, pid: int, server: int = 0, baseline: int = 0, *, cores: int = 1, group: MemoryGroup | None = None,
        apart: bool = True,
    ) -> None:  # fmt: skip
        self._pid, self._server, self._baseline = pid, server, baseline
        self._cores, self._group, self._apart = cores, group, apart
        self._looked = time.monotonic()
        self._asked = self._looked
        self._sampled = self._waited = 0.0

    def read(self, memory: int = 0) -> Taken:
        """What it takes now; zeros if it is gone. Shared pages are looked up if it seems to take more than `memory`."""
        stats = [stat for folder in _members(self._pid) if (stat := _stat(folder))]
        now = time.monotonic()
        # The time of children that nobody waits for is added to nobody's: whoever runs when somebody looks counts.
        running = sum(stat.state == "R" for stat in stats)
        self._sampled += min(running, self._cores) * (now - self._looked)
        self._looked = now
        if now - self._asked >= WAITING_SECONDS:
            self._asked = now
            self._waited = max([self._waited, *(_longest_wait(stat.folder) for stat in stats)])
        return Taken(
            self._memory(stats, memory), max(sum(stat.cpu_seconds for stat in stats), self._sampled), len(stats),
            self._waited,
        )  # fmt: skip

    def _memory(self, stats: Sequence[_Stat], suspicious: int) -> int:
        if not stats:
            return 0
        if self._group is not None:  # of the server's pages it is charged for those that it has written to
            return max(self._group.memory() - self._baseline, 0)
        kernel = sum(_page_tables(stat.folder) for stat in stats) + self._socket_buffers()
        pages = sum(stat.resident for stat in stats) - self._baseline
        if pages + kernel > suspicious and len(stats) > 1:
            pages = self._proportional(stats)
        return max(pages + kernel, 0)

    def _proportional(self, stats: Sequence[_Stat]) -> int:
        """Bytes beyond the server's own pages, of which each of the forks would count all."""
        largest = sorted(stats, key=lambda stat: -stat.resident)
        exact = sum(_share(stat.folder) for stat in largest[:_MOST_EXACT])
        servers = max(self._baseline - _share(Path(f"/proc/{self._server}")), 0) if self._server else 0
        return exact - servers + sum(max(stat.resident - self._baseline, 0) for stat in largest[_MOST_EXACT:])

    def _socket_buffers(self) -> int:
        """What the sockets of the run's own network namespace may hold: each of them at most twice its buffer."""
        if not self._apart:
            return 0
        with contextlib.suppress(OSError, ValueError, IndexError):
            first = Path(f"/proc/{self._pid}/net/sockstat").read_text(encoding="ascii").split("\n", 1)[0]
            return int(first.split()[2]) * 2 * _socket_buffer()
        return 0


def taken(pid: int) -> Taken:
    """What a process and all below it take at this moment, by itself: nothing was measured before."""
    return Meter(pid, apart=False).read(2**63)


def available_memory() -> int:
    """Bytes that the machine could still give to processes."""
    return int(psutil.virtual_memory().available)


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


def _stat(folder: Path) -> _Stat | None:
    """What /proc says of a process; None if it is gone."""
    try:
        fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return _Stat(folder, fields[0], sum(map(int, fields[11:15])) / _TICKS, int(fields[21]) * _PAGE)
    except (OSError, ValueError, IndexError):
        return None


def _page_tables(folder: Path) -> int:
    return _kibibytes(folder / "status", "VmPTE:")


def _share(folder: Path) -> int:
    """A process's pages, each divided by how many processes have it."""
    return _kibibytes(folder / "smaps_rollup", "Pss:")


def _kibibytes(path: Path, name: str) -> int:
    """The bytes that a line of a file in /proc names; 0 if there is no such line."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        text = path.read_text(encoding="utf-8", errors="replace")
        return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(name)), 0)
    return 0


def _longest_wait(folder: Path) -> float:
    """The seconds that the thread of a process has waited for a core that has waited longest."""
    waited = [0.0]
    with contextlib.suppress(OSError):
        for thread in list((folder / "task").iterdir())[:_MOST_THREADS]:
            with contextlib.suppress(OSError, ValueError, IndexError):
                waited.append(int((thread / "schedstat").read_text(encoding="ascii").split()[1]) / 1e9)
    return max(waited)


def _socket_buffer() -> int:
    with contextlib.suppress(OSError, ValueError):
        return int(Path("/proc/sys/net/core/wmem_default").read_text(encoding="ascii"))
    return 212_992
