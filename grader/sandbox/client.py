"""The grader's side of the sandbox: starts the fork server and hands it submissions."""

import contextlib
import json
import os
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

from grader.errors import SandboxError
from grader.limits import Limits
from grader.sandbox.channel import Channel
from grader.sandbox.run import OnObserved, Run, TaskPlan
from grader.sandbox.watch import ENDED, Watch

START_SECONDS = 180.0  # importing TensorFlow without compiled bytecode takes half a minute
_KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "KERAS_BACKEND", "CUDA_VISIBLE_DEVICES")


class Sandbox:
    """A fork server and the walls around what it runs. Use as a context manager; `run` is safe to call from threads."""

    def __init__(
        self, modules: Iterable[str] = (), readable: Iterable[Path] = (), *, walled: bool = True, jobs: int = 1
    ) -> None:
        self._modules = list(modules)
        # The packages that labs import lie beside the grader's own, in a checkout or in site-packages.
        here = Path(__file__).resolve().parents[2]
        self._readable = [here / "grader", here / "labkit", *readable]
        self.walled = walled
        self._threads = max((os.cpu_count() or 1) // jobs, 1)
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._root = Path()

    def __enter__(self) -> "Sandbox":
        self._root = Path(tempfile.mkdtemp(prefix="grader-"))
        try:
            self._start()
        except BaseException:  # __exit__ is not called then
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        shutil.rmtree(self._root, ignore_errors=True)

    def run(
        self,
        cells: Sequence[Mapping[str, Any]],
        tasks: Mapping[str, TaskPlan],
        files: Mapping[str, str],
        limits: Limits,
        on_observed: OnObserved = lambda observed: None,
    ) -> Run:
        """Run a notebook's cells and observe its tasks. Raises SandboxError where that cannot be done at all.

        `on_observed` is called as soon as a task's observations have come. A crash, a time-out or any other end of
        the submission is no error: the run says so in `stopped`, and keeps what came before.
        """
        work = Path(tempfile.mkdtemp(prefix="work-", dir=self._root))
        ours, theirs = socket.socketpair()
        status, their_status = socket.socketpair()
        try:
            self._request(work, limits, theirs, their_status)
            theirs.close()
            their_status.close()
            inner, pidfd = _inner_process(status)
            try:
                job = {"cells": list(cells), "tasks": list(tasks), "files": dict(files)}
                watch = Watch(Channel(ours), tasks, limits, inner, on_observed)
                run = watch.follow(job)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                os.close(pidfd)
                if not self.walled:
                    _kill_session(inner)
            if run.stopped == ENDED:
                run.stopped = _exit_text(status)
            return run
        finally:
            for end in (ours, theirs, status, their_status):
                end.close()
            shutil.rmtree(work, ignore_errors=True)

    def _request(self, work: Path, limits: Limits, channel: socket.socket, status: socket.socket) -> None:
        request = {
            "work": str(work),
            "readable": [str(path) for path in self._readable],
            "limits": asdict(limits),
            "walled": self.walled,
        }
        message = json.dumps(request).encode()
        with self._lock:
            if self._server is None or self._server.poll() is not None:
                self._stop()
                self._start()
            assert self._control is not None
            try:
                socket.send_fds(self._control, [message], [channel.fileno(), status.fileno()])
            except OSError as error:
                raise SandboxError(f"the fork server stopped ({error.strerror}): grade again") from error

    def _start(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        threads = str(self._threads)
        environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        environment |= {
            "GRADER_PRELOAD": json.dumps(self._modules),
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
        with (self._root / "server.log").open("wb") as log_file:
            self._server = subprocess.Popen(
                [sys.executable, "-P", "-m", "grader.sandbox.server", str(theirs.fileno())],
                pass_fds=[theirs.fileno()], env=environment, cwd=self._root,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log_file,
            )  # fmt: skip
        theirs.close()
        self._control.settimeout(START_SECONDS)
        try:
            ready = self._control.recv(16)
        except OSError:
            ready = b""
        if ready != b"ready":
            log = (self._root / "server.log").read_text(errors="replace").strip().split("\n")[-1]
            self._stop()
            raise SandboxError(f"the fork server did not start: {log or 'it took too long'}")
        self._control.settimeout(30)

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._server is not None:
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
        raise SandboxError("the fork server does not answer: grade again") from error
    return int(_last_line(message)["pid"]), fds[0]


def _exit_text(status: socket.socket) -> str:
    """How the submission's process ended, in words that follow "it"."""
    status.settimeout(5)
    try:
        code = _last_line(status.recv(4096)).get("exit")
    except TimeoutError:
        code = None
    if code is None:
        return "ended its Python process"
    if code == -signal.SIGXCPU:
        return "used more CPU time than it may"
    if code < 0:
        return f"crashed its Python process ({signal.Signals(-code).name})"
    return f"ended its Python process (exit status {code})"


def _last_line(message: bytes) -> dict[str, Any]:
    """What the fork server wrote last. Raises SandboxError where any line tells an error, or the server is gone."""
    forms = [json.loads(line) for line in message.splitlines()] or [{"error": "the fork server stopped: grade again"}]
    for form in forms:
        if "error" in form:
            raise SandboxError(str(form["error"]))
    return dict(forms[-1])


def _kill_session(pid: int) -> None:
    """Without a PID namespace nothing ends a submission's children with it: look for its session."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getsid(process.pid) == pid:
                process.kill()
