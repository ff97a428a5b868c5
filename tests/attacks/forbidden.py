"""Runs the command on a machine that forbids one thing. Run as a script: forbidden.py WHAT WORDS…

What is forbidden fails in the kernel, as it would there: namespaces by a limit of their number, set in a user namespace
of the test's own; calls by a filter, like the one that containers have.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from pathlib import Path

_X86 = platform.machine() == "x86_64"
_MOUNT, _PRCTL, _CAPSET = (165, 157, 126) if _X86 else (40, 167, 91)
_PRLIMIT, _SECCOMP, _LANDLOCK = (302, 317, 444) if _X86 else (261, 277, 444)
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _REFUSE = (_RETURN, 0, 0, 0x7FFF0000), 0x00050000
_PRIVATE, _NEW_LIMIT = 3, 2  # arguments: a mount's flags, the address of a new limit


def _refuse(call: int, number: int) -> list[tuple[int, int, int, int]]:
    return [(_LOAD, 0, 0, 0), (_EQUAL, 0, 1, call), (_RETURN, 0, 0, _REFUSE | number), _ALLOW]


def _refuse_if(call: int, number: int, test: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """`test` jumps over one instruction to allow, or falls through to refuse."""
    return [(_LOAD, 0, 0, 0), (_EQUAL, 1, 0, call), _ALLOW, *test, (_RETURN, 0, 0, _REFUSE | number), _ALLOW]


CALLS = {
    # What only makes mounts private is another wall's.
    "private mounts": _refuse_if(_MOUNT, errno.EPERM, [(_LOAD, 0, 0, 16 + 8 * 3), (_ANY_BIT, 1, 0, 1 << 18)]),
    "limits": _refuse_if(_PRLIMIT, errno.EPERM, [(_LOAD, 0, 0, 16 + 8 * 2), (_EQUAL, 1, 0, 0)]),
    "no new privileges": _refuse(_CAPSET, errno.EPERM),
    "Landlock": _refuse(_LANDLOCK, errno.ENOSYS),
    "system calls": _refuse(_SECCOMP, errno.EINVAL),
}
NAMESPACES = {
    "user namespace": "user",
    "mount namespace": "mnt",
    "PID namespace": "pid",
    "network namespace": "net",
    "IPC namespace": "ipc",
}
_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def main() -> None:
    """Forbid it, then become the command."""
    what, words = sys.argv[1], sys.argv[2:]
    if what in NAMESPACES:
        _forbid_namespace(NAMESPACES[what])
    else:
        _forbid_call(CALLS[what])
    os.execv(sys.executable, [sys.executable, "-m", "grader", *words])


def _forbid_namespace(kind: str) -> None:
    uid, gid = os.getuid(), os.getgid()
    assert _libc.unshare(0x10000000) == 0
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
    Path(f"/proc/sys/user/max_{kind}_namespaces").write_text("0")


def _forbid_call(code: list[tuple[int, int, int, int]]) -> None:
    text = b"".join(struct.pack("=HBBI", *one) for one in code)
    assert _libc.prctl(38, 1, 0, 0, 0) == 0  # without it the kernel takes no filter from an ordinary user
    assert _libc.syscall(_SECCOMP, 1, 0, ctypes.byref(_Program(len(code), text))) == 0


if __name__ == "__main__":
    main()
