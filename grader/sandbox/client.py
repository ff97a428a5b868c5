"""The grader's side of the sandbox: hands submissions to the fork server and follows them."""

import contextlib
import errno
import os
import select
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

import psutil

from grader.core.cores import cores
from grader.core.errors import FullDiskError, MissingWallError, SandboxError, ServerStoppedError, full_disk_told
from grader.core.limits import Limits
from grader.core.messages import Message, message
from grader.judging.observe import Failure, Observation
from grader.judging.run_record import Observed, Run, RunJob, TaskPlan
from grader.sandbox.channel import Channel
from grader.sandbox.fork_server import PACKAGES, ForkServer
from grader.sandbox.guard import Guard, Ward
from grader.sandbox.process_usage import Meter
from grader.sandbox.protocol import Exited, Fork, Refused, Started, Status, line_of, statuses
from grader.sandbox.slots import Slot, Slots
from grader.sandbox.temporary_folder import Folder
from grader.sandbox.walls.raising import to_cover
from grader.sandbox.watch import ENDED, Watch

_TRIAL = RunJob(limits=Limits(seconds=30.0))  # a run of nothing


class Sandbox:
    """A fork server and the walls around what it runs. Use as a context manager.

    `run_submission` is safe to call from threads.

    `modules` are imported once, before any run. None: they are not known yet; the server begins without them, beside
    whatever finds out, and `preload` names them. `jobs` is how many runs there may be at a time: each has its own part
    of the machine.
    """

    def __init__(
        self, modules: Iterable[str] | None = (), readable: Iterable[Path] = (), *, walled: bool = True, jobs: int = 1
    ) -> None:
        self._modules = None if modules is None else list(modules)
        self._readable = [PACKAGES / "grader", PACKAGES / "labkit", *readable]
        self._secret: list[Path] = []
        self.walled = walled
        self._jobs = jobs
        self._open = False

    def __enter__(self) -> "Sandbox":
        if self._open:
            return self
        self._folder = Folder()
        self._root = self._folder.path
        self._server = ForkServer(self._folder, self._readable, max(cores() // self._jobs, 1))
        self._guard = Guard()
        self._slots = Slots(self._jobs, walled=self.walled)
        self._open = True
        try:
            self._server.begin()
            self.conceal([])
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
        self._server.close()
        self._guard.close()
        self._slots.close()
        self._folder.remove()

    def conceal(self, paths: Iterable[Path]) -> None:
        """From the next `preload` on hide these folders and files, even inside what is readable, such as /usr.

        Raises UsageError if notebooks need to read one of them.
        """
        self._secret = [path.resolve() for path in (*paths, self._root)]
        if self.walled:
            self._secret = to_cover(tuple(self._readable), tuple(self._secret))

    def preload(self, modules: Iterable[str]) -> None:
        """Import modules, once, wait for the server, and try the walls.

        Raises SandboxError if the server does not start, MissingWallError if a wall cannot be raised. If the server has
        begun with other modules, another one takes its place: nothing may run at that moment.
        """
        if self._server.preload(modules, self._secret) and self.walled:
            try:
                self._repeated(_TRIAL)
            except ServerStoppedError:
                raise
            except SandboxError as error:
                raise MissingWallError(str(error)) from error

    def run_submission(self, job: RunJob) -> Run:
        """Run a notebook's cells and observe its tasks. Raises SandboxError if that cannot be done at all.

        Tasks that ask for a file are observed apart, in a process that has run no cell, gets that file alone and
        cannot change it. A crash, a time-out or any other end of the submission is no error: the run says so in
        `stopped`, and keeps what came before. If something else ended it, the fork server's death or a SIGKILL from
        outside, it runs again, once for each of the two. Raises ServerStoppedError if the server died both times.
        """
        run = self._repeated(job.for_notebook())
        for file in dict.fromkeys(plan.file for plan in job.tasks.values() if plan.file):
            apart = job.for_file(file)
            found = self._repeated(apart) if apart.files else _without(apart.tasks)
            found.observed = {name: replace(seen, cell=len(job.cells)) for name, seen in found.observed.items()}
            run.add(found, file)
        return run

    def _repeated(self, job: RunJob) -> Run:
        again = {"the server died": 1, "it was killed": 1}
        while True:
            try:
                run, killed = self._run(job)
            except ServerStoppedError:
                if self._server.is_closed or not again["the server died"]:
                    raise
                again["the server died"] -= 1
                continue
            if not killed or not again["it was killed"]:
                return run
            again["it was killed"] -= 1

    def _run(self, job: RunJob) -> tuple[Run, bool]:
        """The run, and whether it was killed by none of our limits."""
        limits = job.limits
        with full_disk_told("the folder for temporary files"):
            work = Path(tempfile.mkdtemp(prefix="work-", dir=self._root))
        ours, theirs = socket.socketpair()
        status, their_status = socket.socketpair()
        try:
            with self._slots.one() as slot:
                fds = [theirs.fileno(), their_status.fileno()]
                inner, pidfd = self._forked(_request(work, limits, slot, self.walled), fds, status)
                theirs.close()
                their_status.close()
                try:
                    ward = Ward(limits, self._meter(inner, slot, limits), pidfd)
                    with self._guard.over(ward):
                        run = Watch(Channel(ours), job, ward).follow()
                    dead = run.stopped == ENDED and _is_dead(pidfd)
                finally:
                    with contextlib.suppress(ProcessLookupError):
                        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                    os.close(pidfd)
                    if not self.walled:
                        _kill_session(inner)
                if run.fault:
                    self._server.log(run.fault)
                if ward.error is not None:
                    raise SandboxError(f"a notebook could not be looked after ({ward.error})") from ward.error
                if run.stopped != ENDED:
                    return run, False
                return _ended(run, _exit_code(status), dead, slot, limits)
        finally:
            for end in (ours, theirs, status, their_status):
                end.close()
            shutil.rmtree(work, ignore_errors=True)

    def _forked(self, message: bytes, fds: list[int], status: socket.socket) -> tuple[int, int]:
        """PID and pidfd of a new process that waits for its job."""
        generation = self._server.request(message, fds)
        try:
            return _inner_process(status)
        except ServerStoppedError as error:
            if isinstance(error.__cause__, TimeoutError):  # it hangs
                self._server.replace(generation)
            raise

    def _meter(self, inner: int, slot: Slot, limits: Limits) -> Meter:
        group, baseline = slot.group, self._server.baseline
        if group is not None:
            try:
                # Its work folder, which holds twice what a file may, and /dev/shm are in memory, too.
                group.begin(inner, limits.memory + baseline + 3 * limits.file_bytes)
            except OSError:  # somebody else has taken it away: memory is added up as if there were none
                group = None
        there = len(slot.cores) or cores()
        return Meter(inner, self._server.pid, baseline, cores=there, group=group, apart=self.walled)


def _request(work: Path, limits: Limits, slot: Slot, walled: bool) -> bytes:
    return line_of(Fork(str(work), asdict(limits), walled, list(slot.cores)))


def _ended(run: Run, code: int | None, dead: bool, slot: Slot, limits: Limits) -> tuple[Run, bool]:
    """A run that ended before its end, now with the reason; and whether something outside killed it."""
    if slot.group is not None and slot.group.was_full():
        run.stopped = limits.reached("resident")
        return run, False
    run.stopped = _exit(code)
    return run, dead and code == -signal.SIGKILL


def _without(tasks: Mapping[str, TaskPlan]) -> Run:
    """What is observed of tasks whose file was not handed in."""
    run = Run()
    for name, plan in tasks.items():
        absent = Observation(failure=Failure("no file", plan.file))
        run.observed[name] = Observed(name, 0, {probe.name: absent for probe in plan.probes})
    return run


def _inner_process(status: socket.socket) -> tuple[int, int]:
    """PID and pidfd of the process that runs the submission."""
    status.settimeout(30)
    try:
        message, fds, _, _ = socket.recv_fds(status, 4096, 1)
    except OSError as error:
        raise ServerStoppedError("the fork server does not answer: grade again") from error
    started = _last_status(message)
    assert isinstance(started, Started)
    return started.pid, fds[0]


def _is_dead(pidfd: int) -> bool:
    """Whether a process has ended by itself, or is about to: its socket closes a moment before."""
    poll = select.poll()  # a number above 1,023 is none for select()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(500))


def _exit_code(status: socket.socket) -> int | None:
    """The exit code of the submission's process, a signal's as its negative number; None where nobody tells."""
    status.settimeout(5)
    try:
        told = _last_status(status.recv(4096))
    except TimeoutError:
        return None
    return told.code if isinstance(told, Exited) else None


def _exit(code: int | None) -> Message:
    """How the submission's process ended."""
    if code is None:
        return message("end.process")
    if code == -signal.SIGXCPU:
        return message("end.cpu")
    if code < 0:
        return message("end.crash", signal=signal.Signals(-code).name)
    return message("end.status", status=code)


def _last_status(message: bytes) -> Status:
    """What the fork server wrote last. Raises SandboxError where any line tells an error, or the server is gone."""
    if not message:
        raise ServerStoppedError("the fork server stopped: grade again")
    told = statuses(message)
    for status in told:
        if isinstance(status, Refused):
            full = status.error.startswith(f"[Errno {errno.ENOSPC}]")
            raise FullDiskError("the folder for temporary files") if full else SandboxError(status.error)
    return told[-1]


def _kill_session(pid: int) -> None:
    """Without a PID namespace nothing ends a submission's children with it: look for its session."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getsid(process.pid) == pid:
                process.kill()
