"""`Lab`: check, hint, solution, answer and progress, in a learner's kernel. Every call answers with a card."""

import difflib
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import EllipsisType
from typing import Any

from grader.card import COLOURS, MARKS, Card, progress_html, state_text, verdict_card
from grader.checks import Checks, PublicTask, read_checks
from grader.errors import GraderError, ValuesError
from grader.observe import observe
from grader.task import choice_key
from grader.verdict import State, decide

PUBLIC = Path(__file__).with_name("public")
"""The public checks that came with an installed wheel: on Colab there is no course folder around the notebook."""


class Lab:
    """One unit in front of a learner. Shown, it is the progress; its calls return cards."""

    def __init__(self, unit: str, namespace: Mapping[str, Any] | None = None) -> None:
        self.unit = unit
        self._namespace: Any = namespace if namespace is not None else _callers_namespace()
        self._problem = ""
        self._checks: Checks | None = None
        try:
            self._checks = read_checks(_find_checks(unit))
        except GraderError as error:
            self._problem = str(error)
        self._progress = Progress(Path.cwd() / ".progress" / f"{unit}.json")

    def check(self, task: str) -> Card:
        """Judge the task's answer as it stands now by the public checks."""
        return self._card(task, self._check)

    def hint(self, task: str) -> Card:
        """One hint more at each call."""
        return self._card(task, self._hint)

    def solution(self, task: str) -> Card:
        """The reference's code; an assessment shows none."""
        return self._card(task, self._solution)

    def answer(self, task: str, choice: str | EllipsisType) -> Card:
        """Answer a quiz question and check it. `...` stands for no answer yet."""
        if self._checks is None or task not in self._checks.points:
            return self.check(task)
        if choice is not ...:
            self._namespace[task] = choice_key(choice) if isinstance(choice, str) else choice
        else:
            self._namespace.pop(task, None)
        return self.check(task)

    def __repr__(self) -> str:
        """The progress as plain text."""
        if self._problem or self._checks is None:
            return self._problem
        if self._checks.recorded:
            return repr(self._handed_in())
        states = self._states(self._checks)
        lines = [f"  {MARKS[state]} {task}: {state_text(state)}" for task, state in states.items()]
        return "\n".join([self._summary(states), *lines])

    def _repr_html_(self) -> str:
        if self._problem or self._checks is None:
            return Card("This lab cannot check anything", [self._problem])._repr_html_()
        if self._checks.recorded:
            return self._handed_in()._repr_html_()
        return progress_html(self._summary(self._states(self._checks)), self._states(self._checks))

    def _card(self, task: str, act: Callable[[str, PublicTask], Card]) -> Card:
        checks = self._checks
        if checks is None:
            return Card("This lab cannot check anything", [self._problem])
        if not isinstance(task, str) or task not in checks.points:
            near = difflib.get_close_matches(str(task), checks.points, 1)
            what = f"Did you mean `{near[0]}`?" if near else f"There are {', '.join(checks.points)}."
            return Card(f"There is no task named {task!r}", [what])
        if checks.recorded:
            return Card(f"{task}: handed in", ["The grader judges this answer."])
        return act(task, checks.tasks[task])

    def _check(self, task: str, public: PublicTask) -> Card:
        if not public.plan:
            return self._recorded(task)
        try:
            observations = {probe.name: observe(probe, self._namespace) for probe in public.plan}
        except KeyboardInterrupt:
            return Card(f"? {task}: stopped", ["You stopped the check before it came to an end."],
                        colours=COLOURS[State.UNGRADED])  # fmt: skip
        verdict = decide(public.judged, observations)
        problem = self._progress.record(task, verdict.state)
        card = verdict_card(verdict, public=True)
        if not problem:
            return card
        return Card(card.title, [*card.paragraphs, problem], card.blocks, card.colours, card.passed)

    def _hint(self, task: str, public: PublicTask) -> Card:
        reference = f'`lab.solution("{task}")` shows the reference.' if public.solution else ""
        if not public.hints:
            return Card(f"{task} has no hints", [reference] if reference else [])
        shown = self._progress.next_hint(task, len(public.hints))
        hints = [f"{number}. {hint}" for number, hint in enumerate(public.hints[:shown], 1)]
        more = len(public.hints) - shown
        last = f"{more} more: call it again." if more else f"That was the last one. {reference}".rstrip()
        return Card(f"{task}: hint {shown} of {len(public.hints)}", [*hints, last])

    def _solution(self, task: str, public: PublicTask) -> Card:
        if not public.solution:
            return Card(f"{task}: no solution here", ["An assessment shows none. The labs before it show how."])
        return Card(f"{task}: the reference", [], [("One way to write it", public.solution)])

    def _recorded(self, task: str) -> Card:
        """The card of a task without a public check."""
        text = "This task has no public check: the grader judges it."
        if isinstance(self._namespace.get(task), str):
            return Card(f"{task}: recorded", [f"Your answer is {self._namespace[task]!r}.", text])
        return Card(f"{task}: recorded", [text])

    def _handed_in(self) -> Card:
        return Card(f"{self.unit}: handed in", ["The grader judges this notebook."])

    def _states(self, checks: Checks) -> dict[str, State]:
        """The states of the tasks that have a public check."""
        return {name: self._progress.state(name) for name, task in checks.tasks.items() if task.plan}

    def _summary(self, states: Mapping[str, State]) -> str:
        passed = sum(state == State.PASSED for state in states.values())
        following = next((task for task, state in states.items() if state != State.PASSED), "")
        more = len(self._checks.points) - len(states) if self._checks else 0
        return (
            f"{self.unit}: public checks passed for {passed} of {len(states)} tasks"
            + (f"; the grader alone judges {more} more" if more else "")
            + (f"; next: {following}" if following else ".")
        )


class Progress:
    """What a learner has reached in one unit, kept in a file beside the notebook."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._states: dict[str, str] = {}
        self._hints: dict[str, int] = {}
        try:
            form = json.loads(path.read_text(encoding="utf-8"))
            self._states = {str(task): str(State(state)) for task, state in form["states"].items()}
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
        partial = self._path.with_suffix(f".{os.getpid()}.part")
        try:
            self._path.parent.mkdir(exist_ok=True)
            partial.write_text(json.dumps({"states": self._states, "hints": self._hints}), encoding="utf-8")
            partial.replace(self._path)
        except OSError as error:
            return f"Your progress cannot be kept here ({error.strerror}): it lasts until the kernel restarts."
        return ""


def _find_checks(unit: str) -> Path:
    here = Path.cwd()
    for folder in (here, *here.parents):
        for room in (folder, folder / "labs", folder / "assessments"):
            path = room / ".checks" / f"{unit}.json"
            if path.is_file():
                return path
    if (path := PUBLIC / f"{unit}.json").is_file():
        return path
    raise ValuesError(
        f"No checks were found for {unit!r} from {here}. Open the notebook inside the course's folder; its checks "
        f"stand in labs/.checks/{unit}.json."
    )


def _callers_namespace() -> dict[str, Any]:
    """The notebook's namespace: that of the module which makes the Lab."""
    return sys._getframe(2).f_globals
