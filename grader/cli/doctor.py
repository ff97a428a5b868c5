"""Checks which walls this machine supports, and what it computes with."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.core.cores import cores, memory


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report."""

    name: str
    good: bool
    detail: str


def walls() -> list[Finding]:
    """Raise each wall for trial, in processes of their own."""
    if sys.platform != "linux":
        return [Finding("all walls", False, f"they need Linux; this is {platform.system()}")]
    from grader.sandbox.walls.raising import INNER, OUTER

    stood = _trial()
    return [
        Finding(
            wall.name, stood.get(wall.name) == "", stood.get(wall.name) or f"keeps a submission from {wall.promise}"
        )
        for wall in (*OUTER, *INNER)
    ]


def remarks() -> list[Finding]:
    """What is good to know of grading on this machine, though no wall is missing."""
    if sys.platform != "linux":
        return []
    from grader.sandbox.walls.memory_groups import new_group

    group = new_group()
    how = "added up process by process: no control group is available here"
    if group is not None:
        group.remove()
        how = "counted by the kernel, in a control group for each notebook"
    found = [Finding("memory", True, how)]
    if os.geteuid() == 0:
        text = "notebooks can read files in /usr that only root may read; grade as an ordinary user, which is safer"
        found.append(Finding("you are root", True, text))
    return found


def without_walls() -> str:
    """What it means for a class that a wall is missing on this machine."""
    if sys.platform != "linux":
        return "Grade, build and verify in a Linux container or virtual machine; the labs and their checks work here."
    return "Grading refuses to start on this machine unless --no-sandbox is given."


def devices() -> list[Finding]:
    """Processors, memory and GPUs."""
    of_cores = f"{cores()} core{'' if cores() == 1 else 's'}"
    detail = f"{of_cores}, {memory() / 2**30:.0f} GiB of memory, Python {platform.python_version()}"
    found = [Finding("processor", True, detail)]
    gpus = list(_gpus())
    return found + (gpus or [Finding("GPU", True, "none found; the labs run on the processor")])


def _gpus() -> Iterator[Finding]:
    command = shutil.which("nvidia-smi")
    if command is None:
        return
    query = [command, "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    answer = subprocess.run(query, capture_output=True, encoding="utf-8", errors="replace", timeout=20, check=False)
    for line in answer.stdout.strip().splitlines():
        yield Finding("GPU", True, line)


_TRIAL = ("-m", "grader.sandbox.walls.trial")


def _trial() -> dict[str, str]:
    """Wall by wall: "" where it stands, else why not. A wall that was never tried says so."""
    from grader.sandbox.walls.raising import INNER, OUTER

    stood = {wall.name: "not tried: an earlier wall is missing" for wall in (*OUTER, *INNER)}
    with tempfile.TemporaryDirectory(prefix="grader-") as folder:
        trial = [sys.executable, "-P", *_TRIAL, folder]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
        answer = subprocess.run(
            trial, capture_output=True, encoding="utf-8", errors="replace", timeout=60, env=environment, check=False
        )
    for line in answer.stdout.splitlines():
        name, _, reason = line.partition("\t")
        stood[name] = reason
    return stood
