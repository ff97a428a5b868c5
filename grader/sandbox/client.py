"""The grader's side of the sandbox: starts the fork server and hands it submissions."""

import contextlib
import errno
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from grader.cores import cores
from grader.errors import FullDiskError, SandboxError, ServerStoppedError, full_disk_told
from grader.limits import Limits
from grader.sandbox.channel import Channel
from grader.sandbox.folder import Folder
from grader.sandbox.run import OnObserved, Run, TaskPlan
from grader.sandbox.watch import ENDED, Watch

START_SECONDS = 180.0  # importing TensorFlow without compiled bytecode takes half a minute
_KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "KERAS_BACKEND", "CUDA_VISIBLE_DEVICES")


class Sandbox:
    """A fork server and the walls around what it runs. Use as a context manager; `run` is safe to call from threads.

    `modules` are imported once, before any run. None: they are not known yet; the server begins without them, beside
    whatever finds out, and `preload` names them.
    """

    def __init__(
        self, modules: Iterable[str] | None = (), readable: Iterable[Path] = (), *, walled: bool = True, jobs: int = 1
    ) -> None:
        self._modules = None if modules is None else list(modules)
        # The packages that labs import lie beside the grader's own, in a checkout or in site-packages.
        here = Path(__file__).resolve().parents[2]
        self._readable = [here / "grader", here / "labkit", *readable]
        self.walled = walled
        self._threads = max(cores() // jobs, 1)
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._baseline = 0
        self._open = self._ready = False

    def __enter__(self) -> "Sandbox":
        if self._open:
            return self
        self._folder = Folder()
        self._root = self._folder.path
        self._open = True
        try:
            self._spawn()
            if self._modules is not None:
                self.preload(self._modules)
        except BaseException:  # __exit__ is not called then
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End the server, and with it what runs at this moment."""
        if not self._open:
            return
        self._open = False
        if self._lock.locked() and self._server is not None:  # it is being started
            self._server.kill()
        with self._lock:
            self._stop()
        self._folder.remove()

    def preload(self, modules: Iterable[str]) -> None:
        """Import modules, once, and wait for the server. Raises SandboxError where it does not start.

        Where the server has begun with others, another one takes its place: nothing may run at that moment.
        """
        wanted = list(modules)
        with self._lock:
            if self._ready and set(wanted) <= set(self._modules or []):
                return
            self._modules = wanted
            if self._ready or self._server is None or not self._finish_start():
                self._restart()

    def run(
        self,
        cells: Sequence[Mapping[str, Any]],
        tasks: Mapping[str, TaskPlan],
        files: Mapping[str, bytes],
        limits: Limits,
        on_observed: OnObserved = lambda observed: None,
    ) -> Run:
        """Run a notebook's cells and observe its tasks. Raises SandboxError where that cannot be done at all.

        `files`, by their names, are in the work folder before the first cell runs.
        `on_observed` is called as soon as a task's observations have come. A crash, a time-out or any other end of
        the submission is no error: the run says so in `stopped`, and keeps what came before. Where something else
        ended it, the fork server's death or a SIGKILL from outside, it runs again, once for each of the two. Raises
        ServerStoppedError where the server died both times.
        """
        again = {"the server died": 1, "it was killed": 1}
        while True:
            try:
                run, killed = self._run(cells, tasks, files, limits, on_observed)
            except ServerStoppedError as error:
                if not self._open or not again["the server died"]:
                    raise
                if isinstance(error.__cause__, TimeoutError) and self._server is not None:
                    self._server.kill()  # it hangs
                again["the server died"] -= 1
                continue
            if not killed or not again["it was killed"]:
                return run
            again["it was killed"] -= 1

    def _run(
        self,
        cells: Sequence[Mapping[str, Any]],
        tasks: Mapping[str, TaskPlan],
        files: Mapping[str, bytes],
        limits: Limits,
        on_observed: OnObserved,
    ) -> tuple[Run, bool]:
        """The run, and whether it was killed by none of our limits."""
        with full_disk_told("the folder for temporary files"):
            work = Path(tempfile.mkdtemp(prefix="work-", dir=self._root))
        ours, theirs = socket.socketpair()
        status, their_status = socket.socketpair()
        try:
            self._request(work, limits, theirs, their_status)
            theirs.close()
            their_status.close()
            inner, pidfd = _inner_process(status)
            try:
                job = {"cells": list(cells), "tasks": list(tasks)}
                watch = Watch(Channel(ours), tasks, limits, inner, on_observed, baseline=self._baseline)
                run = watch.follow(job, files)
                dead = run.stopped == ENDED and _is_dead(pidfd)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                os.close(pidfd)
                if not self.walled:
                    _kill_session(inner)
            if run.stopped == ENDED:
                code = _exit_code(status)
                run.stopped = _exit_text(code)
                return run, dead and code == -signal.SIGKILL
            return run, False
        finally:
            for end in (ours, theirs, status, their_status):
                end.close()
            shutil.rmtree(work, ignore_errors=True)

    def _request(self, work: Path, limits: Limits, channel: socket.socket, status: socket.socket) -> None:
        request = {
            "work": str(work),
            "limits": asdict(limits),
            "walled": self.walled,
        }
        message = json.dumps(request).encode()
        fds = [channel.fileno(), status.fileno()]
        with self._lock:
            if self._server is None or self._server.poll() is not None or not self._ready:
                self._restart()
            try:
                self._send(message, fds)
            except OSError:  # it is dead, or hangs
                self._restart()
                self._send(message, fds)

    def _send(self, message: bytes, fds: list[int]) -> None:
        assert self._control is not None
        socket.send_fds(self._control, [message], fds)

    def _restart(self) -> None:
        self._stop()
        if not self._open:
            raise ServerStoppedError("the sandbox is closed")
        self._start()

    def _start(self) -> None:
        for last in (False, True):  # what kills a server may kill it while it starts
            self._spawn()
            if self._finish_start():
                return
            log = (self._root / "server.log").read_text(encoding="utf-8", errors="replace").strip().split("\n")[-1]
            self._stop()
            if last or not self._open:
                raise SandboxError(f"the fork server did not start: {log or 'it ended, or took too long'}")

    def _spawn(self) -> None:
        """Start the server's process, and wait for nothing."""
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        threads = str(self._threads)
        environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        environment |= {
            "KERAS_HOME": str(self._root / "keras"),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "OMP_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
            "PYTHONUTF8": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_NUM_INTEROP_THREADS": threads,
            "TF_NUM_INTRAOP_THREADS": threads,
        }
        here = Path(__file__).resolve().parents[2]
        environment["PYTHONPATH"] = str(here)
        self._ready = False
        with full_disk_told("the folder for temporary files"), (self._root / "server.log").open("wb") as log_file:
            # Ctrl-C is for the command alone, which ends the server.
            self._server = subprocess.Popen(
                [sys.executable, "-P", "-m", "grader.sandbox.server", str(theirs.fileno())],
                pass_fds=[theirs.fileno(), self._folder.lock], env=environment, cwd=self._root, process_group=0,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log_file,
            )  # fmt: skip
        theirs.close()

    def _finish_start(self) -> bool:
        """Tell the server what to import and wait until it has; False where it ended, or takes too long."""
        assert self._control is not None and self._server is not None
        self._control.settimeout(START_SECONDS)
        try:
            first = {"modules": self._modules or [], "readable": [str(path) for path in self._readable]}
            self._control.send(json.dumps(first).encode())
            self._ready = self._control.recv(16) == b"ready"
        except OSError:
            self._ready = False
        self._control.settimeout(30)
        if self._ready:
            with contextlib.suppress(psutil.Error):  # it is dead: whoever asks it for something will see
                self._baseline = psutil.Process(self._server.pid).memory_info().rss
        return self._ready

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._server is not None:
            if not self._ready:  # nothing runs in it, and it may be at an import for long
                self._server.kill()
            try:
                self._server.wait(2)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            self._server = None


def _inner_process(status: socket.socket) -> tuple[int, int]:
    """PID and pidfd of the process that runs the submission."""
    status.settimeout(30)
    try:
        message, fds, _, _ = socket.recv_fds(status, 4096, 1)
    except OSError as error:
        raise ServerStoppedError("the fork server does not answer: grade again") from error
    return int(_last_line(message)["pid"]), fds[0]


def _is_dead(pidfd: int) -> bool:
    """Whether a process has ended by itself, or is about to: its socket closes a moment before."""
    return bool(select.select([pidfd], [], [], 0.5)[0])


def _exit_code(status: socket.socket) -> int | None:
    """The exit code of the submission's process, a signal's as its negative number; None where nobody tells."""
    status.settimeout(5)
    try:
        code = _last_line(status.recv(4096)).get("exit")
    except TimeoutError:
        return None
    return None if code is None else int(code)


def _exit_text(code: int | None) -> str:
    """How the submission's process ended, in words that follow "it"."""
    if code is None:
        return "ended its Python process"
    if code == -signal.SIGXCPU:
        return "used more CPU time than it may"
    if code < 0:
        return f"crashed its Python process ({signal.Signals(-code).name})"
    return f"ended its Python process (exit status {code})"


def _last_line(message: bytes) -> dict[str, Any]:
    """What the fork server wrote last. Raises SandboxError where any line tells an error, or the server is gone."""
    if not message:
        raise ServerStoppedError("the fork server stopped: grade again")
    forms = [json.loads(line) for line in message.splitlines()]
    for form in forms:
        if "error" in form:
            error = str(form["error"])
            full = error.startswith(f"[Errno {errno.ENOSPC}]")
            raise FullDiskError("the folder for temporary files") if full else SandboxError(error)
    return dict(forms[-1])


def _kill_session(pid: int) -> None:
    """Without a PID namespace nothing ends a submission's children with it: look for its session."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getsid(process.pid) == pid:
                process.kill()
