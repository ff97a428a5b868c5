"""Progress of a long run: how many are done, at which rate, and when it will end."""

import sys
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from grader.batch import Tally

LINE_SECONDS = 10.0


class Meter:
    """A bar in a terminal; elsewhere a line every ten seconds. Use as a context manager."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("Grading"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
            console=self._console, disable=not self._console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=total, rate="")
        self._started: float | None = None
        self._spoken = time.monotonic()
        self._tally = Tally()

    def __enter__(self) -> "Meter":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def say(self, text: str) -> None:
        """A line about what takes long."""
        self._console.print(Text(text))

    def problem(self, text: str) -> None:
        """A line about something that could not be graded."""
        self._console.print(Text(printable(f"! {text}"), style="yellow" if sys.stderr.isatty() else ""))

    def done(self, tally: Tally) -> None:
        """A submission is done. The rate counts from the first one that is really graded."""
        self._tally = tally
        now = time.monotonic()
        if self._started is None and tally.graded:
            self._started = now
        rate = self._rate(now)
        self._bar.update(self._task, completed=tally.graded + tally.kept, rate=rate)
        if not self._console.is_terminal and now - self._spoken >= LINE_SECONDS:
            self._spoken = now
            self._console.print(Text(f"{tally.graded + tally.kept} of {self._total} {rate}"))

    def summary(self) -> str:
        """The outcome in a line."""
        kept = f"; {self._tally.kept} had been graded before" if self._tally.kept else ""
        return f"{self._tally.graded} of {self._total} submissions graded now{kept}."

    def _rate(self, now: float) -> str:
        seconds = now - (self._started or now)
        if self._tally.graded < 2 or seconds <= 0:
            return ""
        rate = (self._tally.graded - 1) / seconds
        left = (self._total - self._tally.graded - self._tally.kept) / rate
        return f"{60 * rate:.1f} a minute, {int(left // 60)}:{int(left % 60):02d} left"


def printable(text: str) -> str:
    """Text without control characters: names come from others, and a terminal obeys them."""
    return "".join(character if character.isprintable() or character == "\n" else "�" for character in text)
