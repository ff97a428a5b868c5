"""The version of a gradebook's tables, which is one of its settings. Alembic moves an older gradebook to this one.

A new gradebook is made as `tables` says, and one that is up to date is only read: for neither is Alembic imported.
Whoever changes the tables adds a script to `migrations/versions` and raises `SCHEMA`; a test compares the two.
"""

import re
import secrets
import threading
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from grader.core.text import one_line
from grader.gradebook.database import put, put_new
from grader.gradebook.tables import settings, tables

# That of the last script in `migrations/versions`. Gradebooks of version 1 do not say it.
SCHEMA = 4
MIGRATIONS = Path(__file__).parent / "migrations"
_MOST_NAMED = 3
# The columns that every version has: a table that lacks one of them is somebody else's.
_OURS = {
    "settings": {"name", "value"},
    "expected": {"unit", "source", "content"},
    "runs": {"id", "unit", "source", "notebook"},
    "commands": {"id", "place", "process", "seen"},
    "claims": {"run", "command"},
    "verdicts": {"run", "task", "position", "state", "points", "max_points", "message", "misconception", "shown"},
    "submissions": {"learner", "unit", "run"},
}
_ONE_AT_A_TIME = threading.Lock()  # Alembic's operations are one for all threads


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
            with _ONE_AT_A_TIME, writes.begin() as connection:
                found = _brought_up_to_date(connection)
        except DBAPIError as error:
            attempts -= 1
            if not attempts or "exists" not in str(error):
                raise
            # Another grader is making the same tables at this moment: look again.
    return found["seed"]


def _is_ready(found: Mapping[str, str]) -> bool:
    return found.get("schema") == str(SCHEMA) and "seed" in found


def _brought_up_to_date(connection: sa.Connection) -> Mapping[str, str]:
    """The settings of a gradebook that is made or moved in this one transaction: all of it, or nothing."""
    found = _settings_of(connection, locked=True)  # another command may have been faster
    if _is_ready(found):
        return found
    if found:
        _migrate(connection, found["schema"])
    tables.create_all(connection)  # of a new gradebook all
    put_new(connection, settings, {"name": "seed", "value": secrets.token_hex(16)})
    put(connection, settings, {"name": "schema", "value": str(SCHEMA)})
    return _settings_of(connection)


def _migrate(connection: sa.Connection, version: str) -> None:
    """Run Alembic's scripts above a version, within the connection's transaction."""
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    scripts = list(ScriptDirectory(str(MIGRATIONS)).iterate_revisions(str(SCHEMA), version))
    with Operations.context(MigrationContext.configure(connection)):
        for script in reversed(scripts):
            script.module.upgrade()


def _settings_of(connection: sa.Connection, *, locked: bool = False) -> Mapping[str, str]:
    """The settings in a database; none in an empty one. `locked`: no other command may move it until the end."""
    inspector = sa.inspect(connection)
    there = inspector.get_table_names()
    ours = [table.name for table in tables.sorted_tables if table.name in there]
    alien = [name for name in ours if not _OURS[name] <= {column["name"] for column in inspector.get_columns(name)}]
    if alien or (there and "settings" not in ours and connection.dialect.name == "sqlite"):
        kind = "an SQLite file" if connection.dialect.name == "sqlite" else "a database"
        named = ", ".join((alien or there)[:_MOST_NAMED])
        raise OSError(one_line(f"it is {kind} of something else (its tables: {named}); name another"))
    if "settings" not in ours:
        return {}
    if locked:  # SQLite ignores it: there the transaction itself is the lock
        connection.execute(sa.select(settings.c.name).with_for_update()).all()
    # Without a word of its version it is of the first, also if it has no settings at all.
    found = {"schema": "1"} | {row.name: row.value for row in connection.execute(sa.select(settings))}
    version = found["schema"]
    if not re.fullmatch("[1-9][0-9]{0,8}", version):
        raise OSError(f"its version, {one_line(version, 20)!r}, is none that a grader gives: it is damaged")
    if int(version) > SCHEMA:
        raise OSError(
            f"a later version of the grader made it (it has version {version}, and this grader knows {SCHEMA} and "
            "before): install that version"
        )
    return found
