"""Progress of a long run: how many are done, at which rate, and when it will end."""

import sys
import time
from collections.abc import Callable, Iterable, Sequence

from rich import progress as bars
from rich.console import Console
from rich.text import Text

from grader.classroom.grade_class import Tally
from grader.classroom.grade_paths import Progress
from grader.collecting.problems import Kind, kind_of
from grader.core.text import one_line

LINE_SECONDS = 10.0
_NAMED = 3  # learners


class Meter(Progress):
    """A bar in a terminal; elsewhere a line every ten seconds. Use as a context manager.

    `before` is called when submissions were found, before any is graded.
    """

    def __init__(self, before: Callable[[], None] = lambda: None) -> None:
        self._begin = before
        self._total = 0
        self._console = Console(stderr=True)
        self._bar = bars.Progress(
            bars.TextColumn("Grading"), bars.BarColumn(), bars.MofNCompleteColumn(),
            bars.TextColumn("{task.fields[rate]}"),
            console=self._console, disable=not self._console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=None, rate="")
        self._started: float | None = None
        self._before = 0  # graded when the clock starts
        self._spoken = time.monotonic()
        self._tally = Tally()

    def __enter__(self) -> "Meter":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Leave the bar as it is."""
        self._bar.stop()

    def found(self, learners: Sequence[str]) -> None:
        """Whose submissions were found: who gave the wrong folder sees it here."""
        self._begin()
        self._total = len(learners)
        self._bar.update(self._task, total=self._total)
        self._bar.start()
        names = list(dict.fromkeys(learners))
        shown = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else "")
        many = f"{len(learners):,} submission{'' if len(learners) == 1 else 's'}"
        self.say(f"{many} of {len(names):,} learner{'' if len(names) == 1 else 's'}{': ' if names else ''}{shown}.")

    def say(self, text: str) -> None:
        """A line about what takes long."""
        self._console.print(Text(text))

    def problem(self, text: str) -> None:
        """A line about something that could not be graded."""
        line = one_line(f"! {text}", 2_000)
        self._console.print(Text(line, style="yellow" if sys.stderr.isatty() else ""), soft_wrap=True)

    def tell(self, problems: Iterable[str]) -> None:
        """A line about each, but for the files that were left."""
        for problem in problems:
            if kind_of(problem) is Kind.REFUSED:
                self.problem(problem)
            elif kind_of(problem) is Kind.CHOICE:
                self.note(problem)

    def note(self, text: str) -> None:
        """A line about how something was taken, or that it was left."""
        self._console.print(Text(one_line(f"- {text}", 2_000)), soft_wrap=True)

    def done(self, tally: Tally) -> None:
        """A submission is done. The rate counts from the first one that this command really grades."""
        self._tally = tally
        now = time.monotonic()
        if self._started is None and tally.graded:
            self._started, self._before = now, _now_graded(tally)
        rate = self._rate(now)
        done = tally.kept + _now_graded(tally)
        self._bar.update(self._task, completed=done, rate=rate)
        if not self._console.is_terminal and now - self._spoken >= LINE_SECONDS:
            self._spoken = now
            self._console.print(Text(f"{done} of {self._total} {rate}"))

    def summary(self) -> str:
        """The outcome in a line."""
        kept = f"; {self._tally.kept} had been graded before" if self._tally.kept else ""
        elsewhere = f"; another command graded {self._tally.elsewhere}" if self._tally.elsewhere else ""
        return f"{self._tally.graded} of {self._total} submissions graded now{kept}{elsewhere}."

    def _rate(self, now: float) -> str:
        timed = _now_graded(self._tally) - self._before
        left = self._total - _now_graded(self._tally) - self._tally.kept
        return rate_text(timed, left, now - (self._started or now))


class StepMeter:
    """A bar for steps of one kind, or a line every ten seconds where nobody watches. Use as a context manager.

    >>> with StepMeter("01_activation_and_loss", "mutants") as meter:
    ...     meter.done(0, 72)
    """

    def __init__(self, title: str, what: str) -> None:
        self._title, self._what = title, what
        self._console = Console(stderr=True)
        self._bar = bars.Progress(
            bars.TextColumn(title), bars.BarColumn(), bars.MofNCompleteColumn(), bars.TextColumn("{task.fields[rate]}"),
            console=self._console, disable=not self._console.is_terminal, transient=True,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=None, rate="")
        self._started: float | None = None
        self._before, self._spoken = 0, time.monotonic()

    def __enter__(self) -> "StepMeter":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def done(self, steps: int, total: int) -> None:
        """So many of all are done. The rate counts from the first call on: what was kept took no time now."""
        now = time.monotonic()
        if self._started is None:
            self._started, self._before = now, steps
        rate = rate_text(steps - self._before, total - steps, now - self._started)
        self._bar.update(self._task, completed=steps, total=total, rate=rate)
        if not self._console.is_terminal and now - self._spoken >= LINE_SECONDS:
            self._spoken = now
            self._console.print(Text(f"{self._title}: {steps} of {total} {self._what} {rate}"))


def rate_text(done: int, left: int, seconds: float) -> str:
    """A rate and the time that the rest will take; "" before anything is done.

    >>> rate_text(3, 7, 18.0)
    '10.0 a minute, 0:42 left'
    """
    if done < 1 or seconds <= 0:
        return ""
    rate = done / seconds
    return f"{60 * rate:.1f} a minute, {int(left / rate // 60)}:{int(left / rate % 60):02d} left"


def _now_graded(tally: Tally) -> int:
    """What was graded since this command began, by it and by others: all of them work towards the same end."""
    return tally.graded + tally.elsewhere


def printable(text: str) -> str:
    """Text without control characters: names come from others, and a terminal obeys them."""
    return "".join(character if character.isprintable() or character == "\n" else "�" for character in text)
