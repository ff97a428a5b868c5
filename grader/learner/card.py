"""Cards: what a learner reads under a check, in a notebook and in a feedback page. HTML, and the same as plain text.

A card brings its own background, so that it reads alike on light and dark themes; a mark and a word say what the
colour says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from grader.core.messages import message, render
from grader.judging.verdict import State, Verdict, state_words

MARKS = {State.PASSED: "✓", State.FAILED: "✗", State.NOT_ATTEMPTED: "○", State.UNGRADED: "?",
         State.WAITING: "✎"}  # fmt: skip
# Dark enough on white, light enough on JupyterLab's dark theme: at least 4.5 to 1 on the card's own background.
COLOURS = {
    State.PASSED: ("#0b6e3b", "#eaf6ee"),
    State.FAILED: ("#a3310f", "#fdf0ea"),
    State.NOT_ATTEMPTED: ("#4a5563", "#f1f3f5"),
    State.UNGRADED: ("#7a5200", "#fdf6e3"),
    State.WAITING: ("#1d4e89", "#ebf2fa"),
}
INFORMATION = ("#1d4e89", "#ebf2fa")
INK, PAPER, TRACK = "#1b1f24", "#ffffff", "#c9d6e4"


@dataclass(frozen=True)
class Card:
    """A title, paragraphs, and blocks of (label, code). True where it stands for something passed."""

    title: str
    paragraphs: Sequence[str] = ()
    blocks: Sequence[tuple[str, str]] = ()
    colours: tuple[str, str] = INFORMATION
    passed: bool = False

    def __bool__(self) -> bool:
        """Whether the task passed."""
        return self.passed

    def __repr__(self) -> str:
        """The card as plain text."""
        blocks = [f"{label}:\n{_indented(code)}" for label, code in self.blocks]
        return "\n".join([self.title, *self.paragraphs, *blocks])

    def _repr_html_(self) -> str:
        paragraphs = "".join(f'<p style="margin:.4em 0 0">{_inline(text)}</p>' for text in self.paragraphs)
        blocks = "".join(_block(label, code) for label, code in self.blocks)
        return frame(self.title, self.colours, paragraphs + blocks)


def verdict_card(verdict: Verdict, *, public: bool) -> Card:
    """The card of a verdict. `public` for a learner's own check; otherwise the grade with its points."""
    title = f"{MARKS[verdict.state]} {verdict.task}: {_outcome(verdict, public)}"
    blocks = [
        (label, text)
        for label, text in (
            ("Call", verdict.call),
            ("Your answer" if verdict.state == State.WAITING else "Came back", verdict.came_back),
            ("Expected", verdict.expected),
        )
        if text
    ]
    return Card(title, _paragraphs(verdict, public), blocks, COLOURS[verdict.state], verdict.state == State.PASSED)


def progress_html(summary: str, states: Mapping[str, State], following: str = "") -> str:
    """A learner's progress: a bar, and every task with its mark; the one that comes next is marked as that."""
    passed = sum(state == State.PASSED for state in states.values())
    shown = bar(passed, len(states), "tasks whose public checks passed")
    items = "".join(_progress_item(task, state, task == following) for task, state in states.items())
    return frame(
        summary, INFORMATION, f'{shown}<ul role="list" style="list-style:none;margin:0;padding:0">{items}</ul>'
    )


def bar(done: float, most: float, label: str) -> str:
    """How far something is, as a bar; a screen reader reads the label and the numbers."""
    share = 100 * done / most if most else 0
    return (
        f'<div role="progressbar" aria-label="{escape(label, quote=True)}" aria-valuemin="0" '
        f'aria-valuemax="{points_text(most)}" aria-valuenow="{points_text(done)}" '
        f'style="height:8px;background:{TRACK};border-radius:4px;margin:.5em 0">'
        f'<div style="height:8px;width:{share:.0f}%;background:{COLOURS[State.PASSED][0]};border-radius:4px">'
        "</div></div>"
    )


def frame(title: str, colours: tuple[str, str], inside: str) -> str:
    """A card's HTML around what is inside. Its title is its name for a screen reader."""
    accent, background = colours
    style = (
        f"border-left:4px solid {accent};background:{background};color:{INK};padding:.6em .9em;margin:.3em 0;"
        "border-radius:3px;font-family:system-ui,sans-serif;font-size:14px;line-height:1.45;max-width:56em;"
        "position:relative;overflow:hidden"
    )
    return (
        f'<div class="dll-card" role="group" aria-label="{escape(title, quote=True)}" style="{style}">'
        f'<strong style="color:{accent}">{_inline(title)}</strong>{inside}</div>'
    )


def state_text(state: State) -> str:
    """A state in a learner's own notebook, where only public checks were run."""
    return render(message("state.public_passed")) if state == State.PASSED else state_words(state)


def points_text(points: float) -> str:
    """Points without needless zeros: 3, 2.5, 1.33."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def _outcome(verdict: Verdict, public: bool) -> str:
    if not public:
        points = f"{points_text(verdict.points)} of {points_text(verdict.max_points)} points"
        return f"{state_words(verdict.state)}, {points}"
    return render(message("state.public_failed")) if verdict.state == State.FAILED else state_text(verdict.state)


def _paragraphs(verdict: Verdict, public: bool) -> list[str]:
    if verdict.state == State.PASSED:
        return []
    said = [render(verdict.messages)]
    if public and verdict.state == State.FAILED:
        said.append(render(message("card.hint", task=verdict.task)))
    if public and verdict.state == State.NOT_ATTEMPTED:
        said.append(render(message("card.answer")))
    return said


def _progress_item(task: str, state: State, is_next: bool) -> str:
    word = escape(state_text(state))
    here = ' aria-current="step"' if is_next else ""
    name = f"<strong>{escape(task)}</strong> (next)" if is_next else escape(task)
    return (
        f'<li{here} style="display:inline-block;margin:.2em .9em 0 0;color:{COLOURS[state][0]}" title="{word}">'
        f'<span aria-hidden="true">{MARKS[state]}</span> {name}'
        f'<span style="position:absolute;left:-9999px">: {word}</span></li>'
    )


def _block(label: str, code: str) -> str:
    return (
        f'<div style="margin:.5em 0 0;font-weight:600">{escape(label)}</div>'
        f'<pre tabindex="0" role="group" aria-label="{escape(label, quote=True)}" style="margin:.15em 0 0;'
        f"padding:.4em .6em;background:{PAPER};color:{INK};overflow-x:auto;"
        # JupyterLab would break lines, in the middle of a number.
        "white-space:pre;word-break:normal;"
        f'font-size:13px;line-height:1.35;border:1px solid #d5dae0;border-radius:3px">{escape(code)}</pre>'
    )


def _inline(text: str) -> str:
    """Escaped text; what stands between backticks becomes code."""
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:  # a lone backtick is only a backtick
        parts[-2:] = ["`".join(parts[-2:])]
    style = f'style="background:{PAPER};color:{INK};padding:0 .25em;border-radius:2px"'
    return "".join(f"<code {style}>{part}</code>" if number % 2 else part for number, part in enumerate(parts))


def _indented(code: str) -> str:
    return "\n".join(f"    {line}" for line in code.split("\n"))
