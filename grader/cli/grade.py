"""The command that grades a class."""

from pathlib import Path
from typing import Annotated, Any

import typer

from grader.cli.options import CourseOption, GradebookOption, NoSandboxOption, limit_option, say
from grader.core.cores import cores
from grader.core.errors import UsageError


def grade(
    paths: Annotated[list[Path], typer.Argument(help="Notebooks, bundles, folders laid out <learner>/<unit>.ipynb.")],
    course: CourseOption = Path(),
    gradebook: GradebookOption = "gradebook.db",
    report: Annotated[Path | None, typer.Option(help="Write pages and scores.csv into this folder.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Submissions at a time.")] = cores(),
    timeout: Annotated[float | None, limit_option(1, "S", "Seconds for one notebook; a cell may take half.")] = None,
    cpu: Annotated[float | None, limit_option(1, "S", "Seconds of CPU time, on all cores together.")] = None,
    memory: Annotated[float | None, limit_option(0.1, "GIB", "GiB of memory.")] = None,
    processes: Annotated[int | None, limit_option(1, "N", "Processes and threads.")] = None,
    file_size: Annotated[
        float | None, limit_option(1, "MIB", "MiB in one file; the work folder holds twice as much.")
    ] = None,
    output: Annotated[float | None, limit_option(0.1, "MIB", "MiB of output.")] = None,
    all_cells: Annotated[
        bool, typer.Option("--all-cells", help="Run also the lab's own unchanged experiments.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Grade also what the gradebook has.")] = False,
    no_sandbox: NoSandboxOption = False,
) -> None:
    """Grade submissions. Exit status: 0 all graded, 1 some could not be graded, 2 wrong use."""
    from grader.sandbox import Sandbox

    limits = {
        name: value if size == 1 else int(value * size)
        for name, value, size in (
            ("seconds", timeout, 1), ("cpu_seconds", cpu, 1), ("memory", memory, 2**30), ("processes", processes, 1),
            ("file_bytes", file_size, 2**20), ("output_bytes", output, 2**20),
        )
        if value
    }  # fmt: skip
    # It begins beside the imports below and the reading of the class, which take as long.
    with Sandbox(None, walled=not no_sandbox, jobs=jobs) as sandbox:
        complete = _grade(
            paths, course, gradebook, report, limits, sandbox, jobs=jobs, walled=not no_sandbox, again=again,
            all_cells=all_cells, secret=[*map(_folder, paths), *([report] if report else [])],
        )  # fmt: skip
    raise typer.Exit(0 if complete else 1)


def _folder(path: Path) -> Path:
    """What a path leads to, or the folder that a file is in."""
    return path if path.is_dir() else path.parent


def _grade(
    paths: list[Path], course: Path, gradebook: str, report: Path | None, limits: dict[str, float], sandbox: Any,
    **how: Any,
) -> bool:  # fmt: skip
    """Grade and report; False where something could not be graded."""
    from grader.classroom.grade_class import grade as grade_class
    from grader.classroom.grade_class import ungraded
    from grader.cli.progress_meter import Meter
    from grader.collecting.collect import collect
    from grader.collecting.problems import Kind, learner_of, of_kind, terminal_notes, without_taken
    from grader.gradebook.gradebook import Gradebook
    from grader.units.course import open_course

    there = open_course(course)
    with Gradebook(gradebook, say) as book:
        found = collect(paths, there, {learner for learner, _, _ in book.submissions()})
        handed_in, problems = found.submissions, found.problems
        if not handed_in and not any(map(learner_of, problems)):
            for problem in problems[:-1]:
                Meter(0).problem(problem)
            raise UsageError(problems[-1] if problems else "nothing was found that could be graded.")
        if report:
            from grader.report.report_folder import make_folder, write_report

            make_folder(report)  # before hours of grading, not after
        with Meter(len(handed_in)) as meter:
            meter.found([submission.learner for submission in handed_in])
            meter.tell(problems)
            tally = grade_class(
                handed_in, there, book, limits, sandbox=sandbox, say=meter.say, on_done=meter.done, **how
            )
            tally.problems += ungraded(book, handed_in)
            meter.tell(tally.problems)
            left = without_taken(found.left, tally.taken)
            for note in terminal_notes(left):
                meter.note(note)
        problems += tally.problems
        typer.echo(meter.summary())
        if report:
            index = write_report(report, book, there, problems + left)
            typer.echo(f"Report: {index}")
        return not of_kind(problems, Kind.REFUSED)
