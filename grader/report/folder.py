"""Writes the report folder: scores.csv, a feedback page for each submission, and the class's index.html."""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from grader.course import Course
from grader.errors import GraderError, UsageError, full_disk_told
from grader.gradebook import Gradebook, Outcome
from grader.report.feedback import Feedback, FeedbackCell, feedback_html
from grader.report.overview import class_html
from grader.report.scores import scores_csv


def make_folder(folder: Path) -> None:
    """Make the report folder. Raises UsageError where nothing can be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
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
    links = {}
    try:
        with full_disk_told(f"the report {folder}"):
            _remove_partial(folder)
            for learner, unit, _ in gradebook.submissions():
                page = folder / "feedback" / learner / f"{unit}.html"
                links[learner, unit] = quote(page.relative_to(folder).as_posix(), errors="surrogateescape")
                _write_feedback(page, _feedback(gradebook.outcome(learner, unit), titles.get(unit, unit)))
            rows = gradebook.score_rows()
            _write(folder / "scores.csv", scores_csv(rows))
            index = folder / "index.html"
            _write(index, class_html(rows, titles, hints, problems, gradebook.all_walled(), links))
    except OSError as error:
        raise UsageError(f"the report cannot be written to {folder}: {error.strerror}") from error
    return index


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
    cells = [FeedbackCell(c["cell_type"], c["source"], c.get("outputs", [])) for c in outcome.executed["cells"]]
    return Feedback(
        outcome.learner, outcome.unit, title, cells, outcome.verdicts, outcome.stopped,
        outcome.executed.get("stopped_cell"), outcome.walled, outcome.executed.get("causes", ()),
    )  # fmt: skip


def _write_feedback(page: Path, feedback: Feedback) -> None:
    """A stamp at the page's end says what it was drawn from: to compare it takes less time than to draw again."""
    stamp = f"<!-- {hashlib.sha256(repr(feedback).encode('utf-8', 'surrogatepass')).hexdigest()} -->\n"
    if not page.is_file() or not page.read_text(encoding="utf-8", errors="replace").endswith(stamp):
        _write(page, feedback_html(feedback) + stamp)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.stem}.{os.getpid()}.part")  # another command may write the same page
    try:
        partial.write_text(text, encoding="utf-8", errors="replace")
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def _remove_partial(folder: Path) -> None:
    """Remove what commands left that were killed while they wrote."""
    for partial in folder.rglob("*.*.part"):
        if not Path("/proc", partial.suffixes[-2][1:]).is_dir():
            partial.unlink(missing_ok=True)
