"""Commands for learners: make a bundle, and read its receipt."""

from pathlib import Path
from typing import Annotated

import typer

from grader.core.errors import GraderError, SubmissionError, UsageError


def submit(
    notebooks: Annotated[list[Path], typer.Argument(help="Saved notebooks.")],
    course: Annotated[
        Path | None, typer.Option(help="The course's folder; by default, the one that the notebook is in.")
    ] = None,
) -> None:
    """Make a bundle of each notebook and its files. Exit status: 1 if a bundle lacks something, 2 if one fails."""
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


def receipt(
    bundle: Annotated[Path, typer.Argument(help="A bundle, as handed in.")],
    code: Annotated[str, typer.Argument(help="The learner's receipt code.")] = "",
) -> None:
    """Print a bundle's receipt; with a code, say whether it belongs to the bundle. Exit status: 1 if it does not."""
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
        typer.echo(f"The code {'belongs' if same else 'does not belong'} to this bundle.")
        raise typer.Exit(0 if same else 1)
