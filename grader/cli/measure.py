"""The command that measures what a unit's reference reaches over several seeds."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.options import CourseOption, NoSandboxOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.authoring.measure import Measured


def measure(
    unit: Annotated[list[str], typer.Argument(metavar="UNIT...", help="The units to measure.")],
    seeds: Annotated[int, typer.Option(min=2, max=1000, help="How many seeds, from 1 on.")] = 10,
    course: CourseOption = Path(),
    no_sandbox: NoSandboxOption = False,
) -> None:
    """Train a unit's reference with several seeds; print mean, deviation and mark for each trained task.

    The figures are kept in solutions/measured. The exit status is 1 if a mark is less than three deviations away from
    the mean: then learners who do all that is asked may miss it by chance.
    """
    from grader.authoring.measure import NEEDED, keep, marks
    from grader.authoring.measure import measure as measured_of
    from grader.cli.progress_meter import StepMeter
    from grader.sandbox import Sandbox
    from grader.units.course import open_course

    there = open_course(course)
    named = [there.unit(name) for name in unit]
    close = False
    with Sandbox(None, walled=not no_sandbox) as sandbox:
        sandbox.conceal([there.root])
        sandbox.preload(there.modules([one for one in named if marks(one)]))
        for one in named:
            if not marks(one):
                typer.echo(f"{one.name}: no task of it is judged by how well a model does.")
                continue
            numbers = range(1, seeds + 1)
            with StepMeter(one.name, "seeds") as meter:
                found, seconds = measured_of(one, numbers, sandbox, meter.done)
            _print(one.name, found)
            path = keep(one, numbers, found, seconds)
            typer.echo(f"{seeds} seeds in {seconds:.0f} s; kept in {path.relative_to(there.root)}")
            close = close or any(reached.distance < NEEDED for reached in found)
    raise typer.Exit(1 if close else 0)


def _print(unit: str, measured: "Sequence[Measured]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=unit, title_justify="left", pad_edge=False)
    for column in ("task", "probe", "what"):
        table.add_column(column)
    for column in ("mean", "deviation", "worst", "mark", "distance"):
        table.add_column(column, justify="right")
    for one in measured:
        worst = min(one.reached) if one.what == "accuracy" else max(one.reached)
        numbers = (one.mean, one.deviation, worst, one.mark)
        texts = [f"{number:.1%}" if one.what == "accuracy" else f"{number:.2f}" for number in numbers]
        table.add_row(one.task, one.probe, one.what, *texts, f"{one.distance:.1f}")
    Console().print(table, highlight=False)
