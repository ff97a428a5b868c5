"""Runs a notebook's cells in an IPython shell, and probes where a check stands. Lives in the learner's process.

Nothing here is trusted: whatever it sends is checked on arrival and judged outside. Probes come one task at a time,
when their check is reached.
"""

import base64
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
from IPython.core.history import HistoryManager
from IPython.core.inputtransformer2 import TransformerManager

from grader.core.errors import ValuesError
from grader.judging.choices import says_nothing
from grader.judging.closed_figures import unseen
from grader.judging.observe import (
    Failure,
    Observation,
    PlannedProbe,
    TimeUp,
    attempted,
    observation_to_json,
    observe,
    observe_variant,
    planned_from_json,
)
from grader.notebooks.cells import below_a_magic, checked_tasks, may_ask
from grader.notebooks.unanswered import answers_given
from grader.sandbox.channel import Channel
from grader.sandbox.inside.output_capture import Outputs, Stream, plain_text
from grader.sandbox.inside.shell import Shell, bound_of
from grader.sandbox.protocol import (
    Begin,
    Cell,
    End,
    FilePiece,
    Job,
    ObservedValues,
    Probes,
    Reached,
    form_of,
    to_submission,
)  # fmt: skip
from grader.sandbox.walls.raising import Room, close_work_folder

_SPARE = 2**22  # bytes that are kept back while a cell runs


def make_shell() -> Shell:
    """The shell that every submission gets a copy of, made once before any fork."""
    HistoryManager.enabled = False  # type: ignore[assignment]
    shell = Shell.instance(colors="nocolor")
    shell.outputs = Outputs()
    return shell


def warm_up(shell: Shell) -> None:
    """Do once what each submission would do first: run a cell, and draw where matplotlib is at hand."""
    with shell.outputs.dropped():
        if "matplotlib.pyplot" in sys.modules:
            shell.enable_matplotlib("inline")
            shell.run_cell("import matplotlib.pyplot as _p; _p.plot([0, 1]); _p.title('$x$'); _p.show(); del _p")
        shell.run_cell("0", store_history=False)  # its result is shown: what shows results is made then
        shell.reset(new_session=True)


def run_notebook(channel: Channel, shell: Shell, room: Room, *, walled: bool = True) -> None:
    """Receive a job, run its cells, observe its tasks, and say when all is done.

    A job without cells observes a file alone, which nothing may change meanwhile.
    """
    job = to_submission(channel.receive())
    while isinstance(job, FilePiece):
        _add(room.work / job.name, base64.b64decode(job.piece))
        job = to_submission(channel.receive())
    assert isinstance(job, Job)
    _settle(room.work)
    if not job.cells:
        os.environ["HOME"] = tempfile.gettempdir()
        if walled:
            close_work_folder(room.work)
    shell.home_dir = str(room.work)
    outputs = shell.outputs
    outputs.left = room.limits.output_bytes
    sys.stdout, sys.stderr = Stream(outputs, "stdout"), Stream(outputs, "stderr")
    signal.signal(signal.SIGALRM, _time_up)
    run = _Run(channel, shell, outputs, set(job.tasks), room)
    for number, cell in enumerate(job.cells):
        source = cell.get("instead", "") if cell.get("skip") else cell["source"]
        if cell["cell_type"] == "code" and (source or not cell.get("skip")):
            run.cell(number, source)
    for task in job.tasks:
        if task not in run.attempted:
            run.task(task, len(job.cells))
    channel.send(form_of(End(run.late)))


