"""The kinds of proof, and the command that gives each: what pytest counted and said of it is read from its report."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.prove import blows, training

VERIFY, CLASS, OUTPUTS, JAX, BROWSER = "verify", "class", "outputs", "jax", "browser"
TEETH, TRAINING, BLOWS = "teeth", "training", "blows"
# What is one after the other in a chain shares a gradebook, or the learner's progress beside the reference.
_CHAINS = ((VERIFY, CLASS), (OUTPUTS, JAX), (BROWSER,), (TEETH,))
_FOR_LABS = (JAX, BROWSER)
_TESTS = {
    VERIFY: "tests/test_stories.py::test_a_unit_is_proved[{}]",
    TEETH: "tests/test_stories.py::test_no_broken_reference_passes_and_most_are_told_what_is_wrong[{}]",
    CLASS: "tests/test_stories.py::test_each_story_gets_what_it_deserves[{}]",
    JAX: "tests/test_labs_on_jax.py::test_a_lab_runs_on_jax_and_its_answers_pass[{}]",
    BROWSER: "tests/browser/test_labs.py::test_a_lab_runs_to_its_end_before_anything_is_answered[{}]",
}
_NBVAL = ("--nbval-lax", "-p", "no:cacheprovider", "-p", "tests.without_asides", "-p", "tests.exact_cells")


@dataclass(frozen=True)
class Outcome:
    """How a proof ended: what it showed, or what is wrong; and what else its author should know."""

    holds: bool
    seconds: float
    what: str
    remarks: Sequence[str] = ()


def chains(unit: str) -> list[tuple[str, ...]]:
    """The proofs of a unit; those in one chain run one after the other."""
    if unit == training.UNIT:
        return [(TRAINING,)]
    if unit == blows.UNIT:
        return [(BLOWS,)]
    without = _FOR_LABS if unit.startswith("assessment") else ()
    found = [tuple(kind for kind in chain if kind not in without) for chain in _CHAINS]
    return [chain for chain in found if chain]


def kinds(unit: str) -> list[str]:
    """All kinds of proof that a unit needs."""
    return [kind for chain in chains(unit) for kind in chain]


class Commands:
    """Proves by commands in the course's folder; logs and reports are kept below `folder`."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        self._running: set[subprocess.Popen[bytes]] = set()
        self._turn, self._stopped = threading.Lock(), False

    def __call__(self, unit: str, kind: str) -> Outcome:
        """Prove one thing of one unit."""
        folder = self.folder / unit
        folder.mkdir(parents=True, exist_ok=True)
        report, log = folder / f"{kind}.xml", folder / f"{kind}.log"
        report.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", *self._asked(unit, kind), f"--junit-xml={report}", "--durations=25"]
        environment = {**os.environ, "PROOF_BOOKS": str(self.folder / "books"), **blows.WHOLE}
        began = time.monotonic()
        with log.open("wb") as out:
            status = self._finished(command, environment, out)
        what, remarks = read_report(report)
        holds = status == 0 and bool(what)
        told = what if holds else f"exit status {status}: {log.relative_to(self.root)}"
        return Outcome(holds, time.monotonic() - began, told, remarks)

    def stop(self) -> None:
        """End what runs, with all that it started, and begin nothing more."""
        with self._turn:
            self._stopped = True
            running = [*self._running]
        for process in running:
            _signal(process, signal.SIGTERM)
        for process in running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                _signal(process, signal.SIGKILL)

    def _asked(self, unit: str, kind: str) -> list[str]:
        """What pytest is asked to run."""
        if kind == OUTPUTS:
            return [f"solutions/{unit}.ipynb", *_NBVAL]
        if kind == TRAINING:
            return ["-m", "proof", *map(str, training.paths(self.root))]
        if kind == BLOWS:
            return [*map(str, blows.paths(self.root))]
        return [_TESTS[kind].format(unit)]

    def _finished(self, command: Sequence[str], environment: dict[str, str], out: object) -> int:
        with self._turn:
            if self._stopped:
                return -signal.SIGTERM
            process = subprocess.Popen(
                command, cwd=self.root, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,  # type: ignore[call-overload]
                start_new_session=True,
            )  # fmt: skip
            self._running.add(process)
        try:
            return int(process.wait())
        finally:
            with self._turn:
                self._running.discard(process)


def read_report(path: Path) -> tuple[str, list[str]]:
    """What a report of pytest's says was proved, nothing if a part was skipped; and the tests' remarks.

    A test says what it proved by its property `proved`; of several tests their equal words are counted.
    """
    try:
        tree = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError):
        return "", []
    cases = [*tree.iter("testcase")]
    said = [(p.get("name"), p.get("value", "")) for case in cases for p in case.iter("property")]
    remarks = [value for name, value in said if name == "remark"]
    if not cases or any(case.find("skipped") is not None for case in cases):
        return "", remarks
    counted = Counter(value for name, value in said if name == "proved")
    words = [f"{number} {value}" if number > 1 else value for value, number in sorted(counted.items())]
    return ", ".join(words) or f"{len(cases)} passed", remarks


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
