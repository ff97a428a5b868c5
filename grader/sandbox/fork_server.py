"""The fork server's process, seen from the grader: starts it, hands it requests, starts another one if it died."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil

from grader.core.errors import NoServerError, ServerStoppedError, full_disk_told
from grader.sandbox.protocol import Preload, line_of
from grader.sandbox.temporary_folder import Folder

START_SECONDS = 180.0  # importing TensorFlow without compiled bytecode takes half a minute
LOG = "server.log"
# What every notebook imports, whatever the course; the second NumPy imports at its first use, which takes 7 ms.
AT_ONCE = ("grader.learner.lab", "numpy.random")
_KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "KERAS_BACKEND", "CUDA_VISIBLE_DEVICES")
PACKAGES = Path(__file__).resolve().parents[2]
"""Where the grader's package is, in a checkout or in site-packages; the packages that labs import are beside it."""


class ForkServer:
    """The process that imported everything once. Safe to use from threads."""

    def __init__(self, folder: Folder, readable: Sequence[Path], threads: int) -> None:
        self._folder, self._readable, self._threads = folder, readable, threads
        self._modules: list[str] = []
        self._secret: list[str] = []
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._generation = 0
        self._ready = self._closed = False
        self.baseline = 0

    @property
    def pid(self) -> int:
        """The number of the process that serves now; 0 if there is none."""
        process = self._process
        return process.pid if process is not None else 0

    def begin(self) -> None:
        """Start the process, which waits to be told what to import. Waits for nothing."""
        self._spawn()

    def preload(self, modules: Iterable[str], secret: Iterable[Path]) -> bool:
        """Have modules imported, once, and wait for it. Raises NoServerError if the server does not start.

        A server that was ready with other modules, or that would show something secret, is replaced: nothing may run
        at that moment. False if nothing had to be done.
        """
        wanted, hidden = list(modules), [str(path) for path in secret]
        with self._lock:
            if self._ready and set(wanted) <= set(self._modules) and hidden == self._secret:
                return False
            self._modules, self._secret = wanted, hidden
            if self._ready or self._process is None or not self._finish_start():
                self._restart()
            return True

    def request(self, message: bytes, fds: list[int]) -> int:
        """Ask for a fork. Returns which server was asked, for `replace`."""
        with self._lock:
            if self._process is None or self._process.poll() is not None or not self._ready:
                self._restart()
            try:
                self._send(message, fds)
            except OSError:  # it is dead, or hangs
                self._restart()
                self._send(message, fds)
            return self._generation

    def replace(self, generation: int) -> None:
        """End a server that hangs, unless another one has already taken its place."""
        with self._lock:
            if generation == self._generation and self._process is not None:
                self._process.kill()
                self._process.wait()

    def log(self, text: str) -> None:
        """Write to the server's log what went wrong in one of its children."""
        with (
            contextlib.suppress(OSError),
            (self._folder.path / LOG).open("a", encoding="utf-8", errors="replace") as file,
        ):
            file.write(f"{text}\n")

    def close(self) -> None:
        """End the server, and with it what runs at this moment."""
        self._closed = True
        if self._lock.locked() and self._process is not None:  # it is being started
            self._process.kill()
        with self._lock:
            self._stop()

    @property
    def is_closed(self) -> bool:
        """Whether no server is started any more."""
        return self._closed

    def _send(self, message: bytes, fds: list[int]) -> None:
        assert self._control is not None
        socket.send_fds(self._control, [message], fds)

    def _restart(self) -> None:
        self._stop()
        if self._closed:
            raise ServerStoppedError("the sandbox is closed")
        for last in (False, True):  # what kills a server may kill it while it starts
            self._spawn()
            if self._finish_start():
                return
            log = (self._folder.path / LOG).read_text(encoding="utf-8", errors="replace").strip()
            self._stop()
            if last or self._closed:
                why = log.split("\n")[-1] or "it ended, or took too long"
                raise NoServerError(f"the fork server did not start: {why}")

    def _spawn(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        root = self._folder.path
        self._ready = False
        self._generation += 1
        with full_disk_told("the folder for temporary files"), (root / LOG).open("ab") as log_file:
            # Ctrl-C is for the command alone, which ends the server.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "grader.sandbox.inside.server", str(theirs.fileno()), *AT_ONCE],
                pass_fds=[theirs.fileno(), self._folder.lock], env=self._environment(), cwd=root, process_group=0,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log_file,
            )  # fmt: skip
        theirs.close()

    def _environment(self) -> dict[str, str]:
        threads = str(self._threads)
        kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        return kept | {
            "KERAS_HOME": str(self._folder.path / "keras"),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "OMP_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
            "PYTHONPATH": str(PACKAGES),
            "PYTHONUTF8": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_NUM_INTEROP_THREADS": threads,
            "TF_NUM_INTRAOP_THREADS": threads,
        }

    def _finish_start(self) -> bool:
        """Tell the server what to import and wait until it has; False if it ended, or takes too long."""
        assert self._control is not None and self._process is not None
        self._control.settimeout(START_SECONDS)
        try:
            readable = [str(path) for path in self._readable]
            self._control.send(line_of(Preload(self._modules, readable, self._secret)))
            self._ready = self._control.recv(16) == b"ready"
        except OSError:
            self._ready = False
        self._control.settimeout(30)
        if self._ready:
            with contextlib.suppress(psutil.Error):  # it is dead: whoever asks it for something will see
                self.baseline = psutil.Process(self._process.pid).memory_info().rss
        return self._ready

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            if not self._ready:  # nothing runs in it, and it may be at an import for long
                self._process.kill()
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
