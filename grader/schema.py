"""The form of a gradebook's tables, which a setting names by its version: an older gradebook is brought into it."""

import secrets
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from grader.database import put, put_new
from grader.line import one_line
from grader.tables import settings, tables

# Gradebooks of version 1 do not name it.
SCHEMA = 2
_MOST_NAMED = 3


def prepare(reads: sa.Engine, writes: sa.Engine) -> str:
    """Bring a gradebook into this version's form, or make a new one. Returns its seed.

    A gradebook that is in this form is only read. Raises OSError, in words that follow "cannot be opened", for a
    database of something else and for a gradebook of a later version.
    """
    with reads.begin() as connection:
        found = _settings_of(connection)
    attempts = len(tables.tables)
    while not _is_ready(found):
        try:
            with writes.begin() as connection:
                _bring_into_form(connection)
                found = _settings_of(connection)
        except DBAPIError as error:
            attempts -= 1
            if not attempts or "exists" not in str(error):
                raise
            # Another grader is making the same tables at this moment: look again.
    return found["seed"]


def _is_ready(found: Mapping[str, str]) -> bool:
    return found.get("schema") == str(SCHEMA) and "seed" in found


def _bring_into_form(connection: sa.Connection) -> None:
    """Add what is missing, in this one transaction."""
    _settings_of(connection)  # another command may have made it something else meanwhile
    tables.create_all(connection)
    inspector = sa.inspect(connection)
    for table in tables.sorted_tables:
        for column in _missing(inspector, table):
            connection.exec_driver_sql(_addition(connection, table, column))
    put_new(connection, settings, {"name": "seed", "value": secrets.token_hex(16)})
    put(connection, settings, {"name": "schema", "value": str(SCHEMA)})


def _settings_of(connection: sa.Connection) -> Mapping[str, str]:
    """The settings of what is there; none where nothing is."""
    inspector = sa.inspect(connection)
    there = inspector.get_table_names()
    ours = [table for table in tables.sorted_tables if table.name in there]
    alien = [table.name for table in ours if any(_default(column) is None for column in _missing(inspector, table))]
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
            f"a later version of the grader made it (its form is {one_line(version, 20)}, this version knows {SCHEMA} "
            "and before); install that one"
        )
    return found


def _missing(inspector: sa.Inspector, table: sa.Table) -> list[sa.Column[object]]:
    there = {column["name"] for column in inspector.get_columns(table.name)}
    return [column for column in table.columns if column.name not in there]


def _default(column: sa.Column[object]) -> object:
    """What a row that is there gets in a column that is added; None where nothing can be known."""
    return column.default.arg if isinstance(column.default, sa.ColumnDefault) and column.default.is_scalar else None


def _addition(connection: sa.Connection, table: sa.Table, column: sa.Column[object]) -> str:
    dialect = connection.dialect
    value = sa.literal(_default(column), column.type).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    name = dialect.identifier_preparer.format_table(table)
    return f"ALTER TABLE {name} ADD COLUMN {sa.schema.CreateColumn(column).compile(dialect=dialect)} DEFAULT {value}"
