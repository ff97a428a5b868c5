"""What a learner has reached in one unit, kept in a file beside the notebook."""

import json
from pathlib import Path

from grader.core.files import atomic_write
from grader.judging.verdict import State

_OLD = {"not attempted": State.NOT_ATTEMPTED, "could not be graded": State.UNGRADED}  # as files were written before


def progress_of(folder: Path, unit: str) -> "Progress":
    """A unit's progress, of the notebooks in a folder."""
    return Progress(folder / ".progress" / f"{unit}.json")


class Progress:
    """What a learner has reached in one unit, kept in a file beside the notebook."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._states: dict[str, str] = {}
        self._hints: dict[str, int] = {}
        try:
            form = json.loads(path.read_text(encoding="utf-8"))
            self._states = {str(task): str(State(_OLD.get(state, state))) for task, state in form["states"].items()}
            self._hints = {str(task): int(shown) for task, shown in form["hints"].items()}
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self._states, self._hints = {}, {}  # a damaged file is begun anew: checks are quick to run again

    def state(self, task: str) -> State:
        """The outcome of the task's last check."""
        return State(self._states.get(task, State.NOT_ATTEMPTED))

    def record(self, task: str, state: State) -> str:
        """Keep an outcome. Returns a sentence for the learner where it could not be written."""
        if self._states.get(task) == state:
            return ""
        self._states[task] = str(state)
        return self._write()

    def next_hint(self, task: str, most: int) -> int:
        """How many hints to show now: one more than last time."""
        self._hints[task] = min(self._hints.get(task, 0) + 1, most)
        self._write()
        return self._hints[task]

    def _write(self) -> str:
        try:
            self._path.parent.mkdir(exist_ok=True)
            atomic_write(self._path, json.dumps({"states": self._states, "hints": self._hints}).encode())
        except OSError as error:
            return f"Your progress cannot be saved here ({error.strerror}): it lasts until the kernel restarts."
        return ""
