"""`Lab`: check, hint, solution, answer, submit, progress, in a learner's kernel. Every call answers with a card."""

import difflib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import EllipsisType
from typing import Any

from grader.core.errors import GraderError
from grader.core.messages import render
from grader.judging.choices import choice_key, says_nothing
from grader.judging.closed_figures import unseen
from grader.judging.expectation import JudgedTask, Observations
from grader.judging.explaining.explain import no_choice
from grader.judging.observe import observe
from grader.judging.verdict import State, Verdict, decide, needs_first, raise_not_implemented
from grader.learner.card import COLOURS, MARKS, Card, progress_html, state_text, verdict_card
from grader.learner.checks import Checks, PublicTask, find_checks, read_checks
from grader.learner.jupyter import displays_dropped, front_end, lab_name, notebook_path, watch, write_cell
from grader.learner.progress import progress_of
from grader.learner.question import answer_line, chosen_card, offered, unanswered, with_choices
from grader.learner.unwritten import unwritten_callee


class Lab:
    """One unit in front of a learner. Shown, it is the progress; its calls return cards.

    >>> lab = Lab("toy", namespace={"double": lambda x: x + x})
    >>> lab.check("double").passed
    True
    """

    def __init__(self, unit: str, namespace: Mapping[str, Any] | None = None) -> None:
        self.unit = unit
        self._namespace: Any = namespace if namespace is not None else _callers_namespace()
        self._problem = ""
        self._checks: Checks | None = None
        try:
            self._checks_path = find_checks(unit, Path.cwd())
            self._checks = read_checks(self._checks_path)
        except GraderError as error:
            self._problem = str(error)
        self._progress = progress_of(Path.cwd(), unit)
        self._chosen: dict[str, str] = {}  # below a question, and not yet in its cell
        watch()

    def check(self, task: str) -> Card:
        """Judge the task's answer as it stands now by the public checks.

        >>> Lab("toy", namespace={"double": lambda x: x**2}).check("double").passed
        False
        """
        return self._card(task, self._check)

    def hint(self, task: str) -> Card:
        """One hint more at each call.

        >>> print(*Lab("toy").hint("double").paragraphs)
        1. What is x + x? That was the last one. `lab.solution("double")` shows the reference.
        """
        return self._card(task, self._hint)

    def solution(self, task: str) -> Card:
        """The reference's code; an assessment shows none.

        >>> Lab("toy").solution("double").title
        'double: the reference'
        """
        return self._card(task, self._solution)

    def answer(self, task: str, choice: str | EllipsisType = ...) -> Card:
        """Answer a question and check it. `...` stands for no answer yet: then a front end shows the choices.

        >>> Lab("toy").answer("quiz", "b").passed
        True
        """
        if self._checks is None or not isinstance(task, str) or task not in self._checks.points:
            return self.check(task)
        if choice is ... or (isinstance(choice, str) and says_nothing(choice)):
            return self._ask(task)
        public = self._checks.tasks.get(task)  # none where the judge is elsewhere, which gets what was written
        if public and isinstance(choice, str) and not public.judged.by_person:
            choice = choice_key(choice, public.judged.choices)
        self._namespace[task] = choice
        return self.check(task)

    def submit(self, notebook: str | Path = "") -> Card:
        """Save a bundle to hand in: the notebook as it was saved, with the files that the unit asks for.

        >>> Lab("toy").submit("toy.ipynb").title
        'toy: saved to hand in'
        """
        if self._checks is None:
            return Card("This lab cannot check anything", [self._problem])
        if self._checks.recorded:
            return self._handed_in()
        from grader.learner.hand_in_card import submission_card

        path = Path(notebook) if notebook else notebook_path(self._namespace, Path.cwd(), self.unit)
        return submission_card(path, self._checks, self._checks_path)

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
        states = self._states(self._checks)
        return progress_html(self._summary(states), states, _following(states))

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
            return self._recorded(public.judged)
        try:
            with displays_dropped(), unseen():
                observations = {probe.name: observe(probe, self._namespace) for probe in public.plan}
        except KeyboardInterrupt:
            return Card(f"? {task}: stopped", ["You stopped the check before it finished."],
                        colours=COLOURS[State.UNGRADED])  # fmt: skip
        verdict = self._judged(public, observations)
        problem = self._progress.record(task, verdict.state)
        card = verdict_card(verdict, public=True)
        if not problem:
            return card
        return Card(card.title, [*card.paragraphs, problem], card.blocks, card.colours, card.passed)

    def _judged(self, public: PublicTask, observations: Observations) -> Verdict:
        """The verdict; an answer is told which function it needs that is not written yet."""
        judged, tasks = public.judged, self._checks.points if self._checks else ()
        verdict = decide(judged, observations)
        if verdict.state != State.NOT_ATTEMPTED or not raise_not_implemented(observations):
            return verdict
        needed = unwritten_callee(judged.name, self._namespace, tasks)
        return decide(judged, observations, known=needs_first(needed)) if needed else verdict

    def _ask(self, task: str) -> Card:
        """A question without an answer in its cell. What was chosen below the cell is written into it."""
        chosen, name = self._chosen.pop(task, ""), lab_name(task)
        if chosen and name:
            write_cell(answer_line(name, task, chosen))
            return self.answer(task, chosen)
        self._namespace.pop(task, None)
        card = self.check(task)
        public = self._checks.tasks.get(task) if self._checks else None
        labels = offered(public) if public else {}
        if not labels:
            return card
        if not front_end():
            return unanswered(task)

        def choose(letter: str) -> Card:
            self._chosen[task] = letter
            return chosen_card(self.answer(task, letter), answer_line(name or "lab", task, letter), alone=bool(name))

        return with_choices(unanswered(task), labels, choose)

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

    def _recorded(self, task: JudgedTask) -> Card:
        """The card of a task without a public check."""
        text, answer = "This task has no public check: the grader judges it.", self._namespace.get(task.name)
        if task.choices and task.name in self._namespace and (problem := no_choice(task, answer)):
            return Card(f"{task.name}: not recorded", [render(problem)])
        mine = [f"Your answer is {answer!r}."] if isinstance(answer, str) else []
        return Card(f"{task.name}: recorded", [*mine, text])

    def _handed_in(self) -> Card:
        return Card(f"{self.unit}: handed in", ["The grader judges this notebook."])

    def _states(self, checks: Checks) -> dict[str, State]:
        """The states of the tasks that have a public check."""
        return {name: self._progress.state(name) for name, task in checks.tasks.items() if task.plan}

    def _summary(self, states: Mapping[str, State]) -> str:
        passed = sum(state == State.PASSED for state in states.values())
        following = _following(states)
        more = len(self._checks.points) - len(states) if self._checks else 0
        return (
            f"{self.unit}: public checks passed for {passed} of {len(states)} tasks"
            + (f"; the grader alone judges {more} more" if more else "")
            + (f"; next: {following}" if following else ".")
        )


def _following(states: Mapping[str, State]) -> str:
    """The task that comes next, or ""."""
    return next((task for task, state in states.items() if state not in (State.PASSED, State.WAITING)), "")


def _callers_namespace() -> dict[str, Any]:
    """The notebook's namespace: that of the module which makes the Lab."""
    return sys._getframe(2).f_globals
