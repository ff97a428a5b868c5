"""The command line: build and verify units, grade a class, read the gradebook. Thin: each command calls one room."""

import io
import sys
from typing import Annotated

import typer

from grader.cli.author import build, cloud, doctor, new, verify
from grader.cli.grade import grade
from grader.cli.hand_in import receipt, submit
from grader.cli.measure import measure
from grader.cli.mutants import mutants
from grader.cli.options import tell
from grader.cli.results import certificate, forget, key_app, scores, verify_certificate
from grader.core.errors import FullDiskError, GraderError, MissingWallError, NotPassedError, SandboxError

app = typer.Typer(
    name="grader", add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Build, verify and grade notebooks. Submissions run in a sandbox; their values are judged outside.",
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
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """What stands before any command."""


COMMANDS = (
    grade, submit, receipt, scores, forget, certificate, verify_certificate, new, build, verify, mutants, measure,
    cloud, doctor,
)  # fmt: skip
for command in COMMANDS:
    app.command()(command)
app.add_typer(key_app, name="key")


def main() -> None:
    """Run the command line. An error that a person can cause is one message, never a traceback."""
    if sys.platform == "win32":
        _write_utf_8()
    try:
        app()
    except SystemExit as end:
        if end.code == 130:  # Typer's word for Ctrl-C
            print("grader: stopped; finished grades are kept. The same command continues from here.", file=sys.stderr)
        raise
    except GraderError as error:
        # Never for what a notebook can bring about: the advice would be its way out.
        walls = isinstance(error, MissingWallError)
        tell(error, " `grader doctor` says more; --no-sandbox grades without walls." if walls else "")
        sys.exit(1 if isinstance(error, SandboxError | FullDiskError | NotPassedError) else 2)


def _write_utf_8() -> None:
    """Into a file or a pipe Windows writes in an encoding that has neither ✓ nor every learner's name."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")


if __name__ == "__main__":
    main()
