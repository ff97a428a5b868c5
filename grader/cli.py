"""The command line: build and verify units, grade a class, read the gradebook. Thin: each command calls one room."""

import io
import os
import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from grader.errors import (
    FullDiskError,
    GraderError,
    NotPassedError,
    OtherSystemError,
    SandboxError,
    SubmissionError,
    UsageError,
)

app = typer.Typer(
    name="grader", add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    help="Build, verify and grade notebooks. A submission runs behind walls; its values are judged outside.",
)  # fmt: skip

key_app = typer.Typer(help="The key that signs certificates.", no_args_is_help=True)
app.add_typer(key_app, name="key")

CourseOption = Annotated[Path, typer.Option("--course", help="A folder laid out like this repository.")]
GradebookOption = Annotated[str, typer.Option("--gradebook", help="A file, or any SQLAlchemy URL.")]
UnitsArgument = Annotated[list[str] | None, typer.Argument(metavar="[UNIT]...", help="Units; all where none is named.")]
KeyOption = Annotated[
    Path | None, typer.Option("--key", help="The private key's file; one in your settings where none is named.")
]
NoSandboxOption = Annotated[
    bool, typer.Option("--no-sandbox", help="Run without the walls. Only for code that you would run yourself.")
]


def _limit(least: float, help: str) -> Any:
    return typer.Option(
        min=least, max=1e6, help=help, show_default=False, rich_help_panel="Limits, in place of the unit's own"
    )


@app.command()
def grade(
    paths: Annotated[list[Path], typer.Argument(help="Notebooks, bundles, folders laid out <learner>/<unit>.ipynb.")],
    course: CourseOption = Path(),
    gradebook: GradebookOption = "gradebook.db",
    report: Annotated[Path | None, typer.Option(help="Write pages and scores.csv into this folder.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Submissions at a time.")] = os.cpu_count() or 1,
    timeout: Annotated[float | None, _limit(1, "Seconds for one notebook; a cell may take half.")] = None,
    cpu: Annotated[float | None, _limit(1, "Seconds of CPU time, on all cores together.")] = None,
    memory: Annotated[float | None, _limit(0.1, "GiB of memory.")] = None,
    processes: Annotated[int | None, _limit(1, "Processes and threads.")] = None,
    file_size: Annotated[float | None, _limit(1, "MiB in one file; the work folder holds twice as much.")] = None,
    output: Annotated[float | None, _limit(0.1, "MiB of output.")] = None,
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
            all_cells=all_cells,
        )  # fmt: skip
    raise typer.Exit(0 if complete else 1)


def _grade(
    paths: list[Path], course: Path, gradebook: str, report: Path | None, limits: dict[str, float], sandbox: Any,
    **how: Any,
) -> bool:  # fmt: skip
    """Grade and report; False where something could not be graded."""
    from grader.batch import grade as grade_class
    from grader.batch import ungraded
    from grader.course import open_course
    from grader.gradebook import Gradebook
    from grader.meter import Meter
    from grader.problem import Kind, learner_of, of_kind, terminal_notes, without_taken
    from grader.submissions import collect

    there = open_course(course)
    book = Gradebook(gradebook)
    found = collect(paths, there, {learner for learner, _, _ in book.submissions()})
    handed_in, problems = found.submissions, found.problems
    if not handed_in and not any(map(learner_of, problems)):
        for problem in problems[:-1]:
            Meter(0).problem(problem)
        raise UsageError(problems[-1] if problems else "nothing was found that could be graded.")
    if report:
        from grader.report.folder import make_folder, write_report

        make_folder(report)  # before hours of grading, not after
    with Meter(len(handed_in)) as meter:
        meter.found([submission.learner for submission in handed_in])
        meter.tell(problems)
        tally = grade_class(handed_in, there, book, limits, sandbox=sandbox, say=meter.say, on_done=meter.done, **how)
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
def submit(notebooks: Annotated[list[Path], typer.Argument(help="Notebooks, as they were saved.")]) -> None:
    """Make a bundle of each notebook and its files. Exit status: 1 where one lacks something, 2 where one fails."""
    from grader.line import one_line
    from grader.submit import receipt_text, submit_file

    status = 0
    for notebook in notebooks:
        try:
            made = submit_file(notebook)
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
    from grader.line import one_line
    from grader.submissions import read_bundle_file
    from grader.submit import receipt_text

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


