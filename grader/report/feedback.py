"""Feedback: the page for one learner and one unit. The notebook as it ran, each verdict below what it judges."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

from grader.core.messages import Messages
from grader.judging.verdict import State, Verdict
from grader.learner.card import verdict_card
from grader.report.cell_outputs import Shown, joined, lines_of, shown
from grader.report.markup import Parser
from grader.report.page import page

LINES = 30  # as many have room in every box of the page


@dataclass(frozen=True)
class FeedbackCell:
    """One cell as it ran: `kind` is code, markdown or raw. All of it was made by a learner."""

    kind: str
    source: str
    outputs: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True)
class Feedback:
    """What a feedback page shows.

    `verdicts` are pairs of a cell's index and the verdict that stands below it; the number of cells means after the
    end. `stopped` says why the run did not come to its end, `causes` what failed on the way and cost what needs it.
    """

    learner: str
    unit: str
    title: str
    cells: Sequence[FeedbackCell]
    verdicts: Sequence[tuple[int, Verdict]]
    stopped: Messages = ()
    stopped_cell: int | None = None
    walled: bool = True
    causes: Sequence[Messages] = ()


@dataclass(frozen=True)
class _Graded:
    """A verdict with its place on the page."""

    anchor: str
    verdict: Verdict
    card: Markup


@dataclass(frozen=True)
class _Cell:
    """A cell, ready to be shown. `after_stop` marks the first one that the run never reached.

    Each cell and its outputs get so much height and no more. What is `long` may have to be scrolled, by keys, too.
    """

    number: int
    kind: str
    body: Markup
    is_long: bool
    outputs: Sequence[Shown] = ()
    outputs_are_long: bool = False
    graded: Sequence[_Graded] = field(default_factory=list)
    stopped: bool = False
    after_stop: bool = False


def feedback_html(feedback: Feedback) -> str:
    """The page: self-contained, without a script, safe to open whatever the learner wrote."""
    graded = [
        _Graded(f"task-{number}", verdict, Markup(verdict_card(verdict, public=False)._repr_html_()))
        for number, (_, verdict) in enumerate(feedback.verdicts, 1)
    ]
    places = defaultdict(list)
    for (place, _), item in zip(feedback.verdicts, graded, strict=True):
        places[place if 0 <= place < len(feedback.cells) else len(feedback.cells)].append(item)
    parser = Parser()
    stopped_cell = feedback.stopped_cell if feedback.stopped else None
    return page(
        "feedback.html",
        feedback=feedback,
        graded=graded,
        points=sum(item.verdict.points for item in graded),
        max_points=sum(item.verdict.max_points for item in graded),
        cells=[_cell(number, cell, places[number], stopped_cell, parser) for number, cell in enumerate(feedback.cells)],
        at_end=places[len(feedback.cells)],
        stopped_number=None if stopped_cell is None else stopped_cell + 1,
        unread=_why_unread(feedback),
    )


def _why_unread(feedback: Feedback) -> Messages:
    """Why nothing of what was handed in could be graded, to be said once; nothing if something could, or ran."""
    verdicts = [verdict for _, verdict in feedback.verdicts]
    reasons = {verdict.messages for verdict in verdicts}
    ungraded = verdicts and all(verdict.state == State.UNGRADED for verdict in verdicts)
    return reasons.pop() if ungraded and len(reasons) == 1 and not feedback.cells else ()


def _cell(
    number: int, cell: FeedbackCell, graded: Sequence[_Graded], stopped_cell: int | None, parser: Parser
) -> _Cell:
    text = joined(cell.source)
    kind = cell.kind if cell.kind in ("code", "markdown") else "raw"
    show = {"code": parser.code, "markdown": parser.prose, "raw": parser.text}[kind]
    body = escape("This cell cannot be read.") if text is None else show(text)
    outputs = shown(cell.outputs, [item.verdict.task for item in graded], parser) if cell.kind == "code" else []
    return _Cell(
        number + 1, kind, body, lines_of(text or "") > LINES, outputs, sum(one.lines for one in outputs) > LINES,
        graded, number == stopped_cell, stopped_cell is not None and number == stopped_cell + 1,
    )  # fmt: skip
