"""The fork server: imports everything once, runs no op, and forks for each submission.

Two processes stand between it and a learner's code: the outer one makes the namespaces and waits; the inner one is
PID 1 in them, raises the other walls and runs the notebook. Started as `python -m grader.sandbox.inside.server FD
MODULE…`, with the control socket and the modules to import at once.
"""

import contextlib
import gc
import importlib
import os
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

from grader.core.errors import SandboxError
from grader.core.limits import Limits
from grader.sandbox.channel import Channel
from grader.sandbox.inside.python_stack import with_room
from grader.sandbox.inside.runner import make_shell, run_notebook, warm_up
from grader.sandbox.protocol import (
    Exited,
    Fault,
    Fork,
    Preload,
    Refused,
    Started,
    form_of,
    line_of,
    to_server,
)  # fmt: skip
from grader.sandbox.walls import linux
from grader.sandbox.walls.raising import INNER, LIMITS_ONLY, OUTER, Room, raise_walls, survey
from grader.sandbox.walls.rlimits import open_many_files

CHANNEL_FD = 200
FAULT = 70  # the exit status where our own code failed: EX_SOFTWARE
_MOST_FILES = 2**16  # that the server may have open


def main() -> None:
    """Import, then serve requests from the control socket until it closes.

    Its first message names what is the same for every submission: the modules, what the walls leave readable, and what
    of that is secret.
    """
    control, at_once = socket.socket(fileno=int(sys.argv[1])), sys.argv[2:]
    sys.argv[1:] = []
    open_many_files()  # what submissions have waiting in sockets counts against this process, too
    linux.keep_freed_memory()
    for name in at_once:
        importlib.import_module(name)
    message = control.recv(1 << 20)
    if not message:  # nothing was to be done
        return
    first = to_server(message)
    assert isinstance(first, Preload)
    for name in first.modules:
        # A module that cannot be imported here cannot be imported by the learner either, and there it is seen.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    shell = make_shell()
    warm_up(shell)
    readable, secret = (tuple(map(Path, paths)) for paths in (first.readable, first.secret))
    survey(readable, secret)
    gc.collect()
    gc.freeze()
    control.send(b"ready")
    serve(control, shell, readable, secret)


def serve(control: socket.socket, shell: Any, readable: tuple[Path, ...], secret: tuple[Path, ...]) -> None:
    """Fork for each request, which brings two descriptors: the channel and the status socket."""
    control.settimeout(0.2)
    while True:
        _reap()
        try:
            message, fds, _, _ = socket.recv_fds(control, 1 << 16, 2)
        except TimeoutError:
            continue
        except ConnectionError:
            return
        if not message:
            return
        if os.fork() == 0:
            _outer(message, readable, secret, fds, control, shell)
        for fd in fds:
            os.close(fd)


def _outer(
    message: bytes, readable: tuple[Path, ...], secret: tuple[Path, ...], fds: list[int], control: socket.socket,
    shell: Any,
) -> None:  # fmt: skip
    """In the first child: namespaces, then the second child, then its end. Never returns."""
    status = socket.socket(fileno=fds[1])
    code = 1
    try:
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        control.close()
        request = to_server(message)
        assert isinstance(request, Fork)
        walled, limits = request.walled, Limits(**request.limits)  # type: ignore[arg-type]
        room = Room(Path(request.work), readable, limits, secret, tuple(request.cores))
        if walled:
            raise_walls(OUTER, room)
        inner = os.fork()
        if inner == 0:
            _inner(room, walled, fds[0], status, shell)
        os.close(fds[0])
        socket.send_fds(status, [line_of(Started(inner))], [os.pidfd_open(inner)])
        _, waited = os.waitpid(inner, 0)
        status.send(line_of(Exited(os.waitstatus_to_exitcode(waited))))
        code = 0
    except Exception as error:
        with contextlib.suppress(OSError):
            status.send(line_of(Refused(_told(error))))
    finally:
        os._exit(code)


def _told(error: Exception) -> str:
    """What an error says, with its kind if that is none of which a person is told."""
    known = isinstance(error, SandboxError | OSError)
    return str(error) if known else f"an error of the grader itself: {type(error).__name__}: {error}"


def _inner(room: Room, walled: bool, channel_fd: int, status: socket.socket, shell: Any) -> None:
    """In the second child: the walls, then the notebook. Never returns."""
    try:
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        os.setsid()
        # Who grades without walls has limits where they stand.
        with contextlib.nullcontext() if walled else contextlib.suppress(SandboxError):
            raise_walls(INNER if walled else LIMITS_ONLY, room)
        os.dup2(channel_fd, CHANNEL_FD, inheritable=False)
        status.close()
        _silence()
    except Exception as error:  # a wall that cannot be raised, or an error of ours
        with contextlib.suppress(OSError):
            status.send(line_of(Refused(_told(error))))
        os._exit(0)
    channel, own = Channel(socket.socket(fileno=CHANNEL_FD)), os.getpid()
    try:
        run_notebook(channel, shell, room, walled=walled)
    except (EOFError, OSError):  # the grader listens no more
        os._exit(0)
    except BaseException:  # our own code failed: whatever a cell raises is caught where the cell runs
        if os.getpid() == own:  # and no copy that a cell made by os.fork()
            with contextlib.suppress(Exception):
                channel.send(form_of(Fault(traceback.format_exc())), 10)
        os._exit(FAULT)
    os._exit(0)


def _silence() -> None:
    """Standard streams to nowhere; every other inherited descriptor closed."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.closerange(3, CHANNEL_FD)
    os.closerange(CHANNEL_FD + 1, _MOST_FILES)


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    with_room(main)
