"""The walls around a submission. Each is a kernel mechanism that needs no root.

They are raised in two steps: namespaces in a process of their own, the rest in its child, which is PID 1 inside.
"""

import contextlib
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from grader.core.errors import SandboxError
from grader.core.limits import Limits
from grader.sandbox.walls import linux
from grader.sandbox.walls.covers import Mount, environments, hidden, mounts
from grader.sandbox.walls.rlimits import apply_limits
from grader.sandbox.walls.seccomp import filter_code, refuse_calls

INNER_ID = 1000
HOST_NAME = "sandbox"
_PUBLIC = Path(__file__).parents[2] / "public"  # what an installed wheel has of checks: they hold the labs' solutions
# What of /proc tells of the machine and no library asks for; root's own submissions could read more of it than others.
_TELLING = (
    "cmdline", "diskstats", "interrupts", "iomem", "ioports", "kallsyms", "key-users", "keys", "kmsg", "locks",
    "modules", "partitions", "sched_debug", "slabinfo", "softirqs", "swaps", "timer_list", "vmallocinfo",
)  # fmt: skip


@dataclass(frozen=True)
class Room:
    """Where a submission lives: its work folder, what it may read besides and what of that is secret, and its limits.

    `cores` are the processors that it may use; none are named if it may use all.
    """

    work: Path
    readable: tuple[Path, ...]
    limits: Limits
    secret: tuple[Path, ...] = ()
    cores: tuple[int, ...] = field(default=())


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
    linux.mount("tmpfs", str(root), "tmpfs", private, "size=1m,nr_inodes=4000,mode=755")
    for mount in _shown(room.readable, room.secret):
        _show(mount, root) if mount.shown else _cover(mount, root)
    for folder in ("proc", "dev/shm", str(room.work).lstrip("/"), "tmp"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    linux.make_read_only(root)
    size = f"size={room.limits.file_bytes * 2},nr_inodes=20000,mode=700"
    linux.mount("tmpfs", f"{root}{room.work}", "tmpfs", private, size)
    shared = f"size={room.limits.file_bytes},nr_inodes=2000,mode=1777"
    linux.mount("tmpfs", f"{root}/dev/shm", "tmpfs", private | linux.MS_NOEXEC, shared)
    _mount_proc(root)
    linux.enter_root(root)
    # The number of processes, also for root, whom RLIMIT_NPROC does not bind. The kernel gives the first 300 numbers
    # only once. Kernels before 6.14 have one number for all, which nobody inside may change: there the client's
    # polling is what bounds it.
    with contextlib.suppress(OSError):
        Path("/proc/sys/kernel/pid_max").write_text(str(300 + room.limits.processes), encoding="utf-8")


def _mount_proc(root: Path) -> None:
    """A /proc of its own processes alone, without what it would tell of the machine."""
    linux.mount("proc", f"{root}/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    for name in _TELLING:
        with contextlib.suppress(FileNotFoundError):
            linux.mount(f"{root}/dev/null", f"{root}/proc/{name}", "", linux.MS_BIND)


@cache
def _shown(readable: tuple[Path, ...], secret: tuple[Path, ...]) -> list[Mount]:
    """What the new root shows, each by its own name and by where that leads, and what of it is covered."""
    named = [path for path, _ in _rules(readable, secret) if path != Path("/proc")]
    # Debian's links lead through a folder that is not to be read, only passed.
    return mounts([*named, Path("/etc/alternatives")], [*secret, _PUBLIC])


def _show(mount: Mount, root: Path) -> None:
    place = Path(f"{root}{mount.path}")
    if mount.is_folder:
        place.mkdir(parents=True, exist_ok=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    linux.mount(str(mount.path), str(place), "", linux.MS_BIND | linux.MS_REC)


def _cover(mount: Mount, root: Path) -> None:
    """An empty folder, in which what must be seen is shown again; or a file of nothing."""
    place = f"{root}{mount.path}"
    if mount.is_folder:
        linux.mount("tmpfs", place, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "size=64k,nr_inodes=1000,mode=755")
    else:
        linux.mount(f"{root}/dev/null", place, "", linux.MS_BIND)


def _landlock(room: Room) -> None:
    linux.landlock([*_rules(room.readable, room.secret), (room.work, 0), (Path("/dev/shm"), 0)])


@cache
def _rules(readable: tuple[Path, ...], secret: tuple[Path, ...]) -> list[tuple[Path, int]]:
    """What may be opened, beside the work folder and shared memory, and for what; 0 stands for everything."""
    system = [*environments(secret), *map(Path, ("/usr", "/lib", "/lib64", "/bin", "/proc"))]
    rules = [(path, linux.READ_FILES | linux.EXECUTE) for path in [*system, *readable]]
    files = ("ld.so.cache", "localtime", "timezone", "fonts", "passwd", "group", "nsswitch.conf", "mime.types")
    # Beside certificates root keeps private keys.
    rules += [(Path("/etc") / name, linux.READ_FILES) for name in (*files, "ssl/certs", "ssl/openssl.cnf")]
    rules += [(Path("/sys/devices/system"), linux.READ_FILES)]
    rules += [(Path("/dev") / name, linux.READ_FILES | linux.WRITE_OPEN) for name in ("null", "full")]
    # To write to /dev/zero is to have memory that no process is charged for.
    rules += [(Path("/dev") / name, linux.READ_FILES) for name in ("zero", "urandom", "random")]
    return rules


def close_work_folder(work: Path) -> None:
    """From now on this process may read what is in its work folder, and write to its temporary folder alone."""
    everything = (Path("/"), linux.READ_FILES | linux.EXECUTE)
    writable = [(path, 0) for path in (work / "tmp", Path("/dev/shm"), Path("/dev/null"))]
    linux.landlock([everything, *writable])


def _no_new_privileges(room: Room) -> None:
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    linux.drop_capabilities()


def _namespace(flags: int) -> Callable[[Room], None]:
    return lambda room: linux.unshare(flags)


def _names(room: Room) -> None:
    """System V's names, the machine's own name, and where in the tree of control groups this is."""
    linux.unshare(linux.CLONE_NEWIPC | linux.CLONE_NEWUTS)
    socket.sethostname(HOST_NAME)
    with contextlib.suppress(OSError):  # a young one; without it a path is seen
        linux.unshare(linux.CLONE_NEWCGROUP)


def _own_mounts(room: Room) -> None:
    linux.unshare(linux.CLONE_NEWNS)
    linux.mount("none", "/", "", linux.MS_REC | linux.MS_PRIVATE)


OUTER = (
    Wall("user namespace", "rights over anything outside", _user_namespace),
    Wall("mount namespace", "changing what others see of the file system", _own_mounts),
    Wall("PID namespace", "seeing, signalling or outliving other processes", _namespace(linux.CLONE_NEWPID)),
    Wall("network namespace", "any network", _namespace(linux.CLONE_NEWNET)),
    Wall("IPC namespace", "shared memory and queues of others", _names),
)
INNER = (
    Wall("private mounts", "writing anywhere but into its own work folder", _mounts),
    Wall("limits", "endless time, memory, files and processes", lambda room: apply_limits(room.limits, room.cores)),
    Wall("no new privileges", "gaining rights", _no_new_privileges),
    Wall("Landlock", "opening the course, the gradebook and other submissions", _landlock),
    Wall("system calls", "ways out that no other wall closes", lambda room: refuse_calls()),
)
LIMITS_ONLY = tuple(wall for wall in INNER if wall.name == "limits")


def survey(readable: tuple[Path, ...], secret: tuple[Path, ...]) -> None:
    """Look up what the walls around every submission have in common: in a server, before it forks, and only once.

    It takes longer than all the mounts. What fails here fails again when the wall is raised, which tells it.
    """
    with contextlib.suppress(OSError):
        _shown(readable, secret)
        filter_code()


def to_cover(readable: tuple[Path, ...], secret: tuple[Path, ...]) -> list[Path]:
    """What of the secret paths would be seen. Raises UsageError if a submission must be able to read one of them."""
    _shown(readable, secret)
    return hidden([*environments(), *(path for path, _ in _rules(readable, secret))], secret)


def raise_walls(walls: Sequence[Wall], room: Room) -> None:
    """Raise walls around this process, for good. Raises SandboxError with the name of the one that is missing."""
    for wall in walls:
        try:
            wall.build(room)
        except (OSError, ValueError) as error:  # Python's word for a resource limit that may not be set
            reason = getattr(error, "strerror", None) or error
            raise SandboxError(f"the wall {wall.name!r} is missing on this machine ({reason})") from error
