"""The walls around a submission. Each is a kernel mechanism that needs no root.

They are raised in two steps: namespaces in a process of their own, the rest in its child, which is PID 1 inside.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.errors import SandboxError
from grader.limits import Limits
from grader.sandbox import linux
from grader.sandbox.rlimits import apply_limits
from grader.sandbox.seccomp import filter_code, refuse_calls

INNER_ID = 1000
_PUBLIC = Path(__file__).parents[1] / "public"  # what an installed wheel has of checks: they hold the labs' solutions


@dataclass(frozen=True)
class Room:
    """Where a submission lives: its work folder, what it may read besides, and its limits."""

    work: Path
    readable: tuple[Path, ...]
    limits: Limits


@dataclass(frozen=True)
class Wall:
    """One wall: its name, what it keeps a submission from, and how it is raised."""

    name: str
    promise: str
    build: Callable[[Room], None]


def _user_namespace(room: Room) -> None:
    uid, gid = os.geteuid(), os.getegid()
    linux.unshare(linux.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny", encoding="utf-8")
    Path("/proc/self/uid_map").write_text(f"{INNER_ID} {uid} 1", encoding="utf-8")
    Path("/proc/self/gid_map").write_text(f"{INNER_ID} {gid} 1", encoding="utf-8")


def _mounts(room: Room) -> None:
    """A root of its own, which shows what may be read, read-only, and no socket of the machine's.

    The work folder and shared memory are file systems of their own; /proc has none but its own processes. Landlock
    alone would leave open what it does not govern: modes, owners and times of files, and sockets with a path.
    """
    private = linux.MS_NOSUID | linux.MS_NODEV
    root = room.work  # the new root is mounted there, and the work folder within it at the same place
    linux.mount("tmpfs", str(root), "tmpfs", private, "size=1m,nr_inodes=2000,mode=755")
    for path, is_folder in _shown(room.readable):
        _show(path, is_folder, root)
    for path in {_PUBLIC, _PUBLIC.resolve()}:
        if Path(f"{root}{path}").is_dir():
            linux.mount("tmpfs", f"{root}{path}", "tmpfs", private, "size=4k,nr_inodes=1,mode=755")
    for folder in ("proc", "dev/shm", str(room.work).lstrip("/"), "tmp"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    linux.make_read_only(root)
    size = f"size={room.limits.file_bytes * 2},nr_inodes=20000,mode=700"
    linux.mount("tmpfs", f"{root}{room.work}", "tmpfs", private, size)
    shared = f"size={room.limits.file_bytes},nr_inodes=2000,mode=1777"
    linux.mount("tmpfs", f"{root}/dev/shm", "tmpfs", private | linux.MS_NOEXEC, shared)
    linux.mount("proc", f"{root}/proc", "proc", private | linux.MS_NOEXEC)
    linux.enter_root(root)
    # The number of processes, also for root, whom RLIMIT_NPROC does not bind. The kernel gives the first 300 numbers
    # only once. Kernels before 6.14 have one number for all, which nobody inside may change: there the client's
    # polling is what bounds it.
    with contextlib.suppress(OSError):
        Path("/proc/sys/kernel/pid_max").write_text(str(300 + room.limits.processes), encoding="utf-8")


@cache
def _shown(readable: tuple[Path, ...]) -> list[tuple[Path, bool]]:
    """What the new root shows, each by its own name and by where that leads, and whether it is a folder."""
    named = [path for path, _ in _rules(readable) if path != Path("/proc")]
    # Debian's links lead through a folder that is not to be read, only passed.
    named = [path for path in [*named, Path("/etc/alternatives")] if path.exists()]
    paths = sorted({*named, *(path.resolve() for path in named)})
    return [(path, path.is_dir()) for path in paths if not any(other in path.parents for other in paths)]


def _show(path: Path, is_folder: bool, root: Path) -> None:
    place = Path(f"{root}{path}")
    if is_folder:
        place.mkdir(parents=True, exist_ok=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    linux.mount(str(path), str(place), "", linux.MS_BIND | linux.MS_REC)


def _landlock(room: Room) -> None:
    linux.landlock([*_rules(room.readable), (room.work, 0), (Path("/dev/shm"), 0)])


@cache
def _rules(readable: tuple[Path, ...]) -> list[tuple[Path, int]]:
    """What may be opened, beside the work folder and shared memory, and for what; 0 stands for everything."""
    system = [Path(p) for p in (sys.prefix, sys.base_prefix, "/usr", "/lib", "/lib64", "/bin", "/proc")]
    # A prefix of "/" would allow everything; there is none in a virtual environment.
    rules = [(path, linux.READ_FILES | linux.EXECUTE) for path in [*system, *readable] if path != Path("/")]
    files = ("ld.so.cache", "localtime", "timezone", "fonts", "passwd", "group", "nsswitch.conf", "mime.types", "ssl")
    rules += [(Path("/etc") / name, linux.READ_FILES) for name in files]
    rules += [(Path("/sys/devices/system"), linux.READ_FILES), (Path("/sys/fs/cgroup"), linux.READ_FILES)]
    rules += [(Path("/dev") / name, linux.READ_FILES | linux.WRITE_OPEN) for name in ("null", "full")]
    # To write to /dev/zero is to have memory that no process is charged for.
    rules += [(Path("/dev") / name, linux.READ_FILES) for name in ("zero", "urandom", "random")]
    return rules


def _no_new_privileges(room: Room) -> None:
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    linux.drop_capabilities()


def _namespace(flag: int) -> Callable[[Room], None]:
    return lambda room: linux.unshare(flag)


def _own_mounts(room: Room) -> None:
    linux.unshare(linux.CLONE_NEWNS)
    linux.mount("none", "/", "", linux.MS_REC | linux.MS_PRIVATE)


OUTER = (
    Wall("user namespace", "rights over anything outside", _user_namespace),
    Wall("mount namespace", "changing what others see of the file system", _own_mounts),
    Wall("PID namespace", "seeing, signalling or outliving other processes", _namespace(linux.CLONE_NEWPID)),
    Wall("network namespace", "any network", _namespace(linux.CLONE_NEWNET)),
    Wall("IPC namespace", "shared memory and queues of others", _namespace(linux.CLONE_NEWIPC)),
)
INNER = (
    Wall("private mounts", "writing anywhere but into its own work folder", _mounts),
    Wall("limits", "endless time, memory, files and processes", lambda room: apply_limits(room.limits)),
    Wall("no new privileges", "gaining rights", _no_new_privileges),
    Wall("Landlock", "opening the course, the gradebook and other submissions", _landlock),
    Wall("system calls", "ways out that no other wall stands before", lambda room: refuse_calls()),
)
LIMITS_ONLY = tuple(wall for wall in INNER if wall.name == "limits")


def survey(readable: tuple[Path, ...]) -> None:
    """Look up what the walls around every submission have in common: in a server, before it forks, and only once.

    It takes longer than all the mounts. What fails here fails again where the wall is raised, which tells it.
    """
    with contextlib.suppress(OSError):
        _shown(readable)
        filter_code()


def raise_walls(walls: Sequence[Wall], room: Room) -> None:
    """Raise walls around this process, for good. Raises SandboxError with the name of the one that does not stand."""
    for wall in walls:
        try:
            wall.build(room)
        except (OSError, ValueError) as error:  # Python's word for a resource limit that may not be set
            reason = getattr(error, "strerror", None) or error
            raise SandboxError(f"the wall {wall.name!r} does not stand on this machine ({reason})") from error
