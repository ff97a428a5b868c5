"""Follows one submission: answers its requests and checks what it sends. Its limits are the guard's to look at."""

import base64
import time
from collections import Counter
from typing import Any

from grader.core.errors import ValuesError
from grader.core.messages import Messages, message
from grader.core.text import MOST_STORED, one_line, storable
from grader.core.values import MAX_ITEMS, check_items, cost
from grader.judging.observe import observation_from_json
from grader.judging.run_record import CellRun, FailedStatement, Observed, Run, RunJob
from grader.sandbox.channel import Channel
from grader.sandbox.guard import Ward
from grader.sandbox.protocol import (
    Begin,
    Cell,
    End,
    Fault,
    FilePiece,
    Job,
    ObservedValues,
    Probes,
    Reached,
    form_of,
    from_submission,
)  # fmt: skip

POLL_SECONDS = 0.1
REPLY_SECONDS = 10.0  # whoever asks for probes reads them at once
PIECE_BYTES = 2**24  # of a file, in one frame
MAX_FRAMES = 50_000  # a notebook of the most cells, each of which asks for a check, sends a fifth of them
MAX_TIMES_OBSERVED = 200  # of one task: a check may be in many cells, and each is judged
ENDED = message("end.early")


class Watch:
    """Follows one submission: answers its requests, and stops listening when `ward` was ended for a limit."""

    def __init__(self, channel: Channel, job: RunJob, ward: Ward | None = None) -> None:
        self._channel, self._job, self._tasks, self._limits = channel, job, job.tasks, job.limits
        self._ward = ward or Ward(job.limits)
        self._reached: dict[str, int] = {}
        self._times: Counter[tuple[str, str]] = Counter()
        self._run = Run()
        self._frames = 0
        self._items = self._characters = 0  # of all outputs so far

    def follow(self) -> Run:
        """Send the files and the job, and take frames until the end, whatever that is."""
        started = time.monotonic()
        run = self._run
        try:
            self._send()
            self._listen(started)
        except EOFError:
            run.stopped = ENDED
        except ValuesError as error:
            run.stopped = message("end.no_value", problem=str(error))
        except OSError:
            run.stopped = ENDED
        run.seconds = time.monotonic() - started
        # What the guard ended did not end by itself, whatever it looks like from here.
        run.stopped = self._ward.stopped or run.stopped
        run.timed_out |= run.stopped == self._limits.reached("seconds")
        run.waited, run.squeezed = self._ward.taken.waited, self._ward.squeezed
        return run

    def _send(self) -> None:
        for name, data in self._job.files.items():
            for start in range(0, max(len(data), 1), PIECE_BYTES):
                piece = base64.b64encode(data[start : start + PIECE_BYTES]).decode("ascii")
                self._channel.send(form_of(FilePiece(name, piece)), self._limits.seconds)
        job = Job([dict(cell) for cell in self._job.cells], list(self._tasks))
        self._channel.send(form_of(job), self._limits.seconds)

    def _listen(self, started: float) -> None:
        deadline = started + self._limits.seconds
        # Base64 and JSON make what a submission sends larger; nothing honest comes near this.
        most_bytes = 8 * self._limits.output_bytes + 2**28
        run = self._run
        while not run.stopped and not self._ward.stopped:
            frame = self._channel.receive(POLL_SECONDS)
            self._frames += frame is not None
            if frame is not None and self._take(frame):
                return
            if time.monotonic() > deadline:
                run.stopped = self._limits.reached("seconds")
            elif self._channel.received > most_bytes:
                run.stopped = message("limit.sent_bytes", mebibytes=most_bytes // 2**20)
            elif self._frames > MAX_FRAMES:
                run.stopped = message("limit.sent_messages", count=MAX_FRAMES)

    def _take(self, frame: Any) -> bool:
        """Deal with one frame; True where it is the last."""
        match from_submission(frame):
            case Begin(cell):
                self._run.current_cell = cell
            case Cell() as cell:
                self._cell(cell)
            case Reached(task, cell):
                self._reply(self._known(task), cell)
            case ObservedValues() as seen:
                self._observed(self._known(seen.task), seen)
            case Fault(traceback):
                self._fault(traceback[-MOST_STORED:])
                return True
            case End(late):
                if late:
                    self._run.stopped = self._limits.reached("seconds")
                return True
        return False

    def _fault(self, traceback: str) -> None:
        lines = [one_line(line) for line in traceback.strip().split("\n")]
        if lines[-1].startswith("MemoryError"):  # it was the notebook that took all there is
            self._run.stopped = self._limits.reached("resident")
            return
        self._run.fault = "\n".join(lines)
        self._run.stopped = message("end.fault", error=one_line(lines[-1], 200))

    def _known(self, task: str) -> str:
        if task not in self._tasks:
            raise ValuesError("a message names no task")
        return task

    def _cell(self, cell: Cell) -> None:
        items = check_items(cell.outputs)
        if not _is_shallow(cell.outputs, 8):
            raise ValuesError("a cell's outputs are nested too deep")
        self._items += items
        self._characters += _characters(cell.outputs) + sum(map(len, sum(cell.failed, ())))
        if self._characters > 4 * self._limits.output_bytes + 2**20:  # names of errors and keys cost nothing
            raise ValuesError("all outputs together are too long")
        if self._items > MAX_ITEMS:  # honest ones come to a tenth: each costs a part of what a notebook may print
            raise ValuesError("all outputs together are too many")
        self._run.timed_out |= cell.bound == "cell seconds"
        failed = tuple(FailedStatement(*map(storable, statement)) for statement in cell.failed)
        self._run.cells[cell.cell] = CellRun(cell.outputs, cell.seconds, self._limits.reached(cell.bound), failed)

    def _reply(self, task: str, cell: int) -> None:
        self._reached[task] = cell
        plan = self._tasks[task]
        self._channel.send(form_of(Probes(plan.forms, plan.seconds, dict(plan.variants))), REPLY_SECONDS)

    def _observed(self, task: str, seen: ObservedValues) -> None:
        names = {probe.name for probe in self._tasks[task].probes}
        if task not in self._reached or not seen.observations.keys() <= names:
            raise ValuesError("observations came that nobody asked for")
        variant = seen.variant
        if variant and variant not in self._tasks[task].variants:
            raise ValuesError("observations of an unknown variant came")
        self._times[task, variant] += 1
        if self._times[task, variant] > MAX_TIMES_OBSERVED:
            raise ValuesError(f"a task was observed more than {MAX_TIMES_OBSERVED} times")
        if cost(seen.observations) > MAX_ITEMS:
            raise ValuesError("all values of a task together hold too many items")
        observations = {name: observation_from_json(form) for name, form in seen.observations.items()}
        if variant:
            self._run.variants[task, variant] = observations
            return
        self._run.timed_out |= any(o.failure is not None and o.failure.kind == "time" for o in observations.values())
        observed = Observed(task, self._reached[task], observations, self._stopped_cell())
        # A check that found nothing does not undo an earlier one that did.
        if observed.attempted or task not in self._run.observed:
            self._run.note(observed, self._job)

    def _stopped_cell(self) -> Messages:
        stopped = [(number, cell.bound) for number, cell in self._run.cells.items() if cell.bound]
        return (message("cell.stopped", cell=stopped[-1][0] + 1), stopped[-1][1]) if stopped else ()


def _characters(form: Any) -> int:
    """How much text a JSON form holds, which is at most as deep as outputs are."""
    if isinstance(form, dict):
        return sum(len(key) + _characters(value) for key, value in form.items())
    if isinstance(form, list):
        return sum(map(_characters, form))
    return len(form) if isinstance(form, str) else 0


def _is_shallow(form: Any, depth: int) -> bool:
    """Whether a JSON form is nested at most `depth` deep: what writes or shows it later must not run out of stack."""
    if isinstance(form, dict):
        form = list(form.values())
    return not isinstance(form, list) or (depth > 0 and all(_is_shallow(item, depth - 1) for item in form))
