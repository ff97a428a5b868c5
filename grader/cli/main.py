"""The command line: build and verify units, grade a class, read the gradebook. Thin: each command calls one room."""

import io
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from grader.cli.results import (
    CourseOption,
    GradebookOption,
    certificate,
    forget,
    key_app,
    say,
    scores,
    verify_certificate,
)
from grader.core.cores import cores
from grader.core.errors import (
    FileError,
    FullDiskError,
    GraderError,
    MissingWallError,
    NotPassedError,
    SandboxError,
    SourceError,
    SubmissionError,
    UsageError,
)

MOST = 1e6  # of any limit: nobody means more

app = typer.Typer(
    name="grader", add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Build, verify and grade notebooks. A submission runs behind walls; its values are judged outside.",
)  # fmt: skip

UnitsArgument = Annotated[list[str] | None, typer.Argument(metavar="[UNIT]...", help="Units; all where none is named.")]
NoSandboxOption = Annotated[
    bool, typer.Option("--no-sandbox", help="Run without the walls. Only for code that you would run yourself.")
]


def _sensible(value: float | None) -> float | None:
    if value is not None and not value <= MOST:  # so that NaN is none, too
        raise typer.BadParameter(f"{value} is more than {MOST:,.0f}.")
    return value


def _limit(least: float, unit: str, help: str) -> Any:
    return typer.Option(
        min=least, metavar=unit, callback=_sensible, help=help, show_default=False,
        rich_help_panel="Limits, in place of the unit's own",
    )  # fmt: skip


def _print_version(asked: bool) -> None:
    if asked:
        import platform
        from importlib.metadata import version

        typer.echo(f"grader {version('deep-learning-labs')}, Python {platform.python_version()}")
        raise typer.Exit


