"""Starts a command where a hole in the walls costs a test and not the machine. Run as a script: enclosure.py UID WORDS…

Namespaces of its own around everything; few processes; a loopback of its own; every file system read-only but for small
ones in memory, which also catch what is written to the checkout and to the virtual environment.
"""

import ctypes
import fcntl
import importlib.util
import os
import resource
import signal
import socket
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PID_MAX = 900  # below 301 the kernel takes none; what one submission may have must fit in beside the rest
FILES = 1024, 4096  # that a process may have open, as on most systems
CAUGHT = Path("/tmp/caught")  # what was written to the checkout or to the environment
# /usr/src: a course that is inside what every notebook must be able to read, as one in a container often is.
PLACES = {
    "/tmp": "size=1g,nr_inodes=60000,mode=1777", "/usr/src": "size=64m,mode=1777", "/dev/shm": "size=64m,mode=1777",
}  # fmt: skip
_MOUNT_SETATTR, _RECURSIVE, _RDONLY = 442, 0x8000, 1

# By its path: to import the package is to import NumPy, whose threads would forbid a user namespace.
_spec = importlib.util.spec_from_file_location("linux", ROOT / "grader" / "sandbox" / "walls" / "linux.py")
assert _spec and _spec.loader
linux = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(linux)
_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Enter namespaces, fork their PID 1, wait for it."""
    uid, words = int(sys.argv[1]), sys.argv[2:]
    mine = os.getuid(), os.getgid()
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    if mine[0]:
        linux.unshare(linux.CLONE_NEWUSER)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{mine[0]} {mine[0]} 1")
        Path("/proc/self/gid_map").write_text(f"{mine[1]} {mine[1]} 1")
    linux.unshare(linux.CLONE_NEWNS | linux.CLONE_NEWPID | linux.CLONE_NEWNET | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS)
    first = os.fork()
    if first == 0:
        _first_process(uid, words)
    _, status = os.waitpid(first, 0)
    sys.exit(os.waitstatus_to_exitcode(status) % 256)


def _first_process(uid: int, words: list[str]) -> None:
    """PID 1: prepares the room, starts the command, buries the dead. All ends with it. Never returns."""
    code = 70
    try:
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        _mounts(uid)
        _loopback()
        Path("/proc/sys/kernel/pid_max").write_text(str(PID_MAX))
        child = os.fork()
        if child == 0:
            resource.setrlimit(resource.RLIMIT_NOFILE, FILES)
            if os.getuid() != uid:
                os.setgroups([])
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
            os.chdir("/tmp")
            os.execv(words[0], words)
        while True:
            pid, status = os.wait()
            if pid == child:
                code = os.waitstatus_to_exitcode(status) % 256
                break
    finally:
        os._exit(code)


def _mounts(uid: int) -> None:
    linux.mount("none", "/", "", linux.MS_REC | linux.MS_PRIVATE)
    needed = [Path(path) for path in dict.fromkeys([str(ROOT), sys.prefix, sys.base_prefix])]
    needed = [path for path in needed if not any(other in path.parents for other in needed)]
    handles = {path: os.open(path, os.O_PATH) for path in needed}
    covers = dict.fromkeys([*PLACES, *(str(folder) for path in needed for folder in _closed(path))])
    # What is in a place that is covered is not there any more: a checkout below /tmp, for example, is put back.
    covers = [cover for cover in covers if not any(str(folder) in covers for folder in Path(cover).parents)]
    _read_only("/")
    for cover in covers:
        linux.mount("tmpfs", cover, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, PLACES.get(cover, "size=1m,mode=755"))
    for number, (path, handle) in enumerate(handles.items()):
        path.mkdir(parents=True, exist_ok=True)
        upper, spare = CAUGHT / str(number) / "upper", CAUGHT / str(number) / "spare"
        upper.mkdir(parents=True)
        spare.mkdir()
        upper.chmod(0o755)
        options = f"lowerdir=/proc/self/fd/{handle},upperdir={upper},workdir={spare}"
        linux.mount("overlay", str(path), "overlay", 0, options + (",userxattr" if os.getuid() else ""))
        os.close(handle)
    linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    CAUGHT.chmod(0o755)


def _closed(path: Path) -> list[Path]:
    """Folders on the way to a path that others may not pass through: they are covered, and the path is put back."""
    return [folder for folder in path.parents if not folder.stat().st_mode & 0o001][-1:]


def _read_only(path: str) -> None:
    class Attributes(ctypes.Structure):
        _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns")]

    wanted = Attributes(_RDONLY, 0, 0, 0)
    if _libc.syscall(_MOUNT_SETATTR, -100, path.encode(), _RECURSIVE, ctypes.byref(wanted), ctypes.c_size_t(32)) < 0:
        raise OSError(ctypes.get_errno(), "mount_setattr")


def _loopback() -> None:
    """Bring up `lo`: without it an attack on the network would fail for want of one, and prove nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        fcntl.ioctl(end, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up, running
    Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").write_text("0")  # for a name server of the test's own


if __name__ == "__main__":
    main()
