"""A class of the toy course, graded in the sandbox of all tests."""

from collections.abc import Callable
from typing import Any

from grader.classroom.grade_class import Tally, grade
from grader.collecting.collect import find_submissions
from grader.collecting.problems import Kind, of_kind
from grader.gradebook.gradebook import Gradebook
from grader.judging.verdict import State
from grader.sandbox import Sandbox
from grader.units.course import Course

LIMITS = {"seconds": 20, "memory": 2**28}


class Kept:
    """A sandbox that stays open."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def __enter__(self) -> Sandbox:
        return self._sandbox

    def __exit__(self, *_: object) -> None:
        pass


def grader_of(course: Course, book: Gradebook) -> Callable[..., Tally]:
    """A function that grades a folder of which nothing is refused."""

    def grade_folder(folder: Any, limits: Any = LIMITS, **more: Any) -> Tally:
        handed_in, problems = find_submissions([folder], course)
        assert of_kind(problems, Kind.REFUSED) == []
        return grade(handed_in, course, book, limits, jobs=2, **more)

    return grade_folder


def states(book: Gradebook, learner: str = "001") -> dict[str, State]:
    """A learner's verdicts, by task."""
    return {row.task: row.verdict for row in book.score_rows() if row.learner == learner}
