"""Waits for a gradebook that another program has locked, and says so in a line once that takes long."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from grader.core.errors import GradebookError

TOLD_SECONDS = 2.0
MOST_SECONDS = 600.0
STEP_SECONDS = 0.01

Say = Callable[[str], None]
Result = TypeVar("Result")


class Waiting:
    """How a gradebook's lock is waited for. `name` is what the gradebook is called, `say` gets the line."""

    def __init__(self, name: str, say: Say) -> None:
        self._name, self._say = name, say

    def until_free(self, step: Callable[[], Result], is_locked: Callable[[Exception], bool]) -> Result:
        """What a step gives, which is tried again as long as it fails because of a lock.

        Raises GradebookError after `MOST_SECONDS`, and every other error of the step.
        """
        began, told = time.monotonic(), False
        while True:
            try:
                return step()
            except Exception as error:
                if not is_locked(error):
                    raise
                waited = time.monotonic() - began
                if waited > MOST_SECONDS:
                    raise too_long(self._name) from error
            if waited >= TOLD_SECONDS and not told:
                told = True
                self._tell()
            time.sleep(STEP_SECONDS)  # some steps fail at once

    @contextmanager
    def told(self) -> Iterator[None]:
        """Say the line if what is within takes long: a database server waits by itself."""
        timer = threading.Timer(TOLD_SECONDS, self._tell)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _tell(self) -> None:
        self._say(f"The gradebook {self._name} is locked by another program; waiting …")


def too_long(name: str) -> GradebookError:
    """The error once a lock was waited for as long as anybody waits."""
    return GradebookError(
        f"the gradebook {name} has been locked by another program for {MOST_SECONDS / 60:.0f} minutes: "
        "end that program, then give the same command again"
    )