@app.callback()
def _about(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """What stands before any command."""


@app.command()
def grade(
    paths: Annotated[list[Path], typer.Argument(help="Notebooks, bundles, folders laid out <learner>/<unit>.ipynb.")],
    course: CourseOption = Path(),
    gradebook: GradebookOption = "gradebook.db",
    report: Annotated[Path | None, typer.Option(help="Write pages and scores.csv into this folder.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Submissions at a time.")] = cores(),
    timeout: Annotated[float | None, _limit(1, "S", "Seconds for one notebook; a cell may take half.")] = None,
    cpu: Annotated[float | None, _limit(1, "S", "Seconds of CPU time, on all cores together.")] = None,
    memory: Annotated[float | None, _limit(0.1, "GIB", "GiB of memory.")] = None,
    processes: Annotated[int | None, _limit(1, "N", "Processes and threads.")] = None,
    file_size: Annotated[
        float | None, _limit(1, "MIB", "MiB in one file; the work folder holds twice as much.")
    ] = None,
    output: Annotated[float | None, _limit(0.1, "MIB", "MiB of output.")] = None,
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


@app.command()
def submit(
    notebooks: Annotated[list[Path], typer.Argument(help="Notebooks, as they were saved.")],
    course: Annotated[
        Path | None, typer.Option(help="The course's folder; the one that a notebook is in where none is named.")
    ] = None,
) -> None:
    """Make a bundle of each notebook and its files. Exit status: 1 where one lacks something, 2 where one fails."""
    from grader.core.text import one_line
    from grader.learner.hand_in import receipt_text, submit_file

    status = 0
    for notebook in notebooks:
        try:
            made = submit_file(notebook, course)
        except GraderError as error:
            typer.echo(one_line(f"! {notebook}: {error}", 2_000), err=True)
            status = 2
            continue
        typer.echo(f"{one_line(str(made.path))}\n{receipt_text(made.manifest)}")
        for lack in made.lacks:
            typer.echo(one_line(f"! {notebook}: {lack}", 2_000), err=True)
        status = max(status, 1 if made.lacks else 0)
    raise typer.Exit(status)


@app.command()
def receipt(
    bundle: Annotated[Path, typer.Argument(help="A bundle, as it was handed in.")],
    code: Annotated[str, typer.Argument(help="The receipt code that the learner has.")] = "",
) -> None:
    """Print a bundle's receipt; with a code, say whether it is this bundle's. Exit status: 1 where it is not."""
    from grader.collecting.collect import read_bundle_file
    from grader.core.text import one_line
    from grader.learner.hand_in import receipt_text

    try:
        manifest = read_bundle_file(bundle).manifest
    except OSError as error:
        raise UsageError(f"{bundle} cannot be read ({error.strerror})") from error
    except SubmissionError as error:
        typer.echo(one_line(f"{bundle}: {error}", 2_000), err=True)
        raise typer.Exit(1) from error
    typer.echo(receipt_text(manifest))
    if code:
        same = manifest.has_code(code)
        typer.echo(f"The code is {'' if same else 'not '}this bundle's.")
        raise typer.Exit(0 if same else 1)


for command in (scores, forget, certificate, verify_certificate):
    app.command()(command)
app.add_typer(key_app, name="key")


@app.command()
def build(
    units: UnitsArgument = None,
    course: CourseOption = Path(),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail where a file is stale.")] = False,
    no_sandbox: NoSandboxOption = False,
) -> None:
    """Make learners' notebooks, public checks and executed references from their sources.

    A unit that cannot be built is told, and the others are built; then the exit status is 2.
    """
    from grader.authoring import build as building
    from grader.sandbox import Sandbox
    from grader.units.course import open_course

    there = open_course(course)
    named, failed = [], False
    for name in units or there.sources:
        try:
            named.append(there.unit(name))
        except SourceError as error:  # the other units are built
            _tell(error)
            failed = True
    if check:
        findings = [finding for unit in named for finding in building.stale(unit, there)]
        clean = f"{len(named)} unit(s): every file is what its source gives."
        if findings or not failed:
            typer.echo("\n".join(findings) or clean)
        raise typer.Exit(2 if failed else 1 if findings else 0)
    if not named:
        raise typer.Exit(2)
    with Sandbox(None, walled=not no_sandbox) as sandbox:
        sandbox.conceal([there.root])
        sandbox.preload(there.modules(named))
        for unit in named:
            try:
                typer.echo("\n".join(map(str, building.build(unit, there, sandbox))))
            except (SourceError, FileError) as error:
                _tell(error)
                failed = True
    raise typer.Exit(2 if failed else 0)


@app.command()
def verify(
    units: UnitsArgument = None,
    course: CourseOption = Path(),
    seed: Annotated[
        str | None, typer.Option(help="The seed that inputs are drawn from; without it always the same.")
    ] = None,
    gradebook: Annotated[
        str | None, typer.Option(help="For this gradebook's own seed: what is observed is kept for its class.")
    ] = None,
    no_sandbox: NoSandboxOption = False,
) -> None:
    """Prove units: reference and alternatives pass, starters earn nothing, misconceptions get their own hints."""
    from concurrent.futures import ThreadPoolExecutor, as_completed
    from functools import partial

    from grader.authoring.verify import verify as verify_unit
    from grader.classroom.grade_submission import kept_expectations
    from grader.gradebook.gradebook import Gradebook
    from grader.sandbox import Sandbox
    from grader.units.course import open_course

    if seed and gradebook:
        raise UsageError("a gradebook has a seed of its own: give --seed or --gradebook, not both.")
    there = open_course(course)
    named = [there.unit(name) for name in units or there.sources]
    failed = False
    with (
        Gradebook(gradebook, say) if gradebook else nullcontext() as book,
        Sandbox(None, walled=not no_sandbox, jobs=cores()) as sandbox,
        ThreadPoolExecutor(cores()) as pool,
    ):
        sandbox.conceal([there.root])
        sandbox.preload(there.modules(named))
        observed = partial(kept_expectations, gradebook=book, sandbox=sandbox) if book else None
        # First those that may take longest, or one core idles in the end.
        longest = sorted(named, key=lambda unit: -unit.limits.seconds)
        drawn = book.seed if book else seed or "verify"
        proved = {pool.submit(verify_unit, unit, drawn, sandbox, observed): unit for unit in longest}
        for done in as_completed(proved):
            unit, proof = proved[done], done.result()
            failed = failed or bool(proof.findings)
            wrong = sum(len(task.misconceptions) for task in unit.tasks.values())
            right = sum(len(task.alternatives) for task in unit.tasks.values())
            counts = ((len(unit.tasks), "task"), (right, "alternative"), (wrong, "misconception"))
            held = f"{unit.name}: {', '.join(f'{n} {what}' + 's' * (n != 1) for n, what in counts)}: all hold."
            typer.echo("\n".join(proof.findings or [held]))
            for remark in proof.remarks:
                typer.echo(f"{remark}.")
    raise typer.Exit(1 if failed else 0)


@app.command()
def cloud(
    repository: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="Where the course stands on GitHub.")],
    branch: Annotated[str, typer.Option(help="The branch that the links lead to.")] = "main",
    course: CourseOption = Path(),
) -> None:
    """Write `cloud/`: notebooks that install what they need on Colab, and a page of links to them and to Binder."""
    from grader.authoring.cloud import write_cloud
    from grader.units.course import open_course

    typer.echo(write_cloud(open_course(course), repository, branch))


@app.command()
def doctor() -> None:
    """Say which walls stand on this machine, and what it computes with."""
    from grader.sandbox.walls.doctor import devices, remarks, walls, without_walls

    found = walls()
    for finding in [*found, *remarks(), *devices()]:
        typer.echo(f"{'✓' if finding.good else '✗'} {finding.name}: {finding.detail}")
    if not all(finding.good for finding in found):
        typer.echo(without_walls())
        raise typer.Exit(1)


def main() -> None:
    """Run the command line. An error that a person can cause is one message, never a traceback."""
    if sys.platform == "win32":
        _write_utf_8()
    try:
        app()
    except SystemExit as end:
        if end.code == 130:  # Typer's word for Ctrl-C
            print("grader: stopped; what was graded is kept. The same command goes on from here.", file=sys.stderr)
        raise
    except GraderError as error:
        # Never for what a notebook can bring about: the advice would be its way out.
        walls = isinstance(error, MissingWallError)
        _tell(error, " `grader doctor` says more; --no-sandbox grades without walls." if walls else "")
        sys.exit(1 if isinstance(error, SandboxError | FullDiskError | NotPassedError) else 2)


def _tell(error: GraderError, more: str = "") -> None:
    """An error as one message."""
    from grader.core.text import one_line

    stop = "" if str(error).endswith((".", "?")) else "."
    print(f"grader: {one_line(str(error), 2_000)}{stop}{more}", file=sys.stderr)


def _write_utf_8() -> None:
    """Into a file or a pipe Windows writes in an encoding that has neither ✓ nor every learner's name."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")


if __name__ == "__main__":
    main()
