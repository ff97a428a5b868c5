"""Raises every wall once, in processes of its own, and prints a line for each: its name, a tab, and why it fails.

Started as `python -m grader.sandbox.walls.trial FOLDER`: a user namespace takes a process of one thread.
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from grader.core.errors import SandboxError
from grader.core.limits import Limits
from grader.sandbox.walls.raising import INNER, OUTER, Room, Wall, raise_walls


def main() -> None:
    """Try the outer walls in a child, for NumPy started threads here, and the inner ones in a child of that."""
    room = Room(Path(sys.argv[1]), (), Limits())
    outer = os.fork()
    if outer == 0:
        apart = try_walls(OUTER, room)
        inner = os.fork()
        if inner == 0:
            # Mounts of its own need namespaces of their own; without them they would be the machine's.
            try_walls([wall for wall in INNER if apart or wall.name != "private mounts"], room)
            os._exit(0)
        os.waitpid(inner, 0)
        os._exit(0)
    os.waitpid(outer, 0)


def try_walls(walls: Iterable[Wall], room: Room) -> bool:
    """Raise walls one after the other around this process, and print a line for each; whether all of them stand."""
    good = True
    for wall in walls:
        try:
            raise_walls([wall], room)
            reason = ""
        except SandboxError as error:
            reason, good = str(error), False
        os.write(1, f"{wall.name}\t{reason}\n".encode())
    return good


if __name__ == "__main__":
    main()
