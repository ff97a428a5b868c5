"""Who is at which run: commands that share a gradebook claim runs, and take over those of a command that died.

A command of this machine is dead when its process is. Of another machine's commands nothing can be seen: there a
command is dead when it has not said for `LEASE_SECONDS` that it lives. The same holds
if the kernel hides which machine this is.
"""

import os
import platform
import secrets
from collections.abc import Collection
from functools import cache
from pathlib import Path

from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, select, update

from grader.core.errors import GradebookError
from grader.gradebook.database import clock, has_row
from grader.gradebook.tables import claims, commands, runs

BEAT_SECONDS = 10.0
LEASE_SECONDS = 90.0
BOOT_ID, PID_NAMESPACE = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")


# Built once: building one takes longer than running it.
_ME: BindParameter[str] = bindparam("me")
_RUN: BindParameter[int] = bindparam("claimed")
_IS_MINE = (claims.c.run == _RUN) & (claims.c.command == _ME)
_MINE_LOCKED = select(runs.c.id).join(claims, claims.c.run == runs.c.id).where(_IS_MINE).with_for_update(key_share=True)
_ENTERED = select(commands.c.id).where(commands.c.id == _ME).with_for_update(read=True, key_share=True)
_WHOSE = select(claims.c.command).where(claims.c.run == _RUN)
_CLAIM = insert(claims)
_RELEASE = delete(claims).where(_IS_MINE)


class Claimant:
    """One command's hold on runs. All methods work within a connection's transaction.

    `refusal` says why commands of several machines cannot share the gradebook, in words that follow "which"; "" if
    they can.
    """

    def __init__(self, refusal: str = "") -> None:
        self._id = ""
        self._refusal = refusal

    def claim(self, connection: Connection, run: int) -> bool:
        """Claim a run, whose row is locked; False where another command is at it."""
        self._enter(connection)
        whose = connection.scalar(_WHOSE, {"claimed": run})
        if whose is None:
            connection.execute(_CLAIM, {"run": run, "command": self._id})
        return whose in (None, self._id)

    def holds(self, connection: Connection, run: int) -> bool:
        """Whether the claim still stands: another machine may have taken this command for dead. Locks run and claim."""
        return has_row(connection, _MINE_LOCKED, {"claimed": run, "me": self._id})

    def release(self, connection: Connection, run: int) -> None:
        """Give a run back."""
        connection.execute(_RELEASE, {"claimed": run, "me": self._id})

    def beat(self, connection: Connection) -> None:
        """Say that this command lives."""
        connection.execute(update(commands).where(commands.c.id == self._id).values(seen=clock(connection)))

    def leave(self, connection: Connection) -> None:
        """Give all runs back."""
        connection.execute(delete(commands).where(commands.c.id == self._id))
        self._id = ""

    def taken(self, connection: Connection, of: Collection[int]) -> set[int]:
        """Which of these runs a living command other than this is at."""
        bury(connection)
        return set(connection.scalars(select(claims.c.run).where(claims.c.run.in_(of), claims.c.command != self._id)))

    def _enter(self, connection: Connection) -> None:
        """Be among the commands. The row is locked against being buried until the transaction ends."""
        if not self._id or not has_row(connection, _ENTERED, {"me": self._id}):
            bury(connection)
            self._refuse_other_machines(connection)
            self._id = secrets.token_hex(16)
            process = f"{os.getpid()} {_started(os.getpid())}"
            me = {"id": self._id, "place": _place(), "process": process, "seen": clock(connection)}
            connection.execute(insert(commands), me)

    def _refuse_other_machines(self, connection: Connection) -> None:
        places = set(connection.scalars(select(commands.c.place))) if self._refusal else set()
        others = sorted(place.split(" ")[0] for place in places if _machine(place) != _machine(_place()))
        if others:
            raise GradebookError(f"a command on {others[0]} is at work on this gradebook, which {self._refusal}")


def bury(connection: Connection) -> None:
    """Take away the commands that are dead, and with them their claims."""
    now = clock(connection)
    for id_, place, process, seen in connection.execute(select(commands)).all():
        if is_dead(place, process, now - seen):
            # It may have said meanwhile that it lives.
            connection.execute(delete(commands).where(commands.c.id == id_, commands.c.seen == seen))


def is_dead(place: str, process: str, silent: float) -> bool:
    """Whether a command is dead that was started there and has been silent for so many seconds."""
    if place != _place():
        return silent > LEASE_SECONDS
    pid, _, started = process.partition(" ")
    return _started(int(pid)) != started


@cache
def _place() -> str:
    """Within one place a process's number means the same process to everybody."""
    node = platform.node()[:255]
    try:
        boot, namespace = BOOT_ID.read_text(encoding="utf-8").strip(), str(PID_NAMESPACE.stat().st_ino)
    except OSError:  # then nobody else is in the same place
        boot, namespace = "hidden", secrets.token_hex(8)
    # Another user's process may be hidden, which is not to be dead.
    return f"{node} {boot} {namespace} {os.getuid()}"


def _machine(place: str) -> str:
    """What tells a place's machine from others: which start of it this is, or its name if that is hidden."""
    node, boot, *_ = [*place.rsplit(" ", 3), "hidden"]
    return node if boot == "hidden" else boot


def _started(pid: int) -> str:
    """When a process started, in ticks since boot; "" where there is none, or what is left of one."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    state, *fields = text.rpartition(")")[2].split()
    return "" if state in "ZX" else fields[18]
