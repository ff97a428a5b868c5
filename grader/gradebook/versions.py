"""The version of a gradebook's tables, which is one of its settings: an older gradebook is brought up to date."""

import json
import secrets
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from grader.core.text import one_line
from grader.gradebook.database import put, put_new
from grader.gradebook.tables import expected, settings, tables

# To be raised with each change of the tables. Gradebooks of version 1 do not say it.
SCHEMA = 4
DRAWS_SINCE = 3
CODES_SINCE = 4
_MOST_NAMED = 3


def prepare(reads: sa.Engine, writes: sa.Engine) -> str:
    """Make a new gradebook's tables, or bring an older one up to date. Returns its seed.

    An up-to-date gradebook is only read. Raises OSError, in words that follow "cannot be opened", for a database of
    something else and for a gradebook of a later version.
    """
    with reads.begin() as connection:
        found = _settings_of(connection)
    attempts = len(tables.tables)
    while not _is_ready(found):
        try:
            with writes.begin() as connection:
                _bring_up_to_date(connection)
                found = _settings_of(connection)
        except DBAPIError as error:
            attempts -= 1
            if not attempts or "exists" not in str(error):
                raise
            # Another grader is making the same tables at this moment: look again.
    return found["seed"]


def _is_ready(found: Mapping[str, str]) -> bool:
    return found.get("schema") == str(SCHEMA) and "seed" in found


def _bring_up_to_date(connection: sa.Connection) -> None:
    """Add what is missing, in this one transaction."""
    before = _settings_of(connection)  # another command may have made it something else meanwhile
    tables.create_all(connection)
    inspector = sa.inspect(connection)
    for table in tables.sorted_tables:
        for column in _missing(inspector, table):
            connection.exec_driver_sql(_addition(connection, table, column))
    if int(before.get("schema", "1")) < DRAWS_SINCE:  # of one draw, and judged otherwise
        connection.execute(sa.delete(expected))
    if before and int(before.get("schema", "1")) < CODES_SINCE:
        _texts_as_messages(connection)
    put_new(connection, settings, {"name": "seed", "value": secrets.token_hex(16)})
    put(connection, settings, {"name": "schema", "value": str(SCHEMA)})


def _texts_as_messages(connection: sa.Connection) -> None:
    """Keep each text as the argument of a message, and states by their codes."""
    for text in set(connection.scalars(sa.text("SELECT DISTINCT message FROM verdicts"))):
        values = {"new": _as_json(text), "old": text}
        connection.execute(sa.text("UPDATE verdicts SET message = :new WHERE message = :old"), values)
    for text in set(connection.scalars(sa.text("SELECT DISTINCT stopped FROM runs"))):
        values = {"new": _as_json(f"It {text}." if text not in ("", "[]") else ""), "old": text}
        connection.execute(sa.text("UPDATE runs SET stopped = :new WHERE stopped = :old"), values)
    for old, new in (("not attempted", "not_attempted"), ("could not be graded", "ungraded")):
        connection.execute(sa.text("UPDATE verdicts SET state = :new WHERE state = :old"), {"new": new, "old": old})


def _as_json(text: str) -> str:
    return json.dumps([["text", {"text": text}]] if text else [], ensure_ascii=False)


def _settings_of(connection: sa.Connection) -> Mapping[str, str]:
    """The settings in a database; none in an empty one."""
    inspector = sa.inspect(connection)
    there = inspector.get_table_names()
    ours = [table for table in tables.sorted_tables if table.name in there]
    alien = [table.name for table in ours if not all(map(_can_be_added, _missing(inspector, table)))]
    if alien or (there and settings not in ours and connection.dialect.name == "sqlite"):
        kind = "an SQLite file" if connection.dialect.name == "sqlite" else "a database"
        named = ", ".join((alien or there)[:_MOST_NAMED])
        raise OSError(one_line(f"it is {kind} of something else (its tables: {named}); name another"))
    if settings not in ours:
        return {}
    found = {row.name: row.value for row in connection.execute(sa.select(settings))}
    version = found.get("schema", "1")
    if not version.isdecimal() or len(version) > 9 or int(version) > SCHEMA:
        raise OSError(
            f"a later version of the grader made it (it has version {one_line(version, 20)}, and this grader knows "
            f"{SCHEMA} and before): install that version"
        )
    return found


def _missing(inspector: sa.Inspector, table: sa.Table) -> list[sa.Column[object]]:
    there = {column["name"] for column in inspector.get_columns(table.name)}
    return [column for column in table.columns if column.name not in there]


def _can_be_added(column: sa.Column[object]) -> bool:
    return bool(column.nullable) or isinstance(column.default, sa.ColumnDefault)


def _addition(connection: sa.Connection, table: sa.Table, column: sa.Column[object]) -> str:
    """The statement that adds a column, in which existing rows get its default."""
    dialect = connection.dialect
    name = dialect.identifier_preparer.format_table(table)
    added = f"ALTER TABLE {name} ADD COLUMN {sa.schema.CreateColumn(column).compile(dialect=dialect)}"
    if not isinstance(column.default, sa.ColumnDefault):
        return added
    value = sa.literal(column.default.arg, column.type)
    return f"{added} DEFAULT {value.compile(dialect=dialect, compile_kwargs={'literal_binds': True})}"
