"""The walls around a submission. Each is a kernel mechanism that needs no root.

They are raised in two steps: namespaces in a process of their own, the rest in its child, which is PID 1 inside.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import SandboxError
from grader.limits import Limits
from grader.sandbox import linux
from grader.sandbox.rlimits import apply_limits

INNER_ID = 1000


@dataclass(frozen=True)
class Room:
    """Where a submission lives: its work folder, what it may read besides, and its limits."""

    work: Path
    readable: Sequence[Path]
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
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{INNER_ID} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{INNER_ID} {gid} 1")


def _mounts(room: Room) -> None:
    """A file system of its own for the work folder and shared memory, a /proc with none but its own processes."""
    private = linux.MS_NOSUID | linux.MS_NODEV
    size = f"size={room.limits.file_bytes * 2},nr_inodes=20000,mode=700"
    linux.mount("tmpfs", str(room.work), "tmpfs", private, size)
    linux.mount("tmpfs", "/dev/shm", "tmpfs", private | linux.MS_NOEXEC, f"size={room.limits.file_bytes},mode=1777")
    linux.mount("proc", "/proc", "proc", private | linux.MS_NOEXEC)
    # The number of processes, also for root, whom RLIMIT_NPROC does not bind. Kernels before 6.14 have one number for
    # all, which nobody inside may change: there the client's polling is what bounds it.
    with contextlib.suppress(OSError):
        Path("/proc/sys/kernel/pid_max").write_text(str(max(room.limits.processes, 310)))


def _landlock(room: Room) -> None:
    readable = [Path(p) for p in (sys.prefix, sys.base_prefix, "/usr", "/lib", "/lib64", "/bin", "/proc")]
    # A prefix of "/" would allow everything; there is none in a virtual environment.
    rules = [(path, linux.READ_FILES | linux.EXECUTE) for path in [*readable, *room.readable] if path != Path("/")]
    files = ("ld.so.cache", "localtime", "timezone", "fonts", "passwd", "group", "nsswitch.conf", "mime.types", "ssl")
    rules += [(Path("/etc") / name, linux.READ_FILES) for name in files]
    rules += [(Path("/sys/devices/system"), linux.READ_FILES), (Path("/sys/fs/cgroup"), linux.READ_FILES)]
    rules += [(Path("/dev") / name, linux.READ_FILES | linux.WRITE_OPEN) for name in ("null", "zero", "full")]
    rules += [(Path("/dev") / name, linux.READ_FILES) for name in ("urandom", "random")]
    rules += [(room.work, 0), (Path("/dev/shm"), 0)]
    linux.landlock(rules)


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
)
LIMITS_ONLY = tuple(wall for wall in INNER if wall.name == "limits")


def raise_walls(walls: Sequence[Wall], room: Room) -> None:
    """Raise walls around this process, for good. Raises SandboxError with the name of the one that does not stand."""
    for wall in walls:
        try:
            wall.build(room)
        except OSError as error:
            raise SandboxError(
                f"the wall {wall.name!r} does not stand on this machine ({error.strerror or error})"
            ) from error
