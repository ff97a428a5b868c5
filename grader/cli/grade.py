"""The command that grades a class."""

from pathlib import Path
from typing import Annotated, Any

import typer

from grader.cli.options import CourseOption, GradebookOption, NoSandboxOption, limit_option, say
from grader.core.cores import cores


def grade(
    paths: Annotated[list[Path], typer.Argument(help="Notebooks, bundles, folders of <learner>/<unit>.ipynb.")],
    course: CourseOption = Path(),
    gradebook: GradebookOption = "gradebook.db",
    report: Annotated[Path | None, typer.Option(help="Write pages and scores.csv into this folder.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Submissions to run at a time.")] = cores(),
    timeout: Annotated[float | None, limit_option(1, "S", "Seconds for one notebook; half of it for a cell.")] = None,
    cpu: Annotated[float | None, limit_option(1, "S", "Seconds of CPU time, on all cores together.")] = None,
    memory: Annotated[float | None, limit_option(0.1, "GIB", "GiB of memory.")] = None,
    processes: Annotated[int | None, limit_option(1, "N", "Processes and threads.")] = None,
    file_size: Annotated[
        float | None, limit_option(1, "MIB", "MiB in one file; the work folder may hold twice as much.")
    ] = None,
    output: Annotated[float | None, limit_option(0.1, "MIB", "MiB of output.")] = None,
    all_cells: Annotated[
        bool, typer.Option("--all-cells", help="Also run the lab's own experiments, even if unchanged.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Regrade submissions that already have a grade.")] = False,
    no_sandbox: NoSandboxOption = False,
) -> None:
    """Grade submissions. Exit status: 0 all graded, 1 some could not be graded, 2 incorrect use."""
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
            paths, course, gradebook, report, limits=limits, sandbox=sandbox, jobs=jobs, walled=not no_sandbox,
            again=again, all_cells=all_cells, secret=[report] if report else [],
        )  # fmt: skip
    raise typer.Exit(0 if complete else 1)


def _grade(paths: list[Path], course: Path, gradebook: str, report: Path | None, **how: Any) -> bool:
    """Grade and report; False if something could not be graded."""
    from grader.classroom.grade_paths import grade as grade_paths
    from grader.cli.progress_meter import Meter
    from grader.collecting.problems import Kind, of_kind
    from grader.gradebook.gradebook import Gradebook
    from grader.units.course import open_course

    there = open_course(course)
    with Gradebook(gradebook, say) as book, Meter(before=lambda: _make_folder(report)) as meter:
        tally = grade_paths(paths, course=course, gradebook=book, progress=meter, **how)
        meter.stop()
        typer.echo(meter.summary())
        if report:
            from grader.report.report_folder import write_report

            index = write_report(report, book, there, tally.problems + tally.left)
            typer.echo(f"Report: {index}")
        return not of_kind(tally.problems, Kind.REFUSED)


def _make_folder(report: Path | None) -> None:
    """Before hours of grading, not after: whether a report can be written at all."""
    if report:
        from grader.report.report_folder import make_folder

        make_folder(report)
