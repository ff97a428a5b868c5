"""Version 4: what is said to a learner is a code with arguments, and a state is a code."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "4"
down_revision = "3"

STATES = {"not attempted": "not_attempted", "could not be graded": "ungraded"}
_AT_A_TIME = 1_000
_VERDICTS = sa.text("UPDATE verdicts SET message = :message, state = :state WHERE run = :run AND task = :task")
_RUNS = sa.text("UPDATE runs SET stopped = :stopped WHERE id = :run")


def upgrade() -> None:
    """Each text becomes the argument of a message that says it, and nothing else."""
    verdicts = [
        {"run": run, "task": task, "message": _said(message), "state": STATES.get(state, state)}
        for run, task, message, state in _rows("SELECT run, task, message, state FROM verdicts")
    ]
    # Why a run stopped was kept in words that follow "it".
    runs = [
        {"run": run, "stopped": _said(f"It {stopped}." if stopped else "")}
        for run, stopped in _rows("SELECT id, stopped FROM runs")
    ]
    for statement, rows in ((_VERDICTS, verdicts), (_RUNS, runs)):
        for start in range(0, len(rows), _AT_A_TIME):
            op.get_bind().execute(statement, rows[start : start + _AT_A_TIME])


def _rows(statement: str) -> list[Any]:
    return list(op.get_bind().execute(sa.text(statement)).all())


def _said(text: str) -> str:
    return json.dumps([["text", {"text": text}]] if text else [], ensure_ascii=False)
