"""Follows one submission: answers its requests and checks what it sends. Its limits are the guard's to look at."""

import base64
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from grader.core.errors import ValuesError
from grader.core.values import MAX_ITEMS, check_items, cost
from grader.judging.observe import clipped, observation_from_json
from grader.judging.run_record import MOST_FAILED, CellRun, FailedStatement, Observed, Run, RunJob, TaskPlan
from grader.sandbox.channel import Channel
from grader.sandbox.guard import Ward

POLL_SECONDS = 0.1
REPLY_SECONDS = 10.0  # whoever asks for probes reads them at once
PIECE_BYTES = 2**24  # of a file, in one frame
MAX_FRAMES = 50_000  # a notebook of the most cells, each of which asks for a check, sends a fifth of them
MAX_TIMES_OBSERVED = 200  # of one task: a check may be in many cells, and each is judged
ENDED = "ended"


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
            run.stopped = f"sent what is no value ({error})"
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
                self._channel.send({"file": name, "piece": piece}, self._limits.seconds)
        self._channel.send({"cells": list(self._job.cells), "tasks": list(self._tasks)}, self._limits.seconds)

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
                run.stopped = f"sent more than {most_bytes // 2**20} MiB"
            elif self._frames > MAX_FRAMES:
                run.stopped = f"sent more than {MAX_FRAMES:,} messages"

    def _take(self, frame: Any) -> bool:
        """Deal with one frame; True where it is the last."""
        if not isinstance(frame, dict):
            raise ValuesError("a frame is not an object")
        kind = frame.get("kind")
        if kind == "begin":
            self._run.current_cell = _number(frame)
        elif kind == "cell":
            self._cell(frame)
        elif kind == "reached":
            self._reply(_task(frame, self._tasks), _number(frame))
        elif kind == "observed":
            self._observed(_task(frame, self._tasks), frame)
        elif kind == "end":
            if frame.get("late"):
                self._run.stopped = self._limits.reached("seconds")
            return True
        else:
            raise ValuesError(f"a frame of an unknown kind {_text(kind)[:40]!r}")
        return False

    def _cell(self, frame: dict[str, Any]) -> None:
        seconds = frame.get("seconds")
        outputs, items = _checked_outputs(frame.get("outputs"))
        failed = _failed(frame.get("failed", []))
        self._items += items
        self._characters += _characters(outputs) + _characters(frame.get("failed"))
        if self._characters > 4 * self._limits.output_bytes + 2**20:  # names of errors and keys cost nothing
            raise ValuesError("all outputs together are too long")
        if self._items > MAX_ITEMS:  # honest ones come to a tenth: each costs a part of what a notebook may print
            raise ValuesError("all outputs together are too many")
        taken = float(seconds) if isinstance(seconds, float) else 0.0
        bound = _text(frame.get("bound"))
        self._run.timed_out |= bound == "cell seconds"
        self._run.cells[_number(frame)] = CellRun(outputs, taken, self._limits.reached(bound), failed)

    def _reply(self, task: str, cell: int) -> None:
        self._reached[task] = cell
        self._channel.send(self._tasks[task].request, REPLY_SECONDS)

    def _observed(self, task: str, frame: dict[str, Any]) -> None:
        names = {probe.name for probe in self._tasks[task].probes}
        forms = frame.get("observations")
        if task not in self._reached or not isinstance(forms, dict) or not forms.keys() <= names:
            raise ValuesError("observations came that nobody asked for")
        variant = frame.get("variant") or ""
        if variant and (not isinstance(variant, str) or variant not in self._tasks[task].variants):
            raise ValuesError("observations of an unknown variant came")
        self._times[task, variant] += 1
        if self._times[task, variant] > MAX_TIMES_OBSERVED:
            raise ValuesError(f"a task was observed more than {MAX_TIMES_OBSERVED} times")
        if cost(forms) > MAX_ITEMS:
            raise ValuesError("all values of a task together hold too many items")
        observations = {name: observation_from_json(form) for name, form in forms.items()}
        if variant:
            self._run.variants[task, variant] = observations
            return
        self._run.timed_out |= any(o.failure is not None and o.failure.kind == "time" for o in observations.values())
        observed = Observed(task, self._reached[task], observations, self._stopped_cell())
        # A check that found nothing does not undo an earlier one that did.
        if observed.attempted or task not in self._run.observed:
            self._run.note(observed, self._job)

    def _stopped_cell(self) -> str:
        stopped = [(number, cell.bound) for number, cell in self._run.cells.items() if cell.bound]
        return f"Cell {stopped[-1][0] + 1} {stopped[-1][1]} and was stopped." if stopped else ""


def _text(value: Any) -> str:
    """The value where it is a text; to print another, which may be nested to the end of the stack, is to risk it."""
    return value if isinstance(value, str) else ""


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


def _checked_outputs(outputs: Any) -> tuple[list[dict[str, Any]], int]:
    """A cell's outputs, and how many items they hold."""
    items = check_items(outputs)
    if not isinstance(outputs, list) or not all(isinstance(output, dict) for output in outputs):
        raise ValuesError("a cell's outputs are no list of outputs")
    if not _is_shallow(outputs, 8):
        raise ValuesError("a cell's outputs are nested too deep")
    return outputs, items


def _failed(forms: Any) -> tuple[FailedStatement, ...]:
    """The statements of a cell that failed."""
    if not isinstance(forms, list) or len(forms) > MOST_FAILED:
        raise ValuesError("a cell's failed statements are no list of some")
    for form in forms:
        if not isinstance(form, list) or len(form) != 3 or not all(isinstance(text, str) for text in form):
            raise ValuesError("a failed statement is not three texts")
    return tuple(FailedStatement(*map(clipped, form)) for form in forms)


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
