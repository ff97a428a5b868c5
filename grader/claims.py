"""Who is at which run: commands that share a gradebook claim runs, and take over those of a command that died.

A command of this machine is dead when its process is. Of another machine's commands nothing can be seen: there a
command is dead when it has not said for `LEASE_SECONDS` that it lives.
"""

import os
import platform
import secrets
from collections.abc import Collection
from functools import cache
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from grader.database import clock
from grader.tables import Claim, Command, GradedRun

BEAT_SECONDS = 10.0
LEASE_SECONDS = 90.0


class Claimant:
    """One command's hold on runs. All methods work within a session's transaction."""

    def __init__(self) -> None:
        self._id = ""

    def claim(self, session: Session, run: int) -> bool:
        """Claim a run, whose row is locked; False where another command is at it."""
        self._enter(session)
        claim = session.get(Claim, run)
        if claim is None:
            session.add(Claim(run=run, command=self._id))
        return claim is None or claim.command == self._id

    def holds(self, session: Session, run: int) -> bool:
        """Whether the claim still stands: another machine may have taken this command for dead. Locks run and claim."""
        statement = select(GradedRun.id).join(Claim, Claim.run == GradedRun.id)
        mine = statement.where(GradedRun.id == run, Claim.command == self._id)
        return session.connection().scalar(mine.with_for_update(key_share=True)) is not None

    def release(self, session: Session, run: int) -> None:
        """Give a run back."""
        session.execute(delete(Claim).where(Claim.run == run, Claim.command == self._id))

    def beat(self, session: Session) -> None:
        """Say that this command lives."""
        session.execute(update(Command).where(Command.id == self._id).values(seen=clock(session)))

    def leave(self, session: Session) -> None:
        """Give all runs back."""
        session.execute(delete(Command).where(Command.id == self._id))
        self._id = ""

    def taken(self, session: Session, runs: Collection[int]) -> set[int]:
        """Which of these runs a living command other than this is at."""
        bury(session)
        statement = select(Claim.run).where(Claim.run.in_(runs), Claim.command != self._id)
        return set(session.scalars(statement))

    def _enter(self, session: Session) -> None:
        """Be among the commands. The row is locked against being buried until the transaction ends."""
        locked = {"read": True, "key_share": True}
        if not self._id or session.get(Command, self._id, with_for_update=locked) is None:
            bury(session)
            self._id = secrets.token_hex(16)
            process = f"{os.getpid()} {_started(os.getpid())}"
            session.add(Command(id=self._id, place=_place(), process=process, seen=clock(session)))
            session.flush()


def bury(session: Session) -> None:
    """Take away the commands that are dead, and with them their claims."""
    now = clock(session)
    for id_, place, process, seen in session.execute(
        select(Command.id, Command.place, Command.process, Command.seen)
    ).all():
        if is_dead(place, process, now - seen):
            # It may have said meanwhile that it lives.
            session.execute(delete(Command).where(Command.id == id_, Command.seen == seen))


def is_dead(place: str, process: str, silent: float) -> bool:
    """Whether a command is dead that was started there and has been silent for so many seconds."""
    if place != _place():
        return silent > LEASE_SECONDS
    pid, _, started = process.partition(" ")
    return _started(int(pid)) != started


@cache
def _place() -> str:
    """Within one place a process's number means the same process to everybody."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    # Another user's process may be hidden, which is not to be dead.
    return f"{platform.node()[:255]} {boot} {Path('/proc/self/ns/pid').stat().st_ino} {os.getuid()}"


def _started(pid: int) -> str:
    """When a process started, in ticks since boot; "" where there is none, or what is left of one."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return ""
    state, *fields = text.rpartition(")")[2].split()
    return "" if state in "ZX" else fields[18]
