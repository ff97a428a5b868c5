"""What the bench says while it runs, on stderr: the step, how far it is, at which rate, and when it will end."""

import sys
import time


def say(text: str) -> None:
    """A line."""
    print(text, file=sys.stderr, flush=True)


class Progress:
    """Counts the submissions of one step; a line at most every five seconds, and one at the end."""

    def __init__(self, step: str, total: int) -> None:
        self._step, self._total, self._count = step, total, 0
        self._started = self._spoken = time.monotonic()

    def done(self, count: int = 1) -> None:
        """Some more submissions are done."""
        self._count += count
        now = time.monotonic()
        if self._count < self._total and now - self._spoken < 5:
            return
        self._spoken = now
        say(line(self._step, self._count, self._total, now - self._started))


def line(step: str, count: int, total: int, seconds: float) -> str:
    """How far a step is."""
    each = seconds / max(count, 1)
    left = each * (total - count)
    return f"{step}: {count} of {total}, {each:.2f} s each, {int(left // 60)}:{int(left % 60):02d} left"
