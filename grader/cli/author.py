"""Commands for authors: build and prove units, open a course in the cloud, ask what this machine can do."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from grader.cli.options import CourseOption, NoSandboxOption, TaskOption, UnitsArgument, check_tasks, say, tell
from grader.core.cores import cores
from grader.core.errors import FileError, SourceError, UsageError


def new(
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="Its name, such as 10_autoencoders.")],
    course: Annotated[
        Path, typer.Option("--course", help="The course's folder; it may be empty, and is made if it is not there.")
    ] = Path(),
) -> None:
    """Write the source of a new unit: a small exercise and a question that build and verify as they are."""
    from grader.authoring.new_unit import write_unit

    path = write_unit(course, unit)
    typer.echo(f"{path} is written. Make it yours, then: grader build {unit} && grader verify {unit}")


def build(
    units: UnitsArgument = None,
    task: TaskOption = None,
    course: CourseOption = Path(),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if a file is stale.")] = False,
    no_sandbox: NoSandboxOption = False,
) -> None:
    """Make learners' notebooks, public checks and executed references from their sources.

    With --task, only what judges these tasks has changed: the notebook runs as far as they need, and its outputs are
    kept. If a unit cannot be built, the others still are, and the exit status is 2.
    """
    from grader.authoring import build as building
    from grader.authoring.rebuild import rebuild
    from grader.sandbox import Sandbox
    from grader.units.course import open_course

    there = open_course(course)
    named, failed = [], False
    for name in units or there.sources:
        try:
            named.append(there.unit(name))
        except SourceError as error:  # the other units are built
            tell(error)
            failed = True
    if check:
        findings = [finding for unit in named for finding in building.stale(unit, there)]
        clean = f"{len(named)} unit(s): every file is what its source gives."
        if findings or not failed:
            typer.echo("\n".join(findings) or clean)
        raise typer.Exit(2 if failed else 1 if findings else 0)
    if not named:
        raise typer.Exit(2)
    check_tasks(named, task or [])
    named = [unit for unit in named if not task or not unit.tasks.keys().isdisjoint(task)]
    with Sandbox(None, walled=not no_sandbox) as sandbox:
        sandbox.conceal([there.root])
        sandbox.preload(there.modules(named))
        for unit in named:
            try:
                its = set(task or ()) & unit.tasks.keys()
                made = rebuild(unit, there, sandbox, its) if task else building.build(unit, there, sandbox)
                typer.echo("\n".join(map(str, made)))
            except (SourceError, FileError) as error:
                tell(error)
                failed = True
    raise typer.Exit(2 if failed else 0)


def verify(
    units: UnitsArgument = None,
    task: TaskOption = None,
    course: CourseOption = Path(),
    seed: Annotated[
        str | None, typer.Option(help="The seed that inputs are drawn from; the same each time if not given.")
    ] = None,
    gradebook: Annotated[
        str | None, typer.Option(help="Use this gradebook's own seed, and keep what is observed for grading.")
    ] = None,
    no_sandbox: NoSandboxOption = False,
) -> None:
    """Prove units: references and alternatives pass, starters earn nothing, each misconception gets its own hint.

    With --task, a notebook runs only as far as these tasks need: a changed hint is proved in seconds.
    """
    from concurrent.futures import ThreadPoolExecutor, as_completed
    from functools import partial

    from grader.authoring.proof.verify import verify as verify_unit
    from grader.classroom.grade_submission import kept_expectations
    from grader.gradebook.gradebook import Gradebook
    from grader.sandbox import Sandbox
    from grader.units.course import open_course

    if seed and gradebook:
        raise UsageError("a gradebook has its own seed: give --seed or --gradebook, not both.")
    there = open_course(course)
    named = [there.unit(name) for name in units or there.sources]
    check_tasks(named, task or [])
    named = [unit for unit in named if not task or not unit.tasks.keys().isdisjoint(task)]
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
        proved = {
            pool.submit(
                verify_unit, unit, drawn, sandbox, observed, set(task) & unit.tasks.keys() if task else None
            ): unit
            for unit in longest
        }
        for done in as_completed(proved):
            unit, proof = proved[done], done.result()
            failed = failed or bool(proof.findings)
            its = [one for one in unit.tasks.values() if not task or one.name in task]
            wrong, right = (sum(len(getattr(one, kind)) for one in its) for kind in ("misconceptions", "alternatives"))
            counts = ((len(its), "task"), (right, "alternative"), (wrong, "misconception"))
            held = f"{unit.name}: {', '.join(f'{n} {what}' + 's' * (n != 1) for n, what in counts)}: all hold."
            typer.echo("\n".join(proof.findings or [held]))
            for remark in proof.remarks:
                typer.echo(f"{remark}.")
    raise typer.Exit(1 if failed else 0)


def cloud(
    repository: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="The course's repository on GitHub.")],
    branch: Annotated[str, typer.Option(help="The branch that the links point to.")] = "main",
    course: CourseOption = Path(),
) -> None:
    """Write `cloud/`: notebooks that install what they need on Colab, and a page of links to them and to Binder."""
    from grader.authoring.cloud import write_cloud
    from grader.units.course import open_course

    typer.echo(write_cloud(open_course(course), repository, branch))


def doctor() -> None:
    """Check which walls this machine supports, and show its processors, memory and GPUs."""
    from grader.cli.doctor import devices, remarks, walls, without_walls

    found = walls()
    for finding in [*found, *remarks(), *devices()]:
        typer.echo(f"{'✓' if finding.good else '✗'} {finding.name}: {finding.detail}")
    if not all(finding.good for finding in found):
        typer.echo(without_walls())
        raise typer.Exit(1)
