"""Makes a process look like one on another system to whatever is imported afterwards: what Linux alone has is gone.

It is no such system: paths keep their slashes, and other projects, imported before, keep what they found on Linux.
"""

import ctypes
import importlib
import os
import platform
import shutil
import signal
import sys

OTHERS = ("asyncio", "subprocess", "tempfile", "IPython.display", "numpy.random", "psutil", "sqlalchemy", "typer")
PLATFORMS = {"Windows": "win32", "Darwin": "darwin"}
# What Linux alone has, and what Windows does not have that macOS has.
LINUX_ALONE = {"os": ("O_PATH", "pidfd_open", "sched_getaffinity"), "signal": ("pidfd_send_signal",)}
NO_MODULES = ("fcntl", "grp", "posix", "pty", "pwd", "resource", "termios")
UNIX_ALONE = {
    "os": (
        "fork", "getegid", "geteuid", "getgid", "getuid", "killpg", "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK", "setsid",
        "sysconf", "uname", "WNOHANG",
    ),
    "signal": ("ITIMER_REAL", "SIGALRM", "SIGCHLD", "SIGKILL", "setitimer"),
}  # fmt: skip


def pretend(system: str) -> None:
    """From here on this is "Windows" or "Darwin", which is macOS."""
    for name in OTHERS:
        importlib.import_module(name)
    _take_away(LINUX_ALONE)
    if system == "Windows":
        _take_away(UNIX_ALONE)
        sys.modules.update(dict.fromkeys(NO_MODULES))  # type: ignore[arg-type]
        ctypes.CDLL = _library  # type: ignore[misc, assignment]
    platform.system = lambda: system
    shutil.which = lambda *_, **__: None  # type: ignore[assignment]
    sys.platform = PLATFORMS[system]


def _take_away(names: dict[str, tuple[str, ...]]) -> None:
    for module in (os, signal):
        for name in names[module.__name__]:
            delattr(module, name)


def _library(name: object, *_: object, **__: object) -> object:
    """On Linux no name means the process itself; on Windows it means nothing."""
    raise TypeError(f"argument of type {type(name).__name__!r} is not iterable")