class _Run:
    """One submission's run: which tasks were attempted so far."""

    def __init__(self, channel: Channel, shell: Shell, outputs: Outputs, tasks: set[str], room: Room) -> None:
        self._channel, self._shell, self._outputs = channel, shell, outputs
        self._tasks, self._limits = tasks, room.limits
        self._transform = TransformerManager().transform_cell  # a learner may change the shell's own
        shell.tasks = tasks
        self._last_call = time.monotonic() + self._limits.last_call
        self._spare: np.ndarray | None = None
        self.attempted: set[str] = set()
        self.late = False

    def cell(self, number: int, source: str) -> None:
        """Run one cell, report its outputs, then observe the tasks it asks a verdict for."""
        started = time.monotonic()
        self.late = self.late or started > self._last_call
        if self.late:
            return
        self._outputs.begin(self._limits.cell_text)
        self._channel.send(form_of(Begin(number)))
        with self._answers(source), _alarm(min(self._limits.cell_seconds, self._last_call - started)):
            bound = self._run(source)
        seconds = time.monotonic() - started
        failed = [
            (plain_text(one.statement), plain_text(one.kind), plain_text(one.message)) for one in self._shell.failed
        ]
        self._channel.send(form_of(Cell(number, self._outputs.items, seconds, bound, failed)))
        for task in self._asked(source):
            if task in self._tasks:
                self.task(task, number)

    def task(self, task: str, cell: int) -> None:
        """Ask for a task's probes, run them, and report what they saw."""
        self._channel.send(form_of(Reached(task, cell)))
        reply = to_submission(self._channel.receive())
        assert isinstance(reply, Probes)
        probes = [planned_from_json(form) for form in reply.probes]
        with self._outputs.dropped(), unseen():
            observed = self._observed(probes, reply.seconds)
            self._report(task, "", observed)
            for name, code in reply.variants.items():
                with _alarm(reply.seconds):
                    variant = observe_variant(code, task, probes, self._shell.user_ns)
                self._report(task, name, variant)
        if attempted(observed):
            self.attempted.add(task)

    def _asked(self, source: str) -> list[str]:
        """The tasks that a cell asks a verdict for; none where IPython itself cannot read the cell."""
        if not may_ask(source):
            return []
        try:
            # What `%%time` measures is code of this notebook, too, though to Python it is a text by now.
            return checked_tasks(self._transform(source)) or below_a_magic(source)
        except Exception:  # an unindent that matches nothing, for one: the cell has told it already
            return []

    def _report(self, task: str, variant: str, seen: dict[str, Observation]) -> None:
        try:
            self._channel.send(_observed_form(task, variant, seen))
        except (ValuesError, MemoryError):  # each value may be handed over, but not all of them in one frame
            failed = Observation(failure=Failure("not plain", "all values together are too large to hand over"))
            self._channel.send(_observed_form(task, variant, dict.fromkeys(seen, failed)))

    @contextmanager
    def _answers(self, source: str) -> Iterator[None]:
        """Take the choices that the cell gives where it ends with none taken: its lab is lost, or another's."""
        given = answers_given(source) if may_ask(source) else {}
        given = {task: choice for task, choice in given.items() if not says_nothing(choice)}
        names = self._shell.user_ns
        before = {task: names.get(task) for task in given.keys() & self._tasks if not callable(names.get(task))}
        yield
        for task, choice in before.items():
            if self._shell.user_ns.get(task) is choice:
                self._shell.user_ns[task] = given[task]

    def _run(self, source: str) -> str:
        """Run a cell's source. Returns the bound at which it was stopped, or ""."""
        self._shell.failed = []
        self._spare = _spare_memory()
        try:
            result = self._shell.run_cell(source, store_history=True)
            self._spare = None  # the cell may have taken all there is, and what follows needs some
            return bound_of(result.error_before_exec or result.error_in_exec)
        except BaseException as error:  # between the shell's own handlers, or out of memory within them
            self._spare = None
            cause = error.__context__ if isinstance(error.__context__, MemoryError) else error
            self._outputs.error(type(cause).__name__, str(cause), [str(cause)])
            return bound_of(cause)

    def _observed(self, probes: list[PlannedProbe], seconds: float) -> dict[str, Observation]:
        """All probes of a task within its time; those that it does not last for count as too slow."""
        seen: dict[str, Observation] = {}
        deadline = time.monotonic() + seconds
        for probe in probes:
            left = deadline - time.monotonic()
            if left <= 0:
                seen[probe.name] = Observation(failure=Failure("time"))
                continue
            try:
                with _alarm(left):
                    seen[probe.name] = observe(probe, self._shell.user_ns)
            except (TimeUp, KeyboardInterrupt):
                seen[probe.name] = Observation(failure=Failure("time"))
        return seen


def _observed_form(task: str, variant: str, seen: dict[str, Observation]) -> dict[str, Any]:
    forms = {name: observation_to_json(observation) for name, observation in seen.items()}
    return form_of(ObservedValues(task, forms, variant))


def _spare_memory() -> np.ndarray | None:
    """Some memory, untouched, to give back later; None if there is none."""
    try:
        return np.empty(_SPARE, np.uint8)
    except MemoryError:
        return None


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), 0.5)  # again and again: code may swallow the first
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _time_up(number: int, frame: FrameType | None) -> None:
    raise TimeUp("This cell took too long and was interrupted. The next cells were run.")


def _add(path: Path, piece: bytes) -> None:
    """Write a piece of a file that the notebook will find; larger ones come in several."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(piece)


def _settle(work: Path) -> None:
    """Make the work folder this process's whole world."""
    temporary = work / "tmp"
    temporary.mkdir(exist_ok=True)
    os.chdir(work)
    os.environ.update(HOME=str(work), TMPDIR=str(temporary), PWD=str(work), GRADER_CHECKS=str(work))
    tempfile.tempdir = str(temporary)
    if "" not in sys.path:
        sys.path.insert(0, "")
