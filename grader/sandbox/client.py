"""The grader's side of the sandbox: starts the fork server, hands it submissions, watches them, takes their values.

Everything that comes from a submission is checked here before anybody else sees it.
"""

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
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from grader.errors import SandboxError, ValuesError
from grader.observe import Observation, PlannedProbe, observation_from_json, planned_to_json
from grader.sandbox.channel import Channel
from grader.sandbox.limits import Limits

POLL_SECONDS = 0.1
START_SECONDS = 180.0  # importing TensorFlow without compiled bytecode takes half a minute
_KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "KERAS_BACKEND", "CUDA_VISIBLE_DEVICES")


@dataclass(frozen=True)
class TaskPlan:
    """What is observed of one task: its probes, their time, and other answers to observe beside the notebook's."""

    probes: Sequence[PlannedProbe]
    seconds: float
    variants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CellRun:
    """What one cell gave: nbformat outputs, and its wall time in seconds."""

    outputs: list[dict[str, Any]]
    seconds: float


@dataclass(frozen=True)
class Observed:
    """The observations of one task where a check stood: `cell` counts all cells; the number of cells means the end."""

    task: str
    cell: int
    observations: dict[str, Observation]

    @property
    def attempted(self) -> bool:
        """Whether there was anything to observe."""
        kinds = [o.failure.kind if o.failure else "" for o in self.observations.values()]
        return any(kind not in ("missing", "NotImplementedError") for kind in kinds)


@dataclass
class Run:
    """All that a notebook's run gave. `stopped` says why it did not come to its end, in words that follow "it"."""

    cells: dict[int, CellRun] = field(default_factory=dict)
    observed: dict[str, Observed] = field(default_factory=dict)
    variants: dict[tuple[str, str], dict[str, Observation]] = field(default_factory=dict)
    current_cell: int | None = None
    stopped: str = ""
    seconds: float = 0.0


