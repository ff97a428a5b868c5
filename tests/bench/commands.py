"""Runs a command and notes when each of its lines came."""

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ran:
    """Wall seconds of a command, and its lines, each with the second in which it came."""

    seconds: float
    lines: list[tuple[float, str]]


class CommandError(Exception):
    """A command of the bench failed."""


def run(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str],
    on_line: Callable[[str], None] = lambda line: None,
) -> Ran:  # fmt: skip
    """Run a command to its end. Raises CommandError, with its last lines, where it fails."""
    lines: list[tuple[float, str]] = []
    started = time.perf_counter()
    with subprocess.Popen(
        [str(part) for part in command], cwd=folder, env=dict(environment), text=True, errors="replace",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        assert process.stdout
        for line in process.stdout:
            lines.append((time.perf_counter() - started, line.rstrip("\n")))
            on_line(line)
    seconds = time.perf_counter() - started
    if process.returncode:
        last = "\n".join(text for _, text in lines[-12:])
        raise CommandError(f"{command[0]} ended with {process.returncode}:\n{last}")
    return Ran(seconds, lines)
