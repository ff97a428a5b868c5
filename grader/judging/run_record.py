"""What is asked of a submission's run, and what it gave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from grader.core.limits import Limits
from grader.core.messages import Message, Messages
from grader.judging.observe import Observation, PlannedProbe, attempted, planned_to_json

CROWDED = 0.25  # of its time a run that met a limit of time may have waited for a core before it is repeated


@dataclass(frozen=True)
class TaskPlan:
    """What is observed of one task: its probes, their time, and other answers to observe beside the notebook's.

    `file` is the name of a file that was handed in, or "". A task that asks for one is observed apart from the
    notebook, in a process that has run none of its cells and gets that file alone.
    """

    probes: Sequence[PlannedProbe]
    seconds: float
    variants: Mapping[str, str] = field(default_factory=dict)
    file: str = ""

    @cached_property
    def forms(self) -> list[dict[str, Any]]:
        """The probes as JSON, made once for all submissions."""
        return [planned_to_json(probe) for probe in self.probes]


@dataclass(frozen=True)
class RunJob:
    """All that a run needs, as plain data that pickles: it may run on another machine.

    No label, reference, gradebook or unit can be reached from here. `files`, by their names, are in the work folder
    before the first cell runs. `as_handed_out`: by task, the cells below which its answer is the one that was handed
    out, so that what was observed there takes nothing from an earlier answer.

    >>> job = RunJob([{"cell_type": "code", "source": "1 + 1"}])
    """

    cells: Sequence[Mapping[str, Any]] = ()
    tasks: Mapping[str, TaskPlan] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    limits: Limits = Limits()
    as_handed_out: Mapping[str, Sequence[range]] = field(default_factory=dict)

    def for_file(self, file: str) -> "RunJob":
        """The job that observes one file apart: no cell, the tasks that ask for it, and it alone."""
        asked = {name: plan for name, plan in self.tasks.items() if plan.file == file}
        return RunJob((), asked, {file: self.files[file]} if file in self.files else {}, self.limits)

    def for_notebook(self) -> "RunJob":
        """The job without the tasks that ask for a file."""
        return replace(self, tasks={name: plan for name, plan in self.tasks.items() if not plan.file})


@dataclass(frozen=True)
class FailedStatement:
    """A statement of a cell that failed while the cell went on below it, and its error. All of it a learner's text."""

    statement: str
    kind: str
    message: str


@dataclass(frozen=True)
class CellRun:
    """What one cell gave: nbformat outputs, its wall time in seconds, and what to say of the bound that stopped it."""

    outputs: list[dict[str, Any]]
    seconds: float
    bound: Message | None = None
    failed: tuple[FailedStatement, ...] = ()


@dataclass(frozen=True)
class Observed:
    """The observations of one task where a check stood: `cell` counts all cells; the number of cells means the end.

    `stopped_cell` tells of the last cell before it that reached a bound.
    """

    task: str
    cell: int
    observations: dict[str, Observation]
    stopped_cell: Messages = ()

    @property
    def attempted(self) -> bool:
        """Whether there was anything to observe."""
        return attempted(self.observations)


@dataclass
class Run:
    """All that a notebook's run gave, as plain data that pickles.

    `observed` is what was observed of each task last, `earlier` what was before that, where the last answer is the one
    that was handed out. `stopped` says why it did not come to its end.

    `files_stopped` says the same of the files that were opened apart, by name. `timed_out`: a limit of time was met, by
    a cell, a probe or the whole. `waited` is for how many seconds a thread of it could run and got no core.
    `squeezed`: it was ended because the machine ran short of memory. `fault` is the traceback if our own code failed.
    """

    cells: dict[int, CellRun] = field(default_factory=dict)
    observed: dict[str, Observed] = field(default_factory=dict)
    earlier: dict[str, Observed] = field(default_factory=dict)
    variants: dict[tuple[str, str], dict[str, Observation]] = field(default_factory=dict)
    current_cell: int | None = None
    stopped: Message | None = None
    files_stopped: dict[str, Message] = field(default_factory=dict)
    seconds: float = 0.0
    timed_out: bool = False
    waited: float = 0.0
    squeezed: bool = False
    fault: str = ""

    def note(self, observed: Observed, job: RunJob) -> None:
        """Keep what was observed of a task, in place of what was before."""
        before = self.earlier.get(observed.task) or self.observed.get(observed.task)
        if before and any(observed.cell in cells for cells in job.as_handed_out.get(observed.task, ())):
            self.earlier[observed.task] = before
        else:
            self.earlier.pop(observed.task, None)
        self.observed[observed.task] = observed

    @property
    def was_crowded(self) -> bool:
        """Whether others may be why it met a limit: then it is fair to run it again, alone."""
        return self.squeezed or (self.timed_out and self.waited > CROWDED * self.seconds)

    def add(self, other: "Run", file: str) -> None:
        """Take what was observed of a file, apart from the notebook."""
        self.observed |= other.observed
        self.variants |= other.variants
        if other.stopped:
            self.files_stopped[file] = other.stopped
        self.seconds += other.seconds
        self.waited += other.waited
        self.timed_out |= other.timed_out
        self.squeezed |= other.squeezed
