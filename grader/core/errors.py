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
    """The command was called with something that does not exist or cannot be used.

    >>> grader.grade(["no such folder"], course="course")
    Traceback (most recent call last):
    UsageError: no such folder: it cannot be read (No such file or directory).
    """


class FileError(GraderError):
    """A file of the course cannot be read or written.

    >>> from pathlib import Path
    >>> from grader.authoring.build import build
    >>> from grader.sandbox import Sandbox
    >>> from grader.units.course import open_course
    >>> course = open_course(Path("course"))
    >>> course.checks("toy").mkdir(parents=True)  # in the way of the file of this name
    >>> build(course.unit("toy"), course, Sandbox([]))
    Traceback (most recent call last):
    FileError: course/labs/.checks/toy.json cannot be written (Is a directory)
    """


class NotPassedError(GraderError):
    """A certificate was asked for, and there is nothing to certify.

    >>> from pathlib import Path
    >>> from grader.certificates.certificate import certified_unit
    >>> from grader.units.course import open_course
    >>> _ = grader.grade(["submissions"], course="course", gradebook="class.db")
    >>> with grader.Gradebook("class.db") as gradebook:
    ...     certified_unit("001", gradebook, open_course(Path("course")))
    Traceback (most recent call last):
    NotPassedError: of what learner '001' handed in, nothing gives a certificate
    """


class SourceError(GraderError):
    """A unit's source is wrong: its author mends it.

    >>> grader.Task("two words")
    Traceback (most recent call last):
    SourceError: a task's name must be a Python name; 'two words' is none
    """


class SubmissionError(GraderError):
    """A learner's file cannot be read as a notebook of this course, or as a bundle.

    `said` is why, as a message of the catalogue, if it is one: see `grader.core.messages.refused`.

    >>> from grader.notebooks.notebook_file import read_submission
    >>> read_submission(b"")
    Traceback (most recent call last):
    SubmissionError: the file is empty. Open the notebook, save it, and hand it in again.
    """

    def __init__(self, text: str, said: object = None) -> None:
        super().__init__(text)
        self.said = said


class ValuesError(GraderError):
    """A value is not plain, or bytes do not hold one.

    >>> from grader.core.values import to_plain
    >>> to_plain({1, 2})
    Traceback (most recent call last):
    ValuesError: a set is neither a number, a text, a list nor an array
    """


class GradebookError(GraderError):
    """The gradebook cannot be opened or written.

    >>> grader.Gradebook("no such folder/class.db")
    Traceback (most recent call last):
    GradebookError: the gradebook no such folder/class.db cannot be opened: the folder no such folder does not exist
    """


class ClaimLostError(GradebookError):
    """Another command took this one for dead and has taken over a run."""


class FullDiskError(GraderError):
    """The disk that holds something is full.

    >>> print(grader.FullDiskError("class.db"))
    the disk holding class.db is full: make room, then give the same command again
    """

    def __init__(self, what: object) -> None:
        super().__init__(f"the disk holding {what} is full: make room, then give the same command again")


class SandboxError(GraderError):
    """The sandbox cannot run on this machine, or could not run a notebook.

    >>> try:
    ...     tally = grader.grade(["submissions"], course="course", gradebook="class.db")
    ... except grader.SandboxError as error:
    ...     print("not everything is graded:", error)
    ... else:
    ...     print(tally.graded, "graded")
    1 graded
    """


class MissingWallError(SandboxError):
    """A wall cannot be raised on this machine: tried before any notebook runs, so that none can be the reason.

    >>> try:
    ...     tally = grader.grade(["submissions"], course="course", gradebook="class.db")
    ... except grader.MissingWallError as error:
    ...     print("nothing is graded here:", error)
    ... else:
    ...     print(tally.graded, "graded")
    1 graded
    """


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
