"""Every error that a person can cause. The command line prints its one sentence, never a traceback.

GraderError
├── UsageError          the command was called with something that does not exist or cannot be used
├── FileError           a file of the course cannot be read or written
├── NotPassedError      there is nothing to certify
├── SourceError         a unit's source is wrong: the author mends it
├── SubmissionError     a learner's file cannot be read as a notebook, or as a bundle
├── ValuesError         bytes or values that are not plain values
├── GradebookError      the gradebook cannot be opened or written
│   └── ClaimLostError      another command has taken over a run
├── FullDiskError       a file system is full: make room and go on
└── SandboxError        the sandbox cannot run here, or could not run a notebook
    ├── MissingWallError    a wall cannot be raised on this machine, whatever is run
    ├── NoServerError       the fork server does not start
    ├── ServerStoppedError  the fork server ended while a notebook ran
    ├── CrowdedError        a notebook met a limit because others took the machine: run it again, alone
    └── OtherSystemError    there is no sandbox on this system, with or without walls
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager


class GraderError(Exception):
    """Base of all errors that tell a person what is wrong and what to do, in one sentence.

    >>> try:
    ...     grader.grade(["submissions"], course="nowhere")
    ... except grader.GraderError as error:
    ...     print(type(error).__name__)
    UsageError
    """


class UsageError(GraderError):
    """The command was called with something that does not exist or cannot be used."""


class FileError(GraderError):
    """A file of the course cannot be read or written."""


class NotPassedError(GraderError):
    """A certificate was asked for, and there is nothing to certify."""


class SourceError(GraderError):
    """A unit's source is wrong: its author mends it."""


class SubmissionError(GraderError):
    """A learner's file cannot be read as a notebook of this course, or as a bundle.

    `said` is why, as a message of the catalogue, if it is one: see `grader.core.messages.refused`.
    """

    def __init__(self, text: str, said: object = None) -> None:
        super().__init__(text)
        self.said = said


class ValuesError(GraderError):
    """A value is not plain, or bytes do not hold one."""


class GradebookError(GraderError):
    """The gradebook cannot be opened or written."""


class ClaimLostError(GradebookError):
    """Another command took this one for dead and has taken over a run."""


class FullDiskError(GraderError):
    """The file system is full that something lies on."""

    def __init__(self, what: object) -> None:
        super().__init__(f"the disk holding {what} is full: make room, then give the same command again")


class SandboxError(GraderError):
    """The sandbox cannot run on this machine, or could not run a notebook."""


class MissingWallError(SandboxError):
    """A wall cannot be raised on this machine: tried before any notebook runs, so that none can be the reason."""


class NoServerError(SandboxError):
    """The fork server does not start, even a second time."""


class CrowdedError(SandboxError):
    """A notebook met a limit while others had the processor or the memory: it is to run again, alone."""


class ServerStoppedError(SandboxError):
    """The fork server ended while a notebook ran, or does not answer."""


class OtherSystemError(SandboxError):
    """What a sandbox is made of, Linux alone has."""


@contextmanager
def full_disk_told(what: object) -> Iterator[None]:
    """Raise FullDiskError where what is written within finds no room."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise FullDiskError(what) from error
        raise
