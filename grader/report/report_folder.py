"""Writes the report folder: scores.csv, a feedback page for each submission, and the class's index.html."""

import hashlib
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from urllib.parse import quote

from grader.core import catalogue, messages
from grader.core.errors import GradebookError, GraderError, UsageError, full_disk_told
from grader.core.files import atomic_write, private_folder, remove_left
from grader.gradebook.gradebook import Gradebook, Outcome
from grader.gradebook.scores import scores_csv
from grader.learner import card
from grader.report.feedback import Feedback, FeedbackCell, feedback_html
from grader.report.learner_names import file_names
from grader.report.overview import class_html
from grader.units.course import Course

PARTIAL = ".partial"  # what is half written; no page, and so no learner's id, is ever named so


def make_folder(folder: Path) -> None:
    """Make the report folder. Raises UsageError where nothing can be written into it."""
    try:
        private_folder(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(f"the report cannot be written to {folder}: {error.strerror}") from error


def write_report(folder: Path, gradebook: Gradebook, course: Course, problems: Sequence[str]) -> Path:
    """Write the pages of everything in the gradebook; a feedback page only where it is not there as it would be.

    Returns the path of the class's page. Raises UsageError where the folder cannot be written, FullDiskError
    where its disk is full; then no page is half written.
    """
    titles, hints = _course_texts(course)
    links: dict[tuple[str, str], str] = {}
    damaged: list[str] = []
    try:
        with full_disk_told(f"the report {folder}"):
            remove_left(private_folder(folder / PARTIAL))
            graded = gradebook.submissions()
            learners = file_names({learner for learner, _, _ in graded})
            units = file_names({unit for _, unit, _ in graded})
            for learner, unit, _ in graded:
                page = Path("feedback", learners[learner], f"{units[unit]}.html")
                try:
                    feedback = _feedback(gradebook.outcome(learner, unit), titles.get(unit, unit))
                except GradebookError as error:
                    damaged.append(f"{error}: there is no page of it; grade it again, with --again.")
                    continue
                links[learner, unit] = quote(page.as_posix())
                _write_feedback(folder, page, feedback)
            rows = gradebook.score_rows()
            _write(folder, Path("scores.csv"), scores_csv(rows))
            index = class_html(rows, titles, hints, [*problems, *damaged], gradebook.all_walled(), links)
            _write(folder, Path("index.html"), index)
    except OSError as error:
        raise UsageError(f"the report cannot be written to {folder}: {error.strerror}") from error
    return folder / "index.html"


def _course_texts(course: Course) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Titles by unit, and hints by unit and task.misconception. A broken source has neither."""
    titles: dict[str, str] = {}
    hints: dict[tuple[str, str], str] = {}
    for name in course.sources:
        try:
            unit = course.unit(name)
        except GraderError:
            titles[name] = name  # its problem was told when its submissions were not graded
            continue
        titles[name] = unit.title
        for task in unit.tasks.values():
            for misconception in task.misconceptions.values():
                hints[name, f"{task.name}.{misconception.name}"] = misconception.hint
    return titles, hints


def _feedback(outcome: Outcome, title: str) -> Feedback:
    """What a page shows. Raises GradebookError if the notebook that the gradebook has is none."""
    try:
        cells = [FeedbackCell(c["cell_type"], c["source"], c.get("outputs", [])) for c in outcome.executed["cells"]]
    except (KeyError, TypeError, AttributeError) as error:
        what = f"what the gradebook has of {outcome.unit} by learner {outcome.learner!r} is damaged"
        raise GradebookError(what) from error
    return Feedback(
        outcome.learner, outcome.unit, title, cells, outcome.verdicts, outcome.stopped,
        outcome.executed.get("stopped_cell"), outcome.walled, outcome.causes,
    )  # fmt: skip


def _write_feedback(folder: Path, name: Path, feedback: Feedback) -> None:
    """A stamp at the page's end says what it was drawn from: to compare it takes less time than to draw again."""
    drawn_from = f"{_drawing()} {feedback!r}".encode("utf-8", "surrogatepass")
    stamp = f"<!-- {hashlib.sha256(drawn_from).hexdigest()} -->\n"
    page = folder / name
    if not page.is_file() or not page.read_text(encoding="utf-8", errors="replace").endswith(stamp):
        _write(folder, name, feedback_html(feedback) + stamp)


@cache
def _drawing() -> str:
    """What tells this version's way to draw pages from any other: theirs are drawn again."""
    here = Path(__file__).parent
    words = [Path(messages.__file__), *Path(catalogue.__file__).parent.glob("*.py")]
    files = sorted([Path(card.__file__), *words, *here.glob("*.py"), *here.glob("templates/*.*")])
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _write(folder: Path, name: Path, text: str) -> None:
    private_folder((folder / name).parent)
    atomic_write(folder / name, text.encode("utf-8", "replace"), partial=folder / PARTIAL, private=True)
