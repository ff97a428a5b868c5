"""What is asked of a submission's run, and what it gave."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from grader.observe import Observation, PlannedProbe, attempted, planned_to_json

MOST_FAILED = 20  # statements of a cell below which it goes on
HANDED_IN = ".handed_in"  # in the work folder: files as they were handed in, whatever the notebook writes


@dataclass(frozen=True)
class TaskPlan:
    """What is observed of one task: its probes, their time, and other answers to observe beside the notebook's."""

    probes: Sequence[PlannedProbe]
    seconds: float
    variants: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def request(self) -> dict[str, Any]:
        """What the learner's process is sent, the same for every submission."""
        probes = [planned_to_json(probe) for probe in self.probes]
        return {"probes": probes, "seconds": self.seconds, "variants": dict(self.variants)}


@dataclass(frozen=True)
class FailedStatement:
    """A statement of a cell that failed while the cell went on below it, and its error. All of it a learner's text."""

    statement: str
    kind: str
    message: str


@dataclass(frozen=True)
class CellRun:
    """What one cell gave: nbformat outputs, its wall time in seconds, and the bound that stopped it, after "it"."""

    outputs: list[dict[str, Any]]
    seconds: float
    bound: str = ""
    failed: tuple[FailedStatement, ...] = ()


@dataclass(frozen=True)
class Observed:
    """The observations of one task where a check stood: `cell` counts all cells; the number of cells means the end.

    `stopped_cell` is a sentence about the last cell before it that reached a bound, or "".
    """

    task: str
    cell: int
    observations: dict[str, Observation]
    stopped_cell: str = ""

    @property
    def attempted(self) -> bool:
        """Whether there was anything to observe."""
        return attempted(self.observations)


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
