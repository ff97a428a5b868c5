"""What a submission may take of time, memory, processes and space; and what to say of each bound that is reached."""

from dataclasses import dataclass, fields

from grader.core.cores import cores, memory
from grader.core.errors import SourceError
from grader.core.messages import Message, message
from grader.core.text import size_text

GIB, MIB = 2**30, 2**20
_MOST, _MOST_SECONDS = 2**50, 1e9  # nobody means more


@dataclass(frozen=True)
class Limits:
    """Bounds of one submission's run. An author may set them for a unit, an instructor for a call.

    `seconds` of wall time for the whole notebook. A single cell may take half of it, then it is interrupted and the
    next one runs. When nine tenths are over no further cell runs: what is defined by then is observed. `cpu_seconds`
    of all processes together; 0 means `seconds` on every core. `memory` in bytes, resident, above what the server
    had. `processes` counts threads, too. `file_bytes` bounds one file, twice as much the whole work folder.
    `output_bytes` is for the notebook, `cell_text` characters for one cell.

    >>> Limits(seconds=120, memory=2**30).cell_seconds
    60.0
    """

    seconds: float = 300.0
    cpu_seconds: float = 0.0
    memory: int = 3 * GIB
    processes: int = 256
    file_bytes: int = 256 * MIB
    output_bytes: int = 8 * MIB
    cell_text: int = 256 * 2**10

    def __post_init__(self) -> None:
        for bound in fields(self):
            value = getattr(self, bound.name)
            most = _MOST_SECONDS if "seconds" in bound.name else _MOST
            least = 0 if bound.name == "cpu_seconds" else 1e-9
            if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < most:
                raise SourceError(f"the limit {bound.name} must be a number above 0, not {value!r}")
            if bound.type in (int, "int"):  # the kernel takes whole numbers alone
                object.__setattr__(self, bound.name, max(int(value), 1))

    @property
    def cell_seconds(self) -> float:
        """Wall time of one cell."""
        return self.seconds / 2

    @property
    def last_call(self) -> float:
        """Wall time after which no further cell runs."""
        return self.seconds * 0.9

    @property
    def cpu(self) -> float:
        """CPU time of all processes together, in seconds."""
        return self.cpu_seconds or self.seconds * cores()

    def reached(self, kind: str) -> Message | None:
        """What to say of a bound that a cell or a whole run reached; None for what is no bound."""
        match kind:
            case "seconds":
                return message("limit.seconds", seconds=self.seconds)
            case "cpu":
                return message("limit.cpu", seconds=self.cpu)
            case "resident":
                return message("limit.resident", memory=self.memory)
            case "cell seconds":
                return message("limit.cell_seconds", seconds=self.cell_seconds)
            case "memory":
                return message("limit.memory", memory=self.memory)
            case "processes":
                return message("limit.processes", count=self.processes)
            case "file":
                return message("limit.file", size=self.file_bytes)
            case "disk":
                return message("limit.disk", size=2 * self.file_bytes)
            case "output":
                return message("limit.output", cell=self.cell_text, notebook=self.output_bytes)
        return None


def memory_warning(jobs: int, each: int) -> str:
    """A line if so many notebooks at a time may want more memory than there is; else ""."""
    there = memory()
    if jobs * each <= there:
        return ""
    fitting = max(there // each, 1)
    return (
        f"{jobs} notebooks at a time may take {size_text(each)} of memory each, and there are {there / GIB:.3g} GiB: "
        f"if that is too little, give --jobs {fitting} or a lower --memory."
    )
