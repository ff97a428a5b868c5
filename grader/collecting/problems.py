"""What was handed in and is not graded, or was taken in a way that somebody should know: a sentence for each."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from grader.core.errors import FullDiskError, GradebookError, SubmissionError
from grader.core.text import one_line

_NAMED = 5  # files that a line names
_NOTES = 10  # lines about files that were left, which a terminal shows


class Kind(Enum):
    """What a problem is to whoever grades."""

    REFUSED = "was handed in and is not graded"
    CHOICE = "is graded, but somebody should look at how it was taken"
    LEFT = "is beside what is graded and was not included"


class Problem(str):
    """A sentence, with the path before it, that also knows whose it is: "" where that is nobody in particular.

    `full` is the sentence with everything that it is about, where that is more than a line should hold.
    """

    learner: str
    kind: Kind
    full: str

    def __new__(cls, text: str, learner: str = "", kind: Kind = Kind.REFUSED, full: str = "") -> "Problem":
        """A problem of this kind."""
        problem = str.__new__(cls, text)
        problem.learner, problem.kind, problem.full = learner, kind, full or text
        return problem


class Left(Problem):
    """The sentence about files in a folder that were not taken; `more` were only counted."""

    at: Path
    files: tuple[str, ...]
    more: int

    def __new__(cls, at: Path, learner: str, files: Iterable[str], more: int = 0) -> "Left":  # type: ignore[misc]
        """The sentence about these files."""
        files = tuple(files)
        left = str.__new__(cls, _left_text(at, files, more, _NAMED))
        left.learner, left.kind, left.full = learner, Kind.LEFT, _left_text(at, files, more, len(files))
        left.at, left.files, left.more = at, files, more
        return left


def named(files: Sequence[str], more: int = 0, most: int = _NAMED) -> str:
    """Files as a line names them: the first few, and how many there are besides."""
    shown = ", ".join(f"`{one_line(name, 100)}`" for name in files[:most])
    rest = max(len(files) - most, 0) + more
    return f"{shown} and {rest:,} more" if rest else shown


def in_full(problem: str) -> str:
    """The sentence with everything that it is about."""
    return problem.full if isinstance(problem, Problem) else problem


def _left_text(at: Path, files: Sequence[str], more: int, most: int) -> str:
    count = len(files) + more
    what = "other file was" if count == 1 else "other files were"
    names = f": {named(files, more, most)}" if files else ""
    return f"{one_line(str(at))}: {count:,} {what} not taken{names}."


@contextmanager
def told(what: object, learner: str, problems: list[str]) -> Iterator[None]:
    """Whatever goes wrong within, with one learner's file, becomes a line, and the class goes on.

    Raises GradebookError and FullDiskError all the same: then nothing of anybody can be kept.
    """
    try:
        yield
    except (GradebookError, FullDiskError):
        raise
    except Exception as error:  # also what nobody thought of
        problems.append(Problem(f"{one_line(str(what))}: {reason(error)}", learner))


def reason(error: Exception) -> str:
    """Why a file cannot be read, in a sentence."""
    if isinstance(error, SubmissionError):
        return one_line(str(error), 500)
    why = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}".rstrip(": ")
    return f"it cannot be read ({one_line(why, 200)})."


def kind_of(problem: str) -> Kind:
    """What a problem is; a plain sentence is about something that was not graded."""
    return problem.kind if isinstance(problem, Problem) else Kind.REFUSED


def learner_of(problem: str) -> str:
    """Whose a problem is, or ""."""
    return problem.learner if isinstance(problem, Problem) else ""


def of_kind(problems: Iterable[str], *kinds: Kind) -> list[str]:
    """The problems of some kinds, in order."""
    return [problem for problem in problems if kind_of(problem) in kinds]


def without_taken(problems: Iterable[str], taken: Collection[Path]) -> list[str]:
    """The problems, where sentences about files no longer name those that went along with a notebook."""
    kept: list[str] = []
    for problem in problems:
        if isinstance(problem, Left):
            files = [name for name in problem.files if problem.at / name not in taken]
            kept += [Left(problem.at, problem.learner, files, problem.more)] if files or problem.more else []
        else:
            kept.append(problem)
    return kept


def terminal_notes(problems: Iterable[str]) -> list[str]:
    """What a terminal shows of the files that were left: a few lines, and how many folders have more."""
    notes = of_kind(problems, Kind.LEFT)
    if len(notes) <= _NOTES:
        return notes
    rest = len(notes) - _NOTES + 1
    return [*notes[: _NOTES - 1], f"{rest:,} more folders hold files that were not taken; the report lists them."]
