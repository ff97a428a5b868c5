"""Grades a class with this grader; measures the learner's own code alone, the workers' memory, and a long run."""

import csv
import json
import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean

import psutil

from tests.bench import render
from tests.bench.commands import CommandError
from tests.bench.install import ROOT
from tests.bench.labs import COURSE, BenchLab, Cell, learner_name
from tests.bench.peers import expect_full_marks
from tests.bench.progress import say
from tests.bench.timing import LongRun, Timing, paces

_SAMPLE_SECONDS = 0.05
# A last cell that waits, so that memory can be looked at while all of it is there.
_WAIT = {"cell_type": "code", "source": "import time\n\ntime.sleep(0.5)"}


def grade(lab: BenchLab, learners: Sequence[list[Cell]], folder: Path, workers: int) -> Timing:
    """`grader grade --report`, from the shell's call to its end; the pages' time is taken off and told apart."""
    say(f"this grader, {lab.name}, {workers} at a time …")
    started = time.perf_counter()
    seen = _grade(lab, learners, folder, workers)
    seconds = time.perf_counter() - started - seen["pages"]
    return Timing("ours", lab.name, workers, seconds, paces(seen["done"], workers), seen["pages"] / len(learners))


def long_run(lab: BenchLab, learners: Sequence[list[Cell]], folder: Path, workers: int) -> LongRun:
    """Many submissions in one run."""
    say(f"this grader, {lab.name}, {len(learners)} submissions …")
    seen = _grade(lab, learners, folder, workers)
    return LongRun(seen["done"], seen["memory"])


def own_code(lab: BenchLab, learners: Sequence[list[Cell]], workers: int, *, called: bool = False) -> Timing:
    """The learners' own code alone in processes that have imported what it imports: in each, one after another.

    `called`: with the calls that checks make of it.
    """
    processes = [_start_floor(lab, learners, called) for _ in range(workers)]
    outputs = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise CommandError(f"the code of {lab.name} failed")
    own = [seconds / workers for output in outputs for seconds in json.loads(output)]
    name = "with calls" if called else "own code"
    say(f"{name}, {lab.name}, {workers} at a time: {fmean(own):.3f} s each")
    return Timing(name, lab.name, workers, sum(own), own)


def private_memory(lab: BenchLab, learners: Sequence[list[Cell]], folder: Path, workers: int) -> tuple[float, float]:
    """MB of private memory: the most of a worker of this grader, and the most of the learner's code alone."""
    waiting = [[*cells, _WAIT] for cells in learners]
    alone = _start_floor(lab, waiting)
    without = _most_private(alone.pid, 0, lambda: alone.communicate())
    with_grader = _most_private(os.getpid(), 2, lambda: _grade(lab, waiting, folder, workers))
    say(f"private memory, {lab.name}: {with_grader:.0f} MB a worker, {without:.0f} MB its learner's code alone")
    return with_grader, without


def _grade(lab: BenchLab, learners: Sequence[list[Cell]], folder: Path, workers: int) -> dict:
    handed_in = folder / "handed-in"
    for number, cells in enumerate(learners, 1):
        path = handed_in / learner_name(number) / f"{lab.name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render.ours(cells), encoding="utf-8")
    seen, report = folder / "seen.json", folder / "report"
    command = [
        sys.executable, "-m", "tests.bench.ours", seen, "grade", handed_in, "--course", COURSE.root,
        "--gradebook", folder / "gradebook.db", "--report", report, "--jobs", str(workers),
    ]  # fmt: skip
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    points: dict[str, float] = defaultdict(float)
    with (report / "scores.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            points[row["learner"]] += float(row["points"])
    expect_full_marks(lab, list(points.values()), len(learners), "this grader")
    return json.loads(seen.read_text(encoding="utf-8"))


def _start_floor(lab: BenchLab, learners: Sequence[list[Cell]], called: bool = False) -> subprocess.Popen[str]:
    code = json.dumps([(render.called if called else render.bare)(lab, cells) for cells in learners])
    # The last two NumPy imports at their first use; the second only where calls stand in the others' tests.
    modules = [*COURSE.modules([lab.unit]), "numpy.random", *(["numpy.testing"] if called else [])]
    threads = str(os.cpu_count() or 1)
    limits = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTEROP_THREADS", "TF_NUM_INTRAOP_THREADS")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.floor", *modules], cwd=ROOT, text=True,
        env={**os.environ, **dict.fromkeys(limits, threads), "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdin
    process.stdin.write(code)
    process.stdin.close()
    process.stdin = None
    return process


def _most_private(root: int, below: int, act: Callable[[], object]) -> float:
    """The most MB that one worker held privately while something was done.

    A worker is a process so many generations below the children of `root`, with all that it started.
    """
    most, over = 0, threading.Event()

    def sample() -> None:
        nonlocal most
        while not over.wait(_SAMPLE_SECONDS):
            for worker in _generation(root, below):
                most = max(most, sum(map(private_bytes, [worker, *_children(worker)])))

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        act()
    finally:
        over.set()
        sampler.join()
    return most / 1e6


def _generation(root: int, below: int) -> list[int]:
    found = _children(root, recursive=False)
    for _ in range(below):
        found = [child for pid in found for child in _children(pid, recursive=False)]
    return found


def _children(pid: int, recursive: bool = True) -> list[int]:
    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=recursive)]
    except psutil.Error:
        return []


def private_bytes(pid: int) -> int:
    """Bytes that only this process holds; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("Private_Clean", "Private_Dirty")))
