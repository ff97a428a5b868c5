"""Runs attacks for real, in an enclosure of their own: a hole costs a test, not the machine."""

import contextlib
import json
import os
import secrets
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from grader.sandbox.walls.memory_groups import new_group
from tests.attacks.attack import Attack
from tests.pace import pace

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS, MOST_SECONDS = 60.0, 90.0
LASTING = (
    "files",
    "processes",
    "memory",
    "mounts",
)  # after a hole of these kinds nothing in the arena is to be trusted
MOST_MEMORY = 3 * 2**30  # what all in the arena may have
LOOK_SECONDS = 0.25  # between two looks at it


class ArenaError(AssertionError):
    """The arena ended: an attack took down what grades it."""


class Arena:
    """A driver in an enclosure, as the user with this id; a new one where an attack ended the last."""

    def __init__(self, uid: int) -> None:
        self.uid = uid
        self._process: subprocess.Popen[bytes] | None = None
        self._group = new_group()

    def attack(self, attack: Attack, *, walled: bool = True) -> dict[str, Any]:
        """Grade the attack and then an honest notebook, and return what became of all. Raises ArenaError."""
        if self._process is None:
            self._start()
        request = {"text": attack.notebook, "learner": attack.learner, "limits": attack.limits, "walled": walled}
        request |= {"beside": attack.beside, "line": attack.line, "earlier": attack.earlier_notebook}
        assert self._process and self._process.stdin
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        answer = self._answer(MOST_SECONDS)
        if any(answer[trace] for trace in LASTING):
            self.close()
        return answer

    def close(self) -> None:
        """End the driver and all that is in its enclosure."""
        if self._process is not None:
            self._process.kill()  # its PID 1 goes with it, and everything else with that
            self._process.communicate()
            self._process = None

    def leave(self) -> None:
        """End it for good."""
        self.close()
        if self._group is not None:
            self._group.remove()

    def _start(self) -> None:
        environment = {"PATH": os.environ["PATH"], "HOME": "/tmp", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
        environment["ARENA_SECRET"] = secrets.token_hex(12)  # here, since what Python sets later /proc does not show
        python = [sys.executable, "-P"]
        script = str(ROOT / "tests" / "attacks" / "enclosure.py")
        self._process = subprocess.Popen(
            [*python, script, str(self.uid), *python, "-m", "tests.attacks.driver"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd="/",
        )  # fmt: skip
        if self._group is not None:
            self._group.begin(self._process.pid, 2 * MOST_MEMORY)
        self._answer(START_SECONDS)

    def _answer(self, seconds: float) -> dict[str, Any]:
        """The driver's next line. Ends the arena where none comes, or where it takes too much of the machine.

        On a machine that others keep busy it waits as much longer as everything takes there.
        """
        assert self._process and self._process.stdout
        began = looked = time.monotonic()
        wait, text = seconds, b""
        while not text.endswith(b"\n"):
            ready, _, _ = select.select([self._process.stdout], [], [], 0.05)
            data = os.read(self._process.stdout.fileno(), 1 << 20) if ready else b""
            text += data
            if ready and not data:
                self.close()
                raise ArenaError("the arena ended: the attack reached what grades it")
            if time.monotonic() > began + wait:
                wait = seconds * pace()
            if time.monotonic() > began + wait:
                self.close()
                raise ArenaError(f"no answer came within {wait:.0f} s")
            if time.monotonic() - looked > LOOK_SECONDS:
                looked = time.monotonic()
                if self._memory() > MOST_MEMORY:
                    self.close()
                    raise ArenaError("the attack took more memory than any limit allows")
        return json.loads(text)

    def _memory(self) -> int:
        """What all in the arena has, whatever else runs on the machine: as the kernel counts it, or added up."""
        assert self._process
        if self._group is not None:
            return self._group.memory()
        total = 0
        with contextlib.suppress(psutil.Error):
            for process in psutil.Process(self._process.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    total += process.memory_full_info().pss
        return total