def _gradebook(url: str) -> Any:
    """The gradebook that is there. Raises UsageError where there is none."""
    from grader.gradebook import Gradebook

    if "://" not in url and not os.access(url, os.R_OK):
        raise UsageError(f"there is no gradebook {url}: `grader grade` makes one; name it with --gradebook.")
    return Gradebook(url)


@app.command()
def scores(
    gradebook: GradebookOption = "gradebook.db",
    csv: Annotated[bool, typer.Option("--csv", help="Rows as CSV, one a task.")] = False,
) -> None:
    """Print the table of scores."""
    rows = _gradebook(gradebook).score_rows()
    if csv:
        from grader.report.scores import scores_csv

        sys.stdout.write(scores_csv(rows))
    else:
        from grader.table import print_scores

        print_scores(rows)


@app.command()
def certificate(
    learner: Annotated[str, typer.Argument(help="The learner's id, as the table of scores has it.")],
    unit: Annotated[str | None, typer.Option(help="The unit; the learner's only one where none is named.")] = None,
    gradebook: GradebookOption = "gradebook.db",
    course: CourseOption = Path(),
    key: KeyOption = None,
    output: Annotated[Path | None, typer.Option(help="The file; <learner>-<unit>.html where none is named.")] = None,
) -> None:
    """Write a signed certificate of what a learner passed. Exit status: 1 where it was not passed."""
    from grader.certificate import certified_unit, facts_of, signed_page
    from grader.course import open_course
    from grader.keys import default_key, new_key, private_key

    book, there = _gradebook(gradebook), open_course(course)
    facts = facts_of(learner, unit or certified_unit(learner, book, there), book, there)
    path = key or default_key()
    if not path.exists():
        new_key(path)
        _tell_key(path)
    written = output or Path(f"{_file_name(learner)}-{facts.unit.replace('-', '%2D')}.html")
    page = signed_page(facts, private_key(path), written.name)
    try:
        written.write_bytes(page)
    except OSError as error:
        raise UsageError(f"the certificate cannot be written to {written}: {error.strerror}") from error
    typer.echo(f"Certificate: {written}")


def _file_name(learner: str) -> str:
    """A learner's id as a part of a file's name, and of no two learners the same."""
    return re.sub(r"[^\w.-]", lambda other: "".join(f"%{byte:02X}" for byte in other[0].encode()), learner)


@app.command()
def verify_certificate(
    file: Annotated[Path, typer.Argument(help="A certificate.")],
    public_key: Annotated[Path, typer.Option(help="The public key of whoever is said to have signed it.")],
) -> None:
    """Say whether a certificate is as it was signed, and by this key. Exit status: 0 valid, 1 not."""
    from grader import keys
    from grader.certificate import Finding, verify_page
    from grader.line import one_line

    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror})") from error
    finding, facts = verify_page(data, keys.public_key(public_key))
    typer.echo(f"{one_line(str(file))}: {finding}.")
    for name, value in facts.items() if finding == Finding.VALID else ():
        typer.echo(f"  {name:10} {one_line(str(value))}")
    raise typer.Exit(0 if finding == Finding.VALID else 1)


@key_app.command("new")
def key_new(key: KeyOption = None) -> None:
    """Make a key that signs certificates; one that is there is never overwritten."""
    from grader.keys import default_key, new_key

    new_key(key or default_key())
    _tell_key(key or default_key())


