"""The card under `lab.submit()`: what was saved and its receipt, or what is to be done first."""

import datetime
from pathlib import Path

from grader.core.errors import GraderError
from grader.core.text import one_line
from grader.judging.verdict import State
from grader.learner.card import COLOURS, Card
from grader.learner.checks import Checks
from grader.learner.hand_in import Submitted, read_notebook, receipt_text, submit
from grader.learner.jupyter import not_saved
from grader.notebooks.notebook_file import read_submission

_SHOWN = 5  # cells that were not saved


def submission_card(notebook: Path | None, checks: Checks, checks_path: Path) -> Card:
    """Bundle a notebook, unless its file is known to be older than what ran."""
    title = f"{checks.unit}: nothing was saved to hand in"
    if notebook is None:
        what = 'The notebook\'s file was not found. Name it, as in `lab.submit("my_notebook.ipynb")`.'
        return Card(title, [what], colours=COLOURS[State.FAILED])
    try:
        data = read_notebook(notebook)
        changed = not_saved(notebook, read_submission(data))
        if changed:
            return _save_first(notebook, changed)
        return _saved(submit(notebook, data, checks, checks_path), _written(notebook))
    except (GraderError, OSError) as error:
        text = str(error)
        return Card(title, [f"{text[0].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"],
                    colours=COLOURS[State.FAILED])  # fmt: skip


def _save_first(notebook: Path, changed: list[str]) -> Card:
    first = [one_line(source.strip().split("\n")[0], 80) for source in changed]
    more = [f"and {len(first) - _SHOWN} more"] if len(first) > _SHOWN else []
    many = "cells were changed and run since then" if len(first) > 1 else "cell was changed and run since then"
    what = f"`{notebook.name}` was saved at {_written(notebook)}. {len(first)} {many}."
    return Card(
        "Save the notebook first: press Ctrl+S, then run this cell again",
        [what, "Nothing was saved to hand in: it would hold the older notebook."],
        [("Not in the saved notebook", "\n".join([*first[:_SHOWN], *more]))], COLOURS[State.FAILED],
    )  # fmt: skip


def _saved(made: Submitted, written: str) -> Card:
    state = State.UNGRADED if made.lacks else State.PASSED
    return Card(
        f"{made.manifest.unit}: saved to hand in{', with something missing' if made.lacks else ''}",
        [
            *made.lacks,
            f"Hand in `{made.path.name}`, which is beside the notebook, and keep the receipt.",
            f"The notebook in it is the one that was saved at {written}. Did you change it since? Press Ctrl+S, then "
            "run this cell again.",
        ],
        [("Receipt", receipt_text(made.manifest))], COLOURS[state], passed=not made.lacks,
    )  # fmt: skip


def _written(notebook: Path) -> str:
    return f"{datetime.datetime.fromtimestamp(notebook.stat().st_mtime):%H:%M:%S}"
