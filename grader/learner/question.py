"""A question's choices as radio buttons, where widgets run: choosing one checks it at once.

A widget cannot change the cell above it: only a cell that runs can have itself written anew. So a choice shows the line
to keep; and when the cell runs again, the line is written into it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from grader.judging.verdict import State, state_words
from grader.learner.card import COLOURS, MARKS, Card
from grader.learner.checks import PublicTask

_WIDTH = 110  # characters of a choice; the whole text stands above
_PROBE = "choice"


@dataclass(frozen=True, repr=False)
class Question(Card):
    """A card with a widget in its place where a front end shows widgets."""

    widget: Any = None

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        views = {kind: view for kind, view in self.widget._repr_mimebundle_().items() if "widget-view" in kind}
        return {"text/plain": repr(self), "text/html": self._repr_html_(), **views}


def offered(public: PublicTask) -> dict[str, str]:
    """The label of each choice, by its letter; none where the task is no question."""
    if not public.choices:
        return {letter: f"({letter})" for letter in _letters(public)}
    if any("$" in text for text in public.choices.values()):  # a radio button shows no formula
        return {letter: f"({letter})" for letter in public.choices}
    return {letter: f"({letter}) {_plain(text)}" for letter, text in public.choices.items()}


def unanswered(task: str) -> Card:
    """The card of a question that has no answer yet."""
    state = State.NOT_ATTEMPTED
    what = "No answer yet. Replace `...` with the letter of your choice, in quotes, and run the cell again."
    return Card(f"{MARKS[state]} {task}: {state_words(state)}", [what], colours=COLOURS[state])


def answer_line(lab: str, task: str, choice: str) -> str:
    """The line that a cell must hold to answer."""
    return f'{lab}.answer("{task}", "{choice}")'


def chosen_card(card: Card, line: str, *, alone: bool) -> Card:
    """The card of a choice, with the line that hands it in. `alone` says that the cell holds nothing else."""
    how = (
        "Run the cell above again to write this line into it: this is what you hand in."
        if alone
        else "Replace the line with `...` in the cell above with this line: this is what you hand in."
    )
    return replace(card, paragraphs=[*card.paragraphs, how], blocks=[*card.blocks, ("The line", line)])


def with_choices(card: Card, labels: Mapping[str, str], choose: Callable[[str], Card]) -> Card:
    """The card below radio buttons. `choose` gets the letter that was chosen and gives the card to show then."""
    try:
        import ipywidgets
    except ImportError:
        return card
    buttons = ipywidgets.RadioButtons(
        options=[(label, letter) for letter, label in labels.items()], value=None, description="Your answer",
        layout={"width": "max-content"}, style={"description_width": "auto"},
    )  # fmt: skip
    below = ipywidgets.HTML(card._repr_html_())

    def chosen(change: Any) -> None:
        below.value = choose(change["new"])._repr_html_()

    buttons.observe(chosen, "value")
    widget = ipywidgets.VBox([buttons, below])
    return Question(card.title, card.paragraphs, card.blocks, card.colours, card.passed, widget)


def _letters(public: PublicTask) -> list[str]:
    """The letters that a question's checks know: of the wrong choices and of the right one, in order."""
    reference = public.judged.expectation.reference.get(_PROBE)
    if [probe.name for probe in public.plan] != [_PROBE] or public.plan[0].inputs or reference is None:
        return []
    wrong = {name.removeprefix(f"{_PROBE}_") for name in public.judged.hints}
    return sorted({*wrong, reference.value}) if isinstance(reference.value, str) else []


def _plain(text: str) -> str:
    """A choice's text without Markdown's marks, on one line of a button."""
    words = text.replace("`", "").replace("**", "")
    return words if len(words) <= _WIDTH else f"{words[: _WIDTH - 1].rstrip()}…"
