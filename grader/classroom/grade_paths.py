"""Grades what lies at some paths: finds the submissions, grades them, and tells what was not graded."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType

from grader.classroom.grade_class import Tally, ungraded
from grader.classroom.grade_class import grade as grade_class
from grader.collecting.collect import collect
from grader.collecting.problems import learner_of, terminal_notes, without_taken
from grader.core.cores import cores
from grader.core.errors import SourceError, UsageError
from grader.core.limits import Limits
from grader.gradebook.gradebook import Gradebook
from grader.sandbox import Sandbox
from grader.units.course import open_course


class Progress:
    """Hears what happens while a class is graded. This one says nothing; the command line's draws a bar.

    >>> class Heard(Progress):
    ...     def found(self, learners):
    ...         print(len(learners), "to grade")
    >>> tally = grade(["submissions"], course="course", gradebook="class.db", progress=Heard())
    1 to grade
    """

    def found(self, learners: Sequence[str]) -> None:
        """The learner of each submission that was found."""

    def say(self, text: str) -> None:
        """A line about what takes long."""

    def problem(self, text: str) -> None:
        """A line about something that could not be graded."""

    def tell(self, problems: Iterable[str]) -> None:
        """Lines about what was not graded, or was taken in a way that somebody should know."""

    def note(self, text: str) -> None:
        """A line about a file that was left."""

    def done(self, tally: Tally) -> None:
        """A submission is done."""


def grade(
    paths: Sequence[Path | str] | Path | str, *, course: Path | str = ".",
    gradebook: str | Path | Gradebook = "gradebook.db",
    limits: Mapping[str, float] = MappingProxyType({}), jobs: int | None = None, walled: bool = True,
    again: bool = False, all_cells: bool = False, secret: Sequence[Path | str] = (), sandbox: Sandbox | None = None,
    progress: Progress | None = None,
) -> Tally:  # fmt: skip
    """Grade the notebooks, bundles and folders at these paths into a gradebook.

    `course` is the folder with `solutions/`; `gradebook` a file, a database's URL or an open one. `limits` go before
    each unit's own, by the names of the fields of `Limits`. `jobs` run at a time, by default one a core. Without
    `walled` there are no walls: only for code that you would run yourself. What the gradebook has is graded `again`
    only if that is asked for. Submissions see nothing of the course, the gradebook, the folders of `paths`, or
    `secret`.

    The tally says how many were graded; its `problems` are sentences, one for each file that was not graded. Raises
    UsageError if there is no course, or nothing to grade.

    >>> tally = grade(["submissions"], course="course", gradebook="class.db")
    >>> tally.graded, tally.problems
    (1, [])
    """
    heard = progress or Progress()
    where = [Path(path) for path in ([paths] if isinstance(paths, str | Path) else paths)]
    _check(limits, jobs)
    there = open_course(Path(course))
    opened: AbstractContextManager[Gradebook] = (
        nullcontext(gradebook) if isinstance(gradebook, Gradebook) else Gradebook(str(gradebook), heard.say)
    )
    with opened as book:
        found = collect(where, there, {learner for learner, _, _ in book.submissions()})
        if not found.submissions and not any(map(learner_of, found.problems)):
            for problem in found.problems[:-1]:
                heard.problem(problem)
            raise UsageError(found.problems[-1] if found.problems else "nothing was found that could be graded.")
        heard.found([submission.learner for submission in found.submissions])
        heard.tell(found.problems)
        tally = grade_class(
            found.submissions, there, book, limits, jobs=jobs or cores(), walled=walled, again=again,
            all_cells=all_cells, sandbox=sandbox, secret=[*map(_folder, where), *map(Path, secret)], say=heard.say,
            on_done=heard.done,
        )  # fmt: skip
        tally.problems += ungraded(book, found.submissions)
    heard.tell(tally.problems)
    tally.left = without_taken(found.left, tally.taken)
    for note in terminal_notes(tally.left):
        heard.note(note)
    tally.problems = [*found.problems, *tally.problems]
    return tally


def _check(limits: Mapping[str, float], jobs: int | None) -> None:
    """Raise UsageError for limits that there are not, or that mean nothing, and for no job."""
    if jobs is not None and not (isinstance(jobs, int) and jobs >= 1):
        raise UsageError(f"jobs is how many submissions are graded at a time, 1 or more, not {jobs!r}")
    known = [field.name for field in fields(Limits)]
    if unknown := [name for name in limits if name not in known]:
        raise UsageError(f"there is no limit {unknown[0]!r}; there are {', '.join(known)}")
    try:
        Limits(**limits)  # type: ignore[arg-type]
    except SourceError as error:
        raise UsageError(str(error)) from error


def _folder(path: Path) -> Path:
    """What a path leads to, or the folder that a file is in."""
    return path if path.is_dir() else path.parent
