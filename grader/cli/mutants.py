"""The command that asks whether the checks of units have teeth."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.options import CourseOption, NoSandboxOption, TaskOption, UnitsArgument, check_tasks
from grader.core.cores import cores
from grader.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.authoring.mutants import Tried
    from grader.units.task import Task
    from grader.units.unit import Unit

NAMED = 0.85  # of the broken answers that fail should be told something that names the place or the cause


def mutants(
    units: UnitsArgument = None,
    task: TaskOption = None,
    course: CourseOption = Path(),
    again: Annotated[bool, typer.Option("--again", help="Forget what a stopped command had tried.")] = False,
    no_sandbox: NoSandboxOption = False,
) -> None:
    """Break each reference in every small way, grade the broken answers, and name those that pass.

    Tasks that take training are tried only if you name them with --task. Until a unit is done, what was tried is kept
    in build/mutants: a command that was stopped continues there. The exit status is 1 if a broken answer passes that
    is not marked in the source, or if too few of the others are told a place or a cause.
    """
    from grader.authoring.mutants import forget, tasks_to_try, try_mutants
    from grader.cli.progress_meter import StepMeter
    from grader.sandbox import Sandbox
    from grader.units.course import open_course

    there = open_course(course)
    named = [there.unit(name) for name in units or there.sources]
    check_tasks(named, task or [])
    tried_tasks = {unit.name: tasks_to_try(unit, task or ()) for unit in named}
    if task and not any(tried_tasks.values()):
        raise UsageError(f"{', '.join(task)}: a question or a file has no code that could be broken")
    found: list[Tried] = []
    with Sandbox(None, walled=not no_sandbox, jobs=cores()) as sandbox:
        sandbox.conceal([there.root])
        sandbox.preload(there.modules([unit for unit in named if tried_tasks[unit.name]]))
        for unit in named:
            kept = there.root / "build" / "mutants" / f"{unit.name}.json"
            if again:
                forget(kept)
            with StepMeter(unit.name, "mutants") as meter:
                tried = try_mutants(unit, tried_tasks[unit.name], sandbox, cores(), kept, meter.done)
            forget(kept)  # another run asks anew: what is told may be told better by then
            found += tried
            _print(unit, tried_tasks[unit.name], tried, by_name=bool(task))
    raise typer.Exit(0 if _sum_up(found) else 1)


def _print(unit: "Unit", tasks: "Sequence[Task]", tried: "Sequence[Tried]", *, by_name: bool) -> None:
    """A table of a unit's tasks: how many mutants there are, how many are marked as right, pass, get a misconception's
    hint, a diagnosis, or nothing of use, and how many only a grade finds. Below it a line for each that passes or is
    told nothing."""
    from rich.console import Console
    from rich.table import Table

    from grader.authoring.mutants import tasks_to_try

    console = Console()
    table = Table(title=unit.name, title_justify="left", pad_edge=False)
    table.add_column("task")
    for column in ("mutants", "marked", "pass", "hint", "diagnosis", "nothing", "hidden"):
        table.add_column(column, justify="right")
    for task in tasks:
        its = [one for one in tried if one.task == task.name]
        counts = Counter(str(one.outcome) for one in its)
        numbers = [counts[name] for name in ("marked", "survived", "misconception", "diagnosis", "untold")]
        table.add_row(task.name, *map(str, [len(its), *numbers, sum(one.hidden for one in its)]))
    console.print(table, highlight=False)
    for one in tried:
        if one.outcome in ("survived", "untold"):
            what = "passes" if one.outcome == "survived" else f"is told: {one.told}"
            console.print(f"{one.task}, {one.place}: {what}", highlight=False, markup=False, soft_wrap=True)
    trained = [task.name for task in tasks_to_try(unit, unit.tasks) if task not in tasks]
    if trained and not by_name:
        console.print(f"Not tried, since they take training: {', '.join(trained)}.", highlight=False)


def _sum_up(tried: "Sequence[Tried]") -> bool:
    """Print how many pass and how many are told something; whether both are as they should be."""
    counts = Counter(str(one.outcome) for one in tried)
    failed = counts["misconception"] + counts["diagnosis"] + counts["untold"]
    told = (failed - counts["untold"]) / failed if failed else 1.0
    typer.echo(
        f"{len(tried):,} mutants: {failed:,} fail, {counts['survived']:,} pass, {counts['marked']:,} marked as "
        f"right. Of those that fail, {told:.1%} are told a place or a cause; {NAMED:.0%} should be."
    )
    return not counts["survived"] and told >= NAMED
