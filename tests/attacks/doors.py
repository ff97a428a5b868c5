"""Ways out of a submission that lead to the grader's own machine, each open and listening: nobody may come through."""

import contextlib
import ctypes
import platform
import select
import socket
from pathlib import Path

PORT = 8001
MEMORY_KEY = 4242
_libc = ctypes.CDLL(None, use_errno=True)
_libc.shmat.restype = ctypes.c_void_p


class Doors:
    """Sockets that listen on all that the machine has, and a secret in System V shared memory."""

    def __init__(self, secret: str) -> None:
        streams = {
            "IPv4": (socket.AF_INET, ("127.0.0.1", PORT)),
            "IPv6": (socket.AF_INET6, ("::1", PORT)),
            "UNIX": (socket.AF_UNIX, "/tmp/door"),
            "abstract": (socket.AF_UNIX, "\0door"),
        }
        grams = {
            "UDP": (socket.AF_INET, ("127.0.0.1", PORT)),
            "DNS": (socket.AF_INET, ("127.0.0.1", 53)),
            "UNIX datagram": (socket.AF_UNIX, "/tmp/slot"),
        }
        self._ends = {name: _bound(family, socket.SOCK_STREAM, at) for name, (family, at) in streams.items()}
        self._ends |= {name: _bound(family, socket.SOCK_DGRAM, at) for name, (family, at) in grams.items()}
        for path in ("/tmp/door", "/tmp/slot"):
            Path(path).chmod(0o777)
        _share(secret)
        _keep(secret)

    def met(self) -> list[str]:
        """The doors that somebody came to since the last call."""
        ready, _, _ = select.select(list(self._ends.values()), [], [], 0)
        names = [name for name, end in self._ends.items() if end in ready]
        for end in ready:
            with contextlib.suppress(BlockingIOError):
                while True:
                    end.accept()[0].close() if end.type == socket.SOCK_STREAM else end.recv(1 << 16)
        return names


def _bound(family: int, kind: int, address: object) -> socket.socket:
    end = socket.socket(family, kind)
    end.setblocking(False)
    end.bind(address)  # type: ignore[arg-type]
    if kind == socket.SOCK_STREAM:
        end.listen(16)
    return end


def _share(secret: str) -> None:
    segment = _libc.shmget(MEMORY_KEY, 4096, 0o1666)
    address = _libc.shmat(segment, None, 0)
    if segment < 0 or address in (None, ctypes.c_void_p(-1).value):
        raise OSError(ctypes.get_errno(), "shmget")
    ctypes.memmove(address, secret.encode(), len(secret))
    _libc.shmdt(ctypes.c_void_p(address))


def _keep(secret: str) -> None:
    """A key in the session's keyring, as a log-in has them."""
    keyctl, add_key = (250, 248) if platform.machine() == "x86_64" else (219, 217)
    _libc.syscall(keyctl, 1, None)  # a session of its own
    if _libc.syscall(add_key, b"user", b"arena", secret.encode(), ctypes.c_size_t(len(secret)), -3) < 0:
        raise OSError(ctypes.get_errno(), "add_key")