OnObserved = Callable[[Observed], None]


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
        self._start()
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
                watch = _Watch(Channel(ours), tasks, limits, inner, on_observed)
                run = watch.follow(job)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                os.close(pidfd)
                if not self.walled:
                    _kill_session(inner)
            if run.stopped == _ENDED:
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
        self._server = subprocess.Popen(
            [sys.executable, "-P", "-m", "grader.sandbox.server", str(theirs.fileno())],
            pass_fds=[theirs.fileno()], env=environment, cwd=self._root,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=(self._root / "server.log").open("wb"),
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


_ENDED = "ended"


class _Watch:
    """Follows one submission: answers its requests, and ends it when it reaches a limit."""

    def __init__(
        self, channel: Channel, tasks: Mapping[str, TaskPlan], limits: Limits, pid: int, on_observed: OnObserved
    ) -> None:
        self._channel, self._tasks, self._limits, self._on_observed = channel, tasks, limits, on_observed
        self._process = _process(pid)
        self._baseline = _resident(self._process)[0]
        self._reached: dict[str, int] = {}
        self._run = Run()

    def follow(self, job: Mapping[str, Any]) -> Run:
        """Send the job and take frames until the end, whatever that is."""
        started = time.monotonic()
        deadline = started + self._limits.seconds
        # Base64 and JSON make what a submission sends larger; nothing honest comes near this.
        most_bytes = 8 * self._limits.output_bytes + 2**28
        polled = started
        run = self._run
        try:
            self._channel.send(job, self._limits.seconds)
            while not run.stopped:
                frame = self._channel.receive(POLL_SECONDS)
                now = time.monotonic()
                if frame is not None and self._take(frame):
                    break
                if now > deadline:
                    run.stopped = f"took longer than {self._limits.seconds:g} s"
                elif self._channel.received > most_bytes:
                    run.stopped = f"sent more than {most_bytes // 2**20} MiB"
                elif now - polled > POLL_SECONDS:
                    polled, run.stopped = now, self._over_limits()
        except EOFError:
            run.stopped = _ENDED
        except ValuesError as error:
            run.stopped = f"sent what is no value ({error})"
        except OSError:
            run.stopped = _ENDED
        run.seconds = time.monotonic() - started
        return run

    def _take(self, frame: Any) -> bool:
        """Deal with one frame; True where it is the last."""
        if not isinstance(frame, dict):
            raise ValuesError("a frame is not an object")
        kind = frame.get("kind")
        if kind == "begin":
            self._run.current_cell = _number(frame)
        elif kind == "cell":
            seconds = frame.get("seconds")
            outputs = _checked_outputs(frame.get("outputs"))
            self._run.cells[_number(frame)] = CellRun(outputs, float(seconds) if isinstance(seconds, float) else 0.0)
        elif kind == "reached":
            self._reply(_task(frame, self._tasks), _number(frame))
        elif kind == "observed":
            self._observed(_task(frame, self._tasks), frame)
        elif kind == "end":
            return True
        else:
            raise ValuesError(f"a frame of an unknown kind {str(kind)[:40]!r}")
        return False

    def _reply(self, task: str, cell: int) -> None:
        plan = self._tasks[task]
        self._reached[task] = cell
        probes = [planned_to_json(probe) for probe in plan.probes]
        reply = {"probes": probes, "seconds": plan.seconds, "variants": dict(plan.variants)}
        self._channel.send(reply, self._limits.seconds)

    def _observed(self, task: str, frame: dict[str, Any]) -> None:
        names = {probe.name for probe in self._tasks[task].probes}
        forms = frame.get("observations")
        if task not in self._reached or not isinstance(forms, dict) or not forms.keys() <= names:
            raise ValuesError("observations came that nobody asked for")
        observations = {name: observation_from_json(form) for name, form in forms.items()}
        variant = frame.get("variant")
        if variant:
            if variant not in self._tasks[task].variants:
                raise ValuesError("observations of an unknown variant came")
            self._run.variants[task, variant] = observations
            return
        observed = Observed(task, self._reached[task], observations)
        # A check that found nothing does not undo an earlier one that did.
        if observed.attempted or task not in self._run.observed:
            self._run.observed[task] = observed
            self._on_observed(observed)

    def _over_limits(self) -> str:
        resident, processes = _resident(self._process)
        if resident - self._baseline > self._limits.memory:
            return f"took more than {self._limits.memory / 2**30:g} GiB of memory"
        if processes > self._limits.processes:
            return f"started more than {self._limits.processes} processes"
        return ""


def _inner_process(status: socket.socket) -> tuple[int, int]:
    """PID and pidfd of the process that runs the submission."""
    status.settimeout(30)
    try:
        message, fds, _, _ = socket.recv_fds(status, 4096, 1)
    except OSError as error:
        raise SandboxError("the fork server does not answer: grade again") from error
    form = json.loads(message) if message else {"error": "the fork server stopped: grade again"}
    if "error" in form:
        raise SandboxError(str(form["error"]))
    return int(form["pid"]), fds[0]


def _exit_text(status: socket.socket) -> str:
    """How the submission's process ended, in words that follow "it"."""
    status.settimeout(5)
    try:
        lines = status.recv(4096).decode().strip().split("\n")
        form = json.loads(lines[-1]) if lines[-1] else {}
    except (OSError, ValueError):
        form = {}
    if "error" in form:
        raise SandboxError(str(form["error"]))
    code = form.get("exit")
    if code is None:
        return "ended its Python process"
    if code < 0:
        return f"crashed its Python process ({signal.Signals(-code).name})"
    return f"ended its Python process (exit status {code})"


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.Error:
        return None


def _resident(process: psutil.Process | None) -> tuple[int, int]:
    """Resident bytes and the number of processes of a process and all below it."""
    if process is None:
        return 0, 0
    resident, count = 0, 0
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0, 0
    for member in family:
        with contextlib.suppress(psutil.Error):
            resident += member.memory_info().rss
            count += 1
    return resident, count


def _kill_session(pid: int) -> None:
    """Without a PID namespace nothing ends a submission's children with it: look for its session."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getsid(process.pid) == pid:
                process.kill()


def _number(frame: dict[str, Any]) -> int:
    number = frame.get("cell")
    if not isinstance(number, int) or not 0 <= number <= 100_000:
        raise ValuesError("a frame names no cell")
    return number


def _task(frame: dict[str, Any], tasks: Mapping[str, TaskPlan]) -> str:
    task = frame.get("task")
    if not isinstance(task, str) or task not in tasks:
        raise ValuesError("a frame names no task")
    return task


def _checked_outputs(outputs: Any) -> list[dict[str, Any]]:
    if not isinstance(outputs, list) or not all(isinstance(output, dict) for output in outputs):
        raise ValuesError("a cell's outputs are no list of outputs")
    return outputs
