"""Refuses system calls that no lab needs, and that reach where the other walls do not.

Sockets between virtual machines, which no network namespace holds; memory that no process is charged for; the
kernel's keyrings and its log; other processes' memory; what tells of other programs' files; limits and cores of one's
own; new namespaces and mounts, and young parts of the kernel. A filter of the kernel's own (seccomp) decides by number
and by plain arguments; what it refuses fails with an error, as on an older kernel.
"""

import ctypes
import errno
import os
import platform
import struct
from functools import cache

# Name: (x86-64, AArch64); -1: there is none.
_NUMBERS = {
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "memfd_create": (319, 279), "memfd_secret": (447, 447),
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "unshare": (272, 97), "setns": (308, 268),
    "clone3": (435, 435),  # its flags lie in memory, where a filter sees nothing; the C library then uses clone
    "bpf": (321, 280), "userfaultfd": (323, 282), "perf_event_open": (298, 241), "fanotify_init": (300, 262),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "io_setup": (206, 0),
    "vmsplice": (278, 75), "splice": (275, 76), "tee": (276, 77),  # pages that only a pipe holds
    "inotify_init": (253, -1), "inotify_init1": (294, 26), "inotify_add_watch": (254, 27), "cachestat": (451, 451),
    "syslog": (103, 116), "process_madvise": (440, 440), "process_mrelease": (448, 448),
    "sched_setaffinity": (203, 122), "sched_setattr": (314, 274), "setrlimit": (160, 164),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428),
    "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fspick": (433, 433), "mount_setattr": (442, 442), "open_tree_attr": (467, 467), "open_by_handle_at": (304, 265),
}  # fmt: skip
_SOCKET, _CLONE, _MMAP, _SECCOMP = (41, 198), (56, 220), (9, 222), (317, 277)
_FCNTL, _SETSOCKOPT, _PRLIMIT = (72, 25), (54, 208), (302, 261)
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_FAMILIES = (1, 2, 10, 16)  # UNIX, IPv4, IPv6, netlink; the network namespace holds the last three
_NEW_NAMESPACES = 0x7E020000
_SHARED_ANONYMOUS = 0x21  # MAP_SHARED | MAP_ANONYMOUS: what is dropped from the tables of all stays taken
_LEASE, _NOTIFY = 1024, 1026  # both tell when somebody else opens a file
_SOCKET_LEVEL, _SEND_BUFFER = 1, 7
_SET_FILTER, _SPECULATE = 1, 4

_LOAD, _AND = 0x20, 0x54
_EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16  # offsets in what the kernel shows a filter; eight bytes for each argument

_libc = ctypes.CDLL(None, use_errno=True)
_Code = tuple[int, int, int, int]  # a filter's instruction: what, jump if true, jump if not, operand


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def refuse_calls() -> None:
    """From now on this process and its children make no such call. Raises OSError where the kernel has no filters."""
    code = filter_code()
    program = _Program(len(code) // 8, code)
    machine, _ = _MACHINES[platform.machine()]
    if _libc.syscall(_SECCOMP[machine], _SET_FILTER, _SPECULATE, ctypes.byref(program)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")


@cache
def filter_code() -> bytes:
    """The filter as the kernel reads it. Raises OSError for a machine whose numbers are not known."""
    if platform.machine() not in _MACHINES:
        raise OSError(errno.ENOSYS, f"seccomp: no numbers are known for {platform.machine()}")
    return b"".join(struct.pack("=HBBI", *one) for one in _program(*_MACHINES[platform.machine()]))


def _program(machine: int, arch: int) -> list[_Code]:
    refused = _refusal(errno.ENOSYS)
    code = [(_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, arch), refused, (_LOAD, 0, 0, _NUMBER)]
    code += [(_AT_LEAST, 0, 1, 0x40000000), refused]  # x86's second set of numbers for the same calls
    for numbers in _NUMBERS.values():
        code += [(_EQUAL, 0, 1, numbers[machine]), refused] if numbers[machine] >= 0 else []
    families = [(_EQUAL, len(_FAMILIES) - place, 0, family) for place, family in enumerate(_FAMILIES)]
    code += _if(_SOCKET[machine], [_argument(0), *families, _refusal(errno.EAFNOSUPPORT)])
    code += _if(_CLONE[machine], [_argument(0), (_ANY_BIT, 0, 1, _NEW_NAMESPACES), _refusal(errno.EPERM)])
    shared = [_argument(3), (_AND, 0, 0, _SHARED_ANONYMOUS), (_EQUAL, 0, 1, _SHARED_ANONYMOUS)]
    code += _if(_MMAP[machine], [*shared, _refusal(errno.ENOMEM)])
    watching = [_argument(1), (_EQUAL, 1, 0, _LEASE), (_EQUAL, 0, 1, _NOTIFY), _refusal(errno.EPERM)]
    code += _if(_FCNTL[machine], watching)
    # Nobody has a larger buffer than all others, and nobody fails who asks for one.
    larger = [_argument(1), (_EQUAL, 0, 3, _SOCKET_LEVEL), _argument(2), (_EQUAL, 0, 1, _SEND_BUFFER), _refusal(0)]
    code += _if(_SETSOCKOPT[machine], larger)
    limiting = [_argument(2), (_EQUAL, 0, 2, 0), _argument(2, high=True), (_EQUAL, 1, 0, 0), _refusal(errno.EPERM)]
    code += _if(_PRLIMIT[machine], limiting)
    return [*code, (_RETURN, 0, 0, _ALLOW)]


def _if(number: int, then: list[_Code]) -> list[_Code]:
    """`then`, and after it leave to go on, where the call has this number."""
    return [(_EQUAL, 0, len(then) + 1, number), *then, (_RETURN, 0, 0, _ALLOW)]


def _argument(place: int, *, high: bool = False) -> _Code:
    """Load the lower half of an argument, or the upper one."""
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * place + 4 * high)


def _refusal(number: int) -> _Code:
    return (_RETURN, 0, 0, _REFUSE | number)
