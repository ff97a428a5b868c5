"""How far the proofs are: which run, how many are done, at which rate, and when the last will end."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from rich import progress as bars
from rich.console import Console
from rich.text import Text

from tests.prove.kinds import Outcome
from tests.prove.running import WORKERS

GUESS = 60.0  # seconds of a proof of which nothing is known
LINE_SECONDS = 30.0


class Meter:
    """A bar in a terminal; everywhere a line for each proof that ended, and elsewhere one every half a minute, too.

    `expected` are the seconds of each proof, by unit and kind, when it was last made. Use as a context manager.
    """

    def __init__(self, expected: Mapping[tuple[str, str], float | None], console: Console | None = None) -> None:
        self._left = {proof: seconds or GUESS for proof, seconds in expected.items()}
        self._total, self._done, self._began = len(expected), 0, time.monotonic()
        self._running: dict[tuple[str, str], float] = {}
        self._took, self._thought = 0.0, 0.0
        self._turn, self._over = threading.Lock(), threading.Event()
        self._console = console or Console(stderr=True)
        self._bar = bars.Progress(
            bars.TextColumn("Proving"), bars.BarColumn(), bars.MofNCompleteColumn(),
            bars.TextColumn("{task.fields[told]}"),
            console=self._console, disable=not self._console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=self._total, told="")
        self._clock = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Meter:
        self._bar.start()
        self._clock.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._bar.stop()

    def begins(self, unit: str, kind: str) -> None:
        """A proof begins."""
        with self._turn:
            self._running[unit, kind] = time.monotonic()
        self._update()

    def ended(self, unit: str, kind: str, outcome: Outcome) -> None:
        """A proof has ended: a line of it."""
        with self._turn:
            self._running.pop((unit, kind), None)
            self._thought += self._left.pop((unit, kind), 0.0)
            self._took += outcome.seconds
            self._done += 1
        self._update()
        line = f"{'✓' if outcome.holds else '✗'} {unit}, {kind}: {outcome.seconds:.0f} s, {outcome.what}"
        self._say(line, "" if outcome.holds else "red")
        for remark in outcome.remarks:
            self._say(f"! {unit}, {kind}: {remark}", "yellow")

    def rate(self) -> str:
        """The rate and the time left, by what the proofs took the last time, and by how much slower they are now."""
        with self._turn:
            slower = self._took / self._thought if self._thought else 1.0
            passed = {proof: time.monotonic() - began for proof, began in self._running.items()}
            left = [max(seconds * slower - passed.get(proof, 0.0), 1.0) for proof, seconds in self._left.items()]
        seconds = max(sum(left) / WORKERS, max(left, default=0.0))
        minutes = (time.monotonic() - self._began) / 60
        return f"{self._done / max(minutes, 1e-6):.1f} a minute, {int(seconds // 60)}:{int(seconds % 60):02d} left"

    def _update(self) -> None:
        with self._turn:
            running = ", ".join(f"{unit} {kind}" for unit, kind in self._running)
        self._bar.update(self._task, completed=self._done, told=f"{self.rate()}: {running}")

    def _tick(self) -> None:
        while not self._over.wait(1.0 if self._console.is_terminal else LINE_SECONDS):
            self._update()
            if not self._console.is_terminal:
                with self._turn:
                    running = ", ".join(f"{unit} {kind}" for unit, kind in self._running)
                self._say(f"{self._done} of {self._total} proofs, {self.rate()}: {running}", "")

    def _say(self, line: str, style: str) -> None:
        self._console.print(Text(line, style=style if self._console.is_terminal else ""), soft_wrap=True)