def _tell_key(path: Path) -> None:
    from grader.keys import public_path

    typer.echo(f"Private key: {path} (keep it to yourself, and a copy of it)")
    typer.echo(f"Public key: {public_path(path)} (give it to whoever verifies certificates)")


@app.command()
def build(
    units: UnitsArgument = None,
    course: CourseOption = Path(),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail where a file is stale.")] = False,
    no_sandbox: NoSandboxOption = False,
) -> None:
    """Make learners' notebooks, public checks and executed references from their sources."""
    from grader import build as building
    from grader.course import open_course
    from grader.sandbox import Sandbox

    there = open_course(course)
    named = [there.unit(name) for name in units or there.sources]
    if check:
        findings = [finding for unit in named for finding in building.stale(unit, there)]
        typer.echo("\n".join(findings) if findings else f"{len(named)} unit(s): every file is what its source gives.")
        raise typer.Exit(1 if findings else 0)
    with Sandbox(there.modules(named), walled=not no_sandbox) as sandbox:
        for unit in named:
            for path in building.build(unit, there, sandbox):
                typer.echo(path)


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

    from grader.course import open_course
    from grader.gradebook import Gradebook
    from grader.grading import kept_expectations
    from grader.sandbox import Sandbox
    from grader.verify import verify as verify_unit

    if seed and gradebook:
        raise UsageError("a gradebook has a seed of its own: give --seed or --gradebook, not both.")
    there = open_course(course)
    named = [there.unit(name) for name in units or there.sources]
    failed = False
    cores = os.cpu_count() or 1
    book = Gradebook(gradebook) if gradebook else None
    with (
        Sandbox(there.modules(named), walled=not no_sandbox, jobs=cores) as sandbox,
        ThreadPoolExecutor(cores) as pool,
    ):
        observed = partial(kept_expectations, gradebook=book, sandbox=sandbox) if book else None
        # First those that may take longest, or one core idles in the end.
        longest = sorted(named, key=lambda unit: -unit.limits.seconds)
        drawn = book.seed if book else seed or "verify"
        proved = {pool.submit(verify_unit, unit, drawn, sandbox, observed): unit for unit in longest}
        for done in as_completed(proved):
            unit, findings = proved[done], done.result()
            failed = failed or bool(findings)
            wrong = sum(len(task.misconceptions) for task in unit.tasks.values())
            right = sum(len(task.alternatives) for task in unit.tasks.values())
            held = f"{unit.name}: {len(unit.tasks)} tasks, {right} alternatives, {wrong} misconceptions: all hold."
            typer.echo("\n".join(findings) or held)
    raise typer.Exit(1 if failed else 0)


@app.command()
def cloud(
    repository: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="Where the course stands on GitHub.")],
    branch: Annotated[str, typer.Option(help="The branch that the links lead to.")] = "main",
    course: CourseOption = Path(),
) -> None:
    """Write `cloud/`: notebooks that install what they need on Colab, and a page of links to them and to Binder."""
    from grader.cloud import write_cloud
    from grader.course import open_course

    typer.echo(write_cloud(open_course(course), repository, branch))


@app.command()
def doctor() -> None:
    """Say which walls stand on this machine, and what it computes with."""
    from grader.doctor import devices, walls, without_walls

    found = walls()
    for finding in [*found, *devices()]:
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
        from grader.line import one_line

        walls = isinstance(error, SandboxError) and not isinstance(error, OtherSystemError)
        more = " `grader doctor` says more; --no-sandbox grades without walls." if walls else ""
        stop = "" if str(error).endswith((".", "?")) else "."
        print(f"grader: {one_line(str(error), 2_000)}{stop}{more}", file=sys.stderr)
        sys.exit(1 if isinstance(error, SandboxError | FullDiskError | NotPassedError) else 2)


def _write_utf_8() -> None:
    """Into a file or a pipe Windows writes in an encoding that has neither ✓ nor every learner's name."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")


if __name__ == "__main__":
    main()
