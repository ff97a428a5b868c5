"""A question that is one cell: its choices, below each wrong one why it is wrong, below the right one `> Right.`

    # %% [markdown] question="quiz_1" points=2
    # ### Question 1
    #
    # Which of them is even?
    #
    # - (a) One.
    #   > It leaves a rest.
    # - (b) Two.
    #   > Right.
    #
    # Hint: Divide by two.

A question without choices is answered in words. Below it is what a good answer says, for whoever marks it:

    # %% [markdown] question="why" points=3
    # Why does the loop need the steps in this order?
    #
    # > Each step needs what the step before it made.

Pure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from grader.core.errors import SourceError

_CHOICE = re.compile(r"[-*] \((\w)\) ")
_NOTE = re.compile(r" +>(?: (.*))?$")
_GOOD = re.compile(r">(?: (.*))?$")
_RIGHT = "Right."
_HINT = "Hint: "
_ANSWER = """\
### BEGIN SOLUTION
{lab}.answer("{name}", {right})
### STARTER
# {lab}.answer("{name}", ...)
### END SOLUTION"""


@dataclass(frozen=True)
class Question:
    """A question as its cell says it; `text` is what a learner reads.

    `right` is the letter of the right choice or, of a question without choices, what a good answer says.
    """

    text: str
    right: str
    wrong: dict[str, str]
    hints: list[str]

    def answer_cell(self, name: str, lab: str) -> str:
        """The exercise cell in which it is answered."""
        right = f'"{self.right}"' if self.wrong else repr(self.right)
        return _ANSWER.format(lab=lab, name=name, right=right)


def gives_away(source: str) -> bool:
    """Whether a cell of text marks a right choice, as only a question's may."""
    return any(_note(line) == _RIGHT for line in source.split("\n"))


def split_hints(source: str) -> tuple[str, list[str]]:
    """A cell's text without its hints, and the hints: each begins `Hint: ` and ends with its paragraph or the next."""
    hints: list[str] = []
    kept: list[str] = []
    in_hint = False
    for line in source.split("\n"):
        in_hint = line.startswith(_HINT) or (in_hint and bool(line.strip()))
        if line.startswith(_HINT):
            hints.append(line.removeprefix(_HINT).strip())
        elif in_hint:
            hints[-1] += f" {line.strip()}"
        else:
            kept.append(line)
    return ("\n".join(_without_gaps(kept)), hints) if hints else (source, [])


def read_question(source: str) -> Question:
    """Read a question's cell. Raises SourceError, without a place, for whatever is missing in it."""
    text, hints = split_hints(source)
    notes: dict[str, list[str]] = {}
    kept: list[str] = []
    choice = ""
    for line in text.split("\n"):
        found, note = _CHOICE.match(line), _note(line)
        if found:
            choice = found[1].lower()
            if choice in notes:
                raise SourceError(f"it has two choices ({choice})")
            notes[choice] = []
        elif not line.strip():
            choice = ""
        if note is not None and choice:
            notes[choice].append(note)
        else:
            kept.append(line)
    if not notes:
        return _in_words(kept, hints)
    right, wrong = _right_and_wrong(notes)
    return Question("\n".join(kept), right, wrong, hints)


def _in_words(lines: list[str], hints: list[str]) -> Question:
    """A question without choices."""
    said = [found[1] or "" for line in lines if (found := _GOOD.match(line))]
    good = " ".join(" ".join(said).split())
    if not good:
        raise SourceError("it has neither choices, each of which begins `- (a) `, nor a good answer, behind `> `")
    kept = _without_gaps([line for line in lines if not _GOOD.match(line)])
    return Question("\n".join(kept), good, {}, hints)


def _note(line: str) -> str | None:
    """What a line says below a choice; None for another line."""
    found = _NOTE.match(line)
    return (found[1] or "").strip() if found else None


def _right_and_wrong(notes: dict[str, list[str]]) -> tuple[str, dict[str, str]]:
    said = {choice: " ".join(lines).strip() for choice, lines in notes.items()}
    right = [choice for choice, text in said.items() if text == _RIGHT]
    if len(right) != 1:
        marked = ", ".join(f"({choice})" for choice in right) or "no choice"
        raise SourceError(f"it marks {marked} as right: write `  > {_RIGHT}` below one")
    wrong = {choice: text for choice, text in said.items() if choice != right[0]}
    if silent := [choice for choice, text in wrong.items() if not text]:
        raise SourceError(f"it does not say why ({silent[0]}) is wrong: write `  > Why.` below the choice")
    if not wrong:
        raise SourceError("it has no wrong choice")
    return right[0], wrong


def _without_gaps(lines: list[str]) -> Iterator[str]:
    """The lines without the empty ones that hints left: none at the end, and no two in a row."""
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    for number, line in enumerate(lines):
        if line.strip() or lines[number - 1].strip():
            yield line
