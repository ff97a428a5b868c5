"""Every error that a person can cause. The command line prints its one sentence, never a traceback.

GraderError
├── UsageError          the command was called with something that does not exist or cannot be used
├── SourceError         a unit's source is wrong: the author mends it
├── SubmissionError     a learner's file cannot be read as a notebook
├── ValuesError         bytes or values that are not plain values
├── GradebookError      the gradebook cannot be opened or written
└── SandboxError        the sandbox cannot run here, or stopped
"""


class GraderError(Exception):
    """Base of all errors that tell a person what is wrong and what to do."""


class UsageError(GraderError):
    """The command was called with something that does not exist or cannot be used."""


class SourceError(GraderError):
    """A unit's source is wrong: its author mends it."""


class SubmissionError(GraderError):
    """A learner's file cannot be read as a notebook of this course."""


class ValuesError(GraderError):
    """A value is not plain, or bytes do not hold one."""


class GradebookError(GraderError):
    """The gradebook cannot be opened or written."""


class SandboxError(GraderError):
    """The sandbox cannot run on this machine, or stopped."""
