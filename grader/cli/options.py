"""Options that several commands have, and how a command says something."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from grader.core.errors import GraderError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.units.unit import Unit

CourseOption = Annotated[Path, typer.Option("--course", help="The course: a folder with a solutions/ folder in it.")]
GradebookOption = Annotated[str, typer.Option("--gradebook", help="A file name, or any SQLAlchemy URL.")]
KeyOption = Annotated[
    Path | None, typer.Option("--key", help="The private key's file; by default, one in your settings folder.")
]


def say(text: str) -> None:
    """A line beside what a command prints."""
    from grader.core.text import one_line

    print(one_line(text), file=sys.stderr)


MOST = 1e6  # of any limit: nobody means more
UnitsArgument = Annotated[list[str] | None, typer.Argument(metavar="[UNIT]...", help="Units; all if none is given.")]
TaskOption = Annotated[
    list[str] | None, typer.Option("--task", help="A task by its name; repeat for more. All if none is given.")
]
NoSandboxOption = Annotated[
    bool, typer.Option("--no-sandbox", help="Run without the walls: only for code that you would run yourself.")
]


def check_tasks(units: "Sequence[Unit]", tasks: "Sequence[str]") -> None:
    """Raise UsageError for a task that none of these units has."""
    import difflib

    known = {name for unit in units for name in unit.tasks}
    for name in tasks:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            what = f"; did you mean {near[0]!r}?" if near else ""
            raise UsageError(f"no task of {', '.join(unit.name for unit in units)} is named {name!r}{what}")


def _sensible(value: float | None) -> float | None:
    if value is not None and not value <= MOST:  # so that NaN is none, too
        raise typer.BadParameter(f"{value} is more than {MOST:,.0f}.")
    return value


def limit_option(least: float, unit: str, help: str) -> Any:
    """An option for one of the limits, in place of the unit's own."""
    return typer.Option(
        min=least, metavar=unit, callback=_sensible, help=help, show_default=False,
        rich_help_panel="Limits, instead of the unit's own",
    )  # fmt: skip


def tell(error: GraderError, more: str = "") -> None:
    """An error as one message."""
    from grader.core.text import one_line

    stop = "" if str(error).endswith((".", "?")) else "."
    print(f"grader: {one_line(str(error), 2_000)}{stop}{more}", file=sys.stderr)
