"""Opens the gradebook's database, and says in a line what is wrong with it. SQLite, PostgreSQL, or any other."""

import os
import sqlite3
import time
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SAWarning
from sqlalchemy.pool import StaticPool

from grader.errors import FullDiskError, GradebookError
from grader.tables import tables

_FULL = ("disk is full", "no space left", "disk full", "quota exceeded")


def open_engine(url: str) -> sa.Engine:
    """The engine for a file's name or a SQLAlchemy URL."""
    if not url.strip():
        raise OSError("its name is empty; name a file, such as gradebook.db")
    if "://" not in url:
        url = f"sqlite:///{Path(url)}"
    if sa.make_url(url).get_backend_name() != "sqlite":
        # Rows are locked where it matters, whatever the server's own default is; a connection may have gone idle.
        return sa.create_engine(url, isolation_level="READ COMMITTED", pool_pre_ping=True)
    memory = url in ("sqlite://", "sqlite:///:memory:")
    # One connection is the whole database then: all threads share it, in turn.
    shared = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}} if memory else {}
    with warnings.catch_warnings():
        warnings.simplefilter("error", SAWarning)  # an option that it does not know
        try:
            engine = sa.create_engine(url, **shared)
        except SAWarning as warning:
            names = ", ".join(sa.make_url(url).query)
            raise OSError(f"SQLite does not know an option of its address ({names})") from warning
    folder = Path(engine.url.database or "").parent
    if not memory and not folder.is_dir():
        raise OSError(f"the folder {folder} does not exist")
    if not memory and Path(engine.url.database or "").is_dir():
        raise OSError("it is a folder; name a file in it, such as gradebook.db")
    sa.event.listen(engine, "connect", _tune_sqlite)
    # A transaction takes its turn when it begins: one that reads first and then writes would fail, not wait.
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def make_tables(engine: sa.Engine) -> None:
    """Make the tables that are missing. Another grader may be making the same ones at this moment: then look again."""
    for _ in tables.sorted_tables:
        try:
            return tables.create_all(engine)
        except DBAPIError as error:
            if "exists" not in str(error):
                raise
    return tables.create_all(engine)


def has_row(connection: sa.Connection, statement: sa.Select[Any], values: Mapping[str, Any]) -> bool:
    """Whether a statement finds something."""
    return connection.execute(statement, values).first() is not None


def put(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> None:
    """Write a row in place of the one with its key, whoever else writes it at this moment."""
    same = [column == row[column.key] for column in table.primary_key]
    replace = sa.update(table).where(*same).values(row)
    if not connection.execute(replace).rowcount and not put_new(connection, table, row):
        connection.execute(replace)


def put_new(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Write a row whose key is new; False where another grader was faster."""
    try:
        with connection.begin_nested():
            connection.execute(sa.insert(table), row)
    except IntegrityError:
        return False
    return True


def clock(connection: sa.Connection) -> float:
    """Seconds by the database's clock, which is one for everybody."""
    now = connection.scalar(sa.select(sa.func.current_timestamp(type_=sa.DateTime(timezone=True))))
    assert isinstance(now, datetime)
    return (now if now.tzinfo else now.replace(tzinfo=UTC)).timestamp()


def failure(url: str, error: Exception, verb: str) -> GradebookError | FullDiskError:
    """What to tell of an error: the gradebook cannot be opened, or used; or its disk is full."""
    if _is_full(url, error):
        return FullDiskError(f"the gradebook {safe(url)}")
    return GradebookError(f"the gradebook {safe(url)} cannot be {verb}: {_reason(error)}")


def safe(url: str) -> str:
    """A URL without its password, which may also stand among its options."""
    scheme, there, rest = url.partition("://")
    head, at, tail = rest.rpartition("@")
    shown = tail.partition("?")[0] if "?" not in head else ""
    return f"{scheme}://{'…@' if at else ''}{shown}" if there else url


def _tune_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # the engine begins transactions
    for statement in ("busy_timeout=30000", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {statement}")
    patience = time.monotonic() + 30
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:  # SQLite does not wait here while another opens the same file
            if "locked" not in str(error) or time.monotonic() > patience:
                raise
            time.sleep(0.01)


def _is_full(url: str, error: Exception) -> bool:
    cause = getattr(error, "orig", None) or error
    if any(words in str(cause).lower() for words in _FULL):
        return True
    # Where SQLite cannot make or grow a file beside the database it only says "disk I/O error".
    if not isinstance(cause, sqlite3.OperationalError):
        return False
    path = Path(sa.make_url(url).database or "" if "://" in url else url)
    try:
        there = os.statvfs(path.parent)
    except OSError:
        return False
    return there.f_bavail * there.f_frsize < 2**16


def _reason(error: Exception) -> str:
    if isinstance(error, ArgumentError | ValueError):
        return "it is no SQLAlchemy URL; write sqlite:///gradebook.db or postgresql://host/name"
    if isinstance(error, ImportError):
        return f"its driver is not installed ({error})"
    return str(getattr(error, "orig", None) or error).split("\n")[0]
