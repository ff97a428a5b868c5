"""Every message between the grader, its fork server and a submission's process, as a typed structure.

A message is a JSON object; its field `kind` tells which. `from_submission` refuses what is none, or has a field too
many, too few or of another type. How large a message may be is bounded before, by the channel; what its values mean is
not looked at here. Nothing that a submission sends is trusted.
"""

from typing import Annotated, Any

import msgspec

from grader.core.errors import ValuesError
from grader.core.text import one_line
from grader.core.values import dumps, loads

MOST_FAILED = 20  # statements of a cell below which it goes on

CellNumber = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
Form = dict[str, Any]


class _Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """What all messages have in common."""


class FilePiece(_Message, frozen=True, tag="file"):
    """To the submission: a part of a file that its notebook will find, in base64; a large one comes in several."""

    name: str
    piece: str


class Job(_Message, frozen=True, tag="job"):
    """To the submission, after the files: the notebook's cells, and the names of the tasks to observe."""

    cells: list[Form]
    tasks: list[str]


class Probes(_Message, frozen=True, tag="probes"):
    """To the submission, in answer to `Reached`: a task's probes, their time in seconds, and answers to try beside."""

    probes: list[Form]
    seconds: float
    variants: dict[str, str] = {}


class Begin(_Message, frozen=True, tag="begin"):
    """From the submission: a cell begins."""

    cell: CellNumber


class Cell(_Message, frozen=True, tag="cell"):
    """From the submission: a cell has ended. `bound` names the limit that stopped it, or is "".

    `failed` are the statements that failed while the cell went on: each with the kind and the text of its error.
    """

    cell: CellNumber
    outputs: list[Form]
    seconds: float = 0.0
    bound: str = ""
    failed: Annotated[list[tuple[str, str, str]], msgspec.Meta(max_length=MOST_FAILED)] = []


class Reached(_Message, frozen=True, tag="reached"):
    """From the submission: a check of a task was reached, below a cell."""

    task: str
    cell: CellNumber


class ObservedValues(_Message, frozen=True, tag="observed"):
    """From the submission: what the probes of a task saw, by their names; of the notebook's answer, or of a variant."""

    task: str
    observations: dict[str, Form]
    variant: str = ""


class Fault(_Message, frozen=True, tag="fault"):
    """From the submission's process, where our own code failed: the traceback."""

    traceback: str


class End(_Message, frozen=True, tag="end"):
    """From the submission: all is done; `late` if there was no time for the last cells."""

    late: bool = False


class Preload(_Message, frozen=True, tag="preload"):
    """To the fork server, once: the modules to import, what the walls leave readable, and what of that is secret."""

    modules: list[str]
    readable: list[str]
    secret: list[str]


class Fork(_Message, frozen=True, tag="fork"):
    """To the fork server: a run is wanted in the folder `work`, with these limits, on these cores."""

    work: str
    limits: dict[str, int | float]
    walled: bool
    cores: list[int]


class Started(_Message, frozen=True, tag="started"):
    """From the fork server's child: the process that runs the submission; its pidfd comes along."""

    pid: int


class Exited(_Message, frozen=True, tag="exited"):
    """From the fork server's child: the exit code of that process, a signal's as its negative number."""

    code: int


class Refused(_Message, frozen=True, tag="refused"):
    """From the fork server's child: why nothing could be run, such as a wall that cannot be raised."""

    error: str


Status = Started | Exited | Refused
ToServer = Preload | Fork
ToSubmission = FilePiece | Job | Probes
FromSubmission = Begin | Cell | Reached | ObservedValues | Fault | End


def form_of(message: ToSubmission | FromSubmission) -> Form:
    """The JSON object of a message.

    >>> form_of(Begin(3))
    {'kind': 'begin', 'cell': 3}
    """
    form: Form = msgspec.to_builtins(message, builtin_types=(bytes,))
    return form


def from_submission(form: Any) -> FromSubmission:
    """The message that a submission sent. Raises ValuesError, in a line, for anything that is none."""
    try:
        return msgspec.convert(form, FromSubmission, strict=True)
    except (msgspec.ValidationError, UnicodeError, RecursionError) as error:
        raise ValuesError(f"no message: {one_line(str(error))}") from error


def to_submission(form: Any) -> ToSubmission:
    """The message that the grader sent."""
    return msgspec.convert(form, ToSubmission, strict=True)


def line_of(message: Status | ToServer) -> bytes:
    """A message as a line of JSON. A path may hold bytes that are no UTF-8: they come through."""
    return dumps(msgspec.to_builtins(message)) + b"\n"


def statuses(data: bytes) -> list[Status]:
    """The messages in lines that the fork server's child wrote."""
    return [msgspec.convert(loads(line), Status) for line in data.split(b"\n") if line]


def to_server(line: bytes) -> ToServer:
    """The message that the grader sent to the fork server."""
    return msgspec.convert(loads(line), ToServer)
