"""Grades a class with nbgrader and with otter, each as its own documentation says."""

import csv
import json
import re
import time
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench import render
from tests.bench.commands import CommandError, Ran, run
from tests.bench.install import environment, program
from tests.bench.labs import BenchLab, Cell, learner_name
from tests.bench.progress import Progress, say
from tests.bench.timing import Timing, between

_BEGUN = re.compile(r"student with ID '([^']+)'")
_LOST = "Kernel died before replying to kernel_info"
_AUTOGRADER = {"print_summary": False, "logo": False}


def nbgrader(lab: BenchLab, learners: Sequence[list[Cell]], folder: Path) -> Timing:
    """`nbgrader autograde`, then `nbgrader generate_feedback`. It grades one submission after another."""
    _write(folder / "source" / lab.name / f"{lab.name}.ipynb", render.nbgrader(lab, learners[0]))
    for number, cells in enumerate(learners, 1):
        path = folder / "submitted" / learner_name(number) / lab.name / f"{lab.name}.ipynb"
        _write(path, render.nbgrader(lab, cells))
    _nbgrader(folder, "generate_assignment", lab.name)
    progress = Progress(f"nbgrader, {lab.name}", len(learners))
    begun: set[str] = set()

    def on_line(line: str) -> None:
        match = _BEGUN.search(line)
        if match and match[1] not in begun:
            begun.add(match[1])
            progress.done(int(len(begun) > 1))

    graded = _nbgrader(folder, "autograde", lab.name, on_line=on_line)
    progress.done()
    pages = _nbgrader(folder, "generate_feedback", lab.name)
    _nbgrader(folder, "export", to="grades.csv")
    expect_full_marks(lab, _column(folder / "grades.csv", "score"), len(learners), "nbgrader")
    own = between([*first_times(graded), graded.seconds])
    return Timing("nbgrader", lab.name, 1, graded.seconds, own, pages.seconds / len(learners))


def otter(lab: BenchLab, learners: Sequence[list[Cell]], folder: Path, workers: int) -> Timing:
    """`otter run`, in as many processes at a time as there are workers: what `otter grade` does, without Docker."""
    archive = folder / "autograder.zip"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("otter_config.json", json.dumps(_AUTOGRADER))
        for task in lab.cases:
            packed.writestr(f"tests/{task}.py", render.otter_test(lab, task))
    progress = Progress(f"otter, {lab.name}, {workers} at a time", len(learners))

    def grade(number: int) -> tuple[float, float]:
        place = folder / learner_name(number)
        _write(place / f"{lab.name}.ipynb", render.otter(lab, learners[number - 1]))
        (place / "out").mkdir()
        command = [program("otter", "otter"), "run", f"{lab.name}.ipynb", "-a", archive, "-o", "out"]
        lost, seconds = timed(lambda: run(command, place, environment("otter")))
        progress.done()
        return lost, seconds

    started = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        taken = list(pool.map(grade, range(1, len(learners) + 1)))
    wall = time.perf_counter() - started - sum(lost for lost, _ in taken) / workers
    results = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*/out/results.json")]
    scores = [sum(test.get("score", 0.0) for test in result["tests"]) for result in results]
    expect_full_marks(lab, scores, len(learners), "otter")
    return Timing("otter", lab.name, workers, wall, [seconds / workers for _, seconds in taken])


def timed(attempt: Callable[[], Ran]) -> tuple[float, float]:
    """Seconds of an attempt that was lost, and of the one that counts.

    Two kernels that start at one moment may choose the same port, and one of them dies: that says nothing of a grader.
    """
    started = time.perf_counter()
    try:
        return 0.0, attempt().seconds
    except CommandError as error:
        if _LOST not in str(error):
            raise
        say(f"a kernel died before it began, after {time.perf_counter() - started:.1f} s: once more …")
    lost = time.perf_counter() - started
    return lost, attempt().seconds


def first_times(ran: Ran) -> list[float]:
    """When nbgrader first spoke of each student."""
    first: dict[str, float] = {}
    for second, line in ran.lines:
        match = _BEGUN.search(line)
        if match:
            first.setdefault(match[1], second)
    return list(first.values())


def _nbgrader(folder: Path, command: str, *names: str, on_line=lambda line: None, **options: str) -> Ran:
    extra = [f"--{name}={value}" for name, value in options.items()]
    return run([program("nbgrader", "nbgrader"), command, *names, *extra], folder, environment("nbgrader"), on_line)


def _column(path: Path, name: str) -> list[float]:
    with path.open(encoding="utf-8", newline="") as file:
        return [float(row[name]) for row in csv.DictReader(file)]


def expect_full_marks(lab: BenchLab, scores: Sequence[float], count: int, grader: str) -> None:
    """Where an answer is right and gets less, the two graders did not do the same work."""
    if len(scores) != count or any(abs(score - lab.points) > 1e-6 for score in scores):
        raise CommandError(f"{grader} gave {scores} on {lab.name}; each of {count} should have {lab.points}.")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
