"""The gradebook's tables."""

import re
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class PlainText(TypeDecorator[str]):
    """Text that every database takes: a NUL or half a surrogate pair, which a learner may print, becomes `�`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """What is stored in place of `value`."""
        return None if value is None else _UNSTORABLE.sub("\ufffd", value)


class Base(DeclarativeBase):
    """Base of the tables."""


class Setting(Base):
    """One fact about the gradebook: its secret seed."""

    __tablename__ = "settings"
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Expected(Base):
    """What the reference, the starter and the misconceptions of a unit's source gave for this gradebook's seed."""

    __tablename__ = "expected"
    unit: Mapped[str] = mapped_column(String(255), primary_key=True)
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class GradedRun(Base):
    """One notebook's run against one source. `finished` once every task has its verdict."""

    __tablename__ = "runs"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    unit: Mapped[str] = mapped_column(String(255))
    source: Mapped[str] = mapped_column(String(64))
    notebook: Mapped[str] = mapped_column(String(64))
    finished: Mapped[bool] = mapped_column(default=False)
    walled: Mapped[bool] = mapped_column(default=True)
    seconds: Mapped[float] = mapped_column(default=0.0)
    stopped: Mapped[str] = mapped_column(PlainText, default="")
    executed: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    __table_args__ = (UniqueConstraint("unit", "source", "notebook"),)


class Command(Base):
    """A command at work: which process it is, among which others, and when it last said that it lives."""

    __tablename__ = "commands"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)  # random: a number might be given twice
    place: Mapped[str] = mapped_column(String(400))
    process: Mapped[str] = mapped_column(String(50))
    seen: Mapped[float] = mapped_column()  # by the database's clock


class Claim(Base):
    """A run that a command is at."""

    __tablename__ = "claims"
    run: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    command: Mapped[str] = mapped_column(ForeignKey("commands.id", ondelete="CASCADE"), index=True)


class TaskVerdict(Base):
    """The verdict of one task in one run."""

    __tablename__ = "verdicts"
    run: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    task: Mapped[str] = mapped_column(String(255), primary_key=True)
    position: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column(String(30))
    points: Mapped[float] = mapped_column()
    max_points: Mapped[float] = mapped_column()
    message: Mapped[str] = mapped_column(PlainText)
    misconception: Mapped[str] = mapped_column(PlainText)
    shown: Mapped[str] = mapped_column(Text)  # JSON: the failing call, what came back, what was expected, the cell


class Submission(Base):
    """A learner's latest notebook for a unit."""

    __tablename__ = "submissions"
    # A file's name has at most 255 bytes; one that is no Unicode is written with four characters for each.
    learner: Mapped[str] = mapped_column(String(1020), primary_key=True)
    unit: Mapped[str] = mapped_column(String(255), primary_key=True)
    run: Mapped[int] = mapped_column(ForeignKey("runs.id"))
