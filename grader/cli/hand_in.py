"""Commands for learners: make a bundle, and read its receipt."""

from pathlib import Path
from typing import Annotated

import typer

from grader.core.errors import GraderError, SubmissionError, UsageError


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
