"""Opens the gradebook's database, and says in a line what is wrong with it. SQLite, PostgreSQL, or any other."""

import os
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, IntegrityError

from grader.core.errors import FullDiskError, GradebookError
from grader.gradebook.sqlite import sqlite_engine
from grader.gradebook.waiting import MOST_SECONDS, Waiting, too_long

_FULL = ("disk is full", "no space left", "disk full", "quota exceeded")
_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's code for a lock that was waited for too long


def open_engine(url: str, waiting: Waiting) -> sa.Engine:
    """The engine for a file's name or a SQLAlchemy URL. `waiting` is how it waits for locks."""
    if not url.strip():
        raise OSError("its name is empty; name a file, such as gradebook.db")
    if "://" not in url:
        url = f"sqlite:///{Path(url)}"
    backend = sa.make_url(url).get_backend_name()
    if backend == "sqlite":
        return sqlite_engine(url, waiting)
    # Rows are locked where it matters, whatever the server's own default is; a connection may have gone idle.
    engine = sa.create_engine(url, isolation_level="READ COMMITTED", pool_pre_ping=True, max_overflow=-1)
    if backend == "postgresql":
        sa.event.listen(engine, "connect", _bound_waiting)
    return engine


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
    if getattr(getattr(error, "orig", None), "sqlstate", "") == _LOCK_NOT_AVAILABLE:
        return too_long(safe(url))
    return GradebookError(f"the gradebook {safe(url)} cannot be {verb}: {_reason(error)}")


def safe(url: str) -> str:
    """A URL without its password, which may also stand among its options."""
    scheme, there, rest = url.partition("://")
    head, at, tail = rest.rpartition("@")
    shown = tail.partition("?")[0] if "?" not in head else ""
    return f"{scheme}://{'…@' if at else ''}{shown}" if there else url


def _bound_waiting(connection: Any, _: object) -> None:
    """PostgreSQL waits for a lock without end, unless it is told."""
    connection.execute(f"SET lock_timeout = '{1000 * MOST_SECONDS:.0f}ms'")
    connection.commit()


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
