"""Another program at a gradebook: it holds a lock as long as a test wants."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine

TABLES = "runs, verdicts, submissions, expected, claims, commands, settings"


@contextmanager
def another_program(url: str, *statements: str) -> Iterator[Connection]:
    """A transaction of another program, which runs these statements and stays open until its `close`, or the end."""
    threads = {"connect_args": {"check_same_thread": False}} if url.startswith("sqlite") else {}
    engine = create_engine(url, **threads)
    connection = engine.connect()
    for statement in statements:
        connection.exec_driver_sql(statement)
    try:
        yield connection
    finally:
        connection.close()
        engine.dispose()


def writing(url: str) -> str:
    """The statement of a program that has begun to write."""
    return "BEGIN IMMEDIATE" if url.startswith("sqlite") else "UPDATE runs SET seconds = 99"


def locking(url: str) -> str:
    """The statement that keeps everybody from writing."""
    return "BEGIN IMMEDIATE" if url.startswith("sqlite") else f"LOCK TABLE {TABLES} IN EXCLUSIVE MODE"
