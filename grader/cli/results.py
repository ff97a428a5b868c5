"""Commands on what was graded: scores, forgetting, certificates and the keys that sign them."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.options import CourseOption, GradebookOption, KeyOption, say
from grader.core.errors import UsageError

if TYPE_CHECKING:
    from grader.gradebook.gradebook import Gradebook

key_app = typer.Typer(help="The key that signs certificates.", no_args_is_help=True)


def _gradebook(url: str) -> "Gradebook":
    """The gradebook that is there. Raises UsageError where there is none."""
    from grader.gradebook.gradebook import Gradebook

    if "://" not in url and not os.access(url, os.R_OK):
        raise UsageError(f"there is no gradebook {url}: `grader grade` makes one; name yours with --gradebook.")
    return Gradebook(url, say)


def scores(
    gradebook: GradebookOption = "gradebook.db",
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, one row per task.")] = False,
) -> None:
    """Print the table of scores."""
    with _gradebook(gradebook) as book:
        rows = book.score_rows()
    if csv:
        from grader.gradebook.scores import scores_csv

        sys.stdout.write(scores_csv(rows))
    else:
        from grader.cli.score_table import print_scores

        print_scores(rows)


def forget(
    learner: Annotated[str, typer.Argument(help="The learner's id, as in the table of scores.")],
    unit: Annotated[str | None, typer.Option(help="Only this unit.")] = None,
    gradebook: GradebookOption = "gradebook.db",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a learner's submissions and grades, for example those under a wrong name."""
    with _gradebook(gradebook) as book:
        units = [name for name in book.handed_in(learner) if unit in (None, name)]
        if not units:
            what = f"no {unit!r}" if unit else "nothing"
            raise UsageError(f"learner {learner!r} has handed in {what} in this gradebook")
        if not yes and not typer.confirm(f"Remove what learner {learner!r} handed in ({', '.join(units)})?", err=True):
            raise typer.Exit(1)
        book.forget(learner, units)
    typer.echo(f"Removed: {', '.join(units)}. Reports written before still have the pages.")


def certificate(
    learner: Annotated[str, typer.Argument(help="The learner's id, as in the table of scores.")],
    unit: Annotated[str | None, typer.Option(help="The unit; not needed if the learner has only one.")] = None,
    gradebook: GradebookOption = "gradebook.db",
    course: CourseOption = Path(),
    key: KeyOption = None,
    output: Annotated[Path | None, typer.Option(help="The file; by default <learner>-<unit>.html.")] = None,
) -> None:
    """Write a signed certificate for a unit that a learner passed. Exit status: 1 if it was not passed."""
    from grader.certificates.certificate import certified_unit, facts_of, file_name, signed_page
    from grader.certificates.keys import default_key, new_key, private_key
    from grader.core.files import atomic_write
    from grader.units.course import open_course

    there = open_course(course)
    with _gradebook(gradebook) as book:
        facts = facts_of(learner, unit or certified_unit(learner, book, there), book, there)
    path = key or default_key()
    if not path.exists():
        new_key(path)
        _tell_key(path)
    written = output or Path(file_name(facts))
    page = signed_page(facts, private_key(path), written.name)
    try:
        atomic_write(written, page)
    except OSError as error:
        raise UsageError(f"the certificate cannot be written to {written}: {error.strerror}") from error
    typer.echo(f"Certificate: {written}")


def verify_certificate(
    file: Annotated[Path, typer.Argument(help="A certificate.")],
    public_key: Annotated[Path, typer.Option(help="The signer's public key.")],
) -> None:
    """Say whether a certificate is unchanged and was signed with this key. Exit status: 0 valid, 1 not."""
    from grader.certificates import keys
    from grader.certificates.certificate import Finding, verify_page
    from grader.core.text import one_line
    from grader.report.learner_names import spelled

    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror})") from error
    finding, facts = verify_page(data, keys.public_key(public_key))
    typer.echo(f"{one_line(str(file))}: {finding}.")
    for name, value in facts.items() if finding == Finding.VALID else ():
        typer.echo(f"  {name:10} {one_line(str(value))}")
        if name == "learner" and (ascii_form := spelled(str(value))) != value:
            typer.echo(f"  {'':10} in ASCII: {one_line(ascii_form, 2_000)}")
    raise typer.Exit(0 if finding == Finding.VALID else 1)


@key_app.command("new")
def key_new(key: KeyOption = None) -> None:
    """Make a key that signs certificates; an existing one is never overwritten."""
    from grader.certificates.keys import default_key, new_key

    new_key(key or default_key())
    _tell_key(key or default_key())


def _tell_key(path: Path) -> None:
    from grader.certificates.keys import public_path

    typer.echo(f"Private key: {path} (keep it secret, and keep a copy)")
    typer.echo(f"Public key: {public_path(path)} (give it to whoever verifies certificates)")
