"""Opens a gradebook that is an SQLite file: readers wait for nobody, writers take turns.

SQLite's WAL mode needs memory that all its processes share, which those of several machines cannot. On a network file
system a gradebook has a rollback journal instead, guarded by the file system's own locks.
"""

import os
import sqlite3
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, SAWarning
from sqlalchemy.pool import StaticPool

from grader.gradebook.waiting import Waiting

# The option of a connection that only reads: its transaction takes no lock that a writer needs.
READS = "grader_reads"
POLL_MILLISECONDS = 500  # SQLite's own waiting, which no Ctrl-C interrupts
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_NETWORK = (
    "9p", "afs", "auristorfs", "beegfs", "ceph", "cifs", "coda", "davfs", "gfs", "gfs2", "glusterfs", "gpfs", "lustre",
    "ncpfs", "nfs", "nfs3", "nfs4", "ocfs2", "orangefs", "panfs", "prl_fs", "pvfs2", "smb2", "smb3", "smbfs", "vboxsf",
    "virtiofs", "vmhgfs", "webdav",
)  # fmt: skip


def sqlite_engine(url: str, waiting: Waiting) -> sa.Engine:
    """The engine for an SQLite URL. A file that is made is for its owner's eyes alone.

    Raises OSError, in words that follow "cannot be opened", if the URL names no place for a file.
    """
    memory = sa.make_url(url).database in (None, "", ":memory:")
    # One connection is the whole database then: all threads share it, in turn.
    how = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}} if memory else {"max_overflow": -1}
    with warnings.catch_warnings():
        warnings.simplefilter("error", SAWarning)  # an option that it does not know
        try:
            engine = sa.create_engine(url, **how)
        except SAWarning as warning:
            names = ", ".join(sa.make_url(url).query)
            raise OSError(f"SQLite does not know an option of its address ({names})") from warning
    path = Path(engine.url.database or "")
    if not memory:
        _make_private(path)
    journal = "DELETE" if not memory and network_type(path) else "WAL"
    sa.event.listen(engine, "connect", lambda connection, _: _tune(connection, journal, waiting))
    sa.event.listen(engine, "begin", lambda connection: _waited_for(connection, _beginning(connection), waiting))
    sa.event.listen(engine, "commit", lambda connection: _waited_for(connection, sqlite3.Connection.commit, waiting))
    return engine


def refusal(engine: sa.Engine) -> str:
    """Why several machines cannot grade into this database, in words that follow "which"; "" if they can."""
    kind = network_type(Path(engine.url.database or "")) if engine.dialect.name == "sqlite" else ""
    return kind and (
        f"is an SQLite file on a network file system ({kind}): one machine at a time can grade into it. Wait for the "
        "other command, or use PostgreSQL"
    )


def network_type(path: Path) -> str:
    """The kind of the network file system that a path is on, such as nfs4; "" if it is on a disk of this machine."""
    import psutil

    real = path.resolve()
    mounts = [part for part in psutil.disk_partitions(all=True) if real.is_relative_to(part.mountpoint)]
    # Of several at one place the last one covers the others.
    kind = max(enumerate(mounts), key=lambda at: (len(at[1].mountpoint), at[0]))[1].fstype.lower() if mounts else ""
    return kind if kind in _NETWORK or kind.startswith("fuse.") else ""


def _make_private(path: Path) -> None:
    """Make the file if it is missing. SQLite gives the files that it keeps beside it the same mode."""
    if str(path).startswith("file:"):  # an address with options of its own
        return
    if not path.parent.is_dir():
        raise OSError(f"the folder {path.parent} does not exist")
    if path.is_dir():
        raise OSError("it is a folder; name a file in it, such as gradebook.db")
    with suppress(OSError):  # what is wrong, SQLite says
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _tune(connection: sqlite3.Connection, journal: str, waiting: Waiting) -> None:
    connection.isolation_level = None  # the engine begins transactions
    # Without WAL a power failure may leave half a page, unless each step is waited for.
    synchronous = "NORMAL" if journal == "WAL" else "FULL"
    settings = (f"busy_timeout={POLL_MILLISECONDS}", f"synchronous={synchronous}", "foreign_keys=ON")
    for setting in (*settings, f"journal_mode={journal}"):
        waiting.until_free(partial(_set, connection, setting), _is_locked)


def _set(connection: sqlite3.Connection, setting: str) -> None:
    connection.execute(f"PRAGMA {setting}").fetchall()


def _beginning(connection: sa.Connection) -> Callable[[sqlite3.Connection], None]:
    return _begin_to_read if connection.get_execution_options().get(READS) else _begin_to_write


def _begin_to_read(connection: sqlite3.Connection) -> None:
    """Begin, and take the state that is read: what follows waits for nothing, and nobody waits for it."""
    connection.execute("BEGIN")
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    except sqlite3.Error:
        connection.rollback()
        raise


def _begin_to_write(connection: sqlite3.Connection) -> None:
    # It takes its turn now: a transaction that reads first and then writes would fail, not wait.
    connection.execute("BEGIN IMMEDIATE")


def _waited_for(connection: sa.Connection, step: Callable[[sqlite3.Connection], None], waiting: Waiting) -> None:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    try:
        waiting.until_free(lambda: step(driver), _is_locked)
    except sqlite3.Error as error:
        raise OperationalError(None, None, error) from error


def _is_locked(error: Exception) -> bool:
    # The lowest byte is the kind, the others say more about it.
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in _LOCKED
