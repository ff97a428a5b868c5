"""The gradebook's tables."""

import json
import re
from typing import Any

import sqlalchemy as sa

from grader.core.errors import ValuesError
from grader.core.messages import Messages, messages_from_json, messages_to_json, plain, render

DAMAGED = plain("What the gradebook has here is damaged: grade this notebook again, with --again.")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class PlainText(sa.TypeDecorator[str]):
    """Text that every database takes: a NUL or half a surrogate pair, which a learner may print, becomes `�`."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """What is stored in place of `value`."""
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """The text as every database takes it."""
    return _UNSTORABLE.sub("\ufffd", text)


class Said(sa.TypeDecorator[Messages]):
    """Messages, as JSON: their codes and arguments, and no words."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Messages | None, dialect: Any) -> str | None:
        """The JSON text of messages."""
        return None if value is None else json.dumps(_storable(messages_to_json(value)), ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Any) -> Messages | None:
        """The messages of a JSON text; if it is none, that this row is damaged, which must not cost the others."""
        if value is None:
            return None
        try:
            said = messages_from_json(json.loads(value))
            render(said)
        except (ValuesError, ValueError, TypeError, OverflowError, RecursionError):
            return DAMAGED
        return said


def _storable(form: Any) -> Any:
    """A JSON form with texts that every database takes."""
    if isinstance(form, str):
        return storable(form)
    if isinstance(form, list):
        return [_storable(item) for item in form]
    return {name: _storable(value) for name, value in form.items()} if isinstance(form, dict) else form


def _key(name: str, of: Any) -> sa.Column[Any]:
    return sa.Column(name, of, primary_key=True)


def _set(name: str, of: Any, **how: Any) -> sa.Column[Any]:
    return sa.Column(name, of, nullable=False, **how)


tables = sa.MetaData()

# One fact about the gradebook: its secret seed.
settings = sa.Table("settings", tables, _key("name", sa.String(100)), _set("value", sa.Text))

# What the reference, the starter and the misconceptions of a unit's source gave for each draw of this gradebook.
expected = sa.Table(
    "expected", tables, _key("unit", sa.String(255)), _key("source", sa.String(64)), _set("content", sa.LargeBinary)
)

# One notebook's run against one source. `finished` once every task has its verdict; `draw` is the number of the inputs
# that it gets.
runs = sa.Table(
    "runs", tables,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    _set("unit", sa.String(255)),
    _set("source", sa.String(64)),
    _set("notebook", sa.String(64)),
    _set("draw", sa.Integer, default=0),
    _set("finished", sa.Boolean, default=False),
    _set("walled", sa.Boolean, default=True),
    _set("seconds", sa.Float, default=0.0),
    _set("stopped", Said, default=()),
    sa.Column("executed", sa.LargeBinary),
    sa.UniqueConstraint("unit", "source", "notebook"),
)  # fmt: skip

# A command at work: which process it is, among which others, and when it last said that it lives, by the database's
# clock. Its id is random: a number might be given twice.
commands = sa.Table(
    "commands", tables,
    _key("id", sa.String(32)), _set("place", sa.String(400)), _set("process", sa.String(50)), _set("seen", sa.Float),
)  # fmt: skip

# A run that a command is at.
claims = sa.Table(
    "claims", tables,
    _key("run", sa.ForeignKey("runs.id", ondelete="CASCADE")),
    _set("command", sa.ForeignKey("commands.id", ondelete="CASCADE"), index=True),
)  # fmt: skip

# The verdict of one task in one run. `shown` is JSON: the failing call, what came back, what was expected, the cell.
verdicts = sa.Table(
    "verdicts", tables,
    _key("run", sa.ForeignKey("runs.id", ondelete="CASCADE")),
    _key("task", sa.String(255)),
    _set("position", sa.Integer),
    _set("state", sa.String(30)),
    _set("points", sa.Float),
    _set("max_points", sa.Float),
    _set("message", Said),
    _set("misconception", PlainText),
    _set("shown", sa.Text),
)  # fmt: skip

# A learner's latest notebook for a unit. A file's name has at most 255 bytes; one that is no Unicode is written with
# four characters for each.
submissions = sa.Table(
    "submissions", tables,
    _key("learner", sa.String(1020)), _key("unit", sa.String(255)), _set("run", sa.ForeignKey("runs.id")),
)  # fmt: skip
