"""`python -m tests.bench [PART]…`: measures, prints the table; with all parts, writes docs/benchmarks/."""

import argparse
import json
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from itertools import zip_longest
from pathlib import Path

import psutil

from tests.bench import mine, peers
from tests.bench.install import BUILD, PEERS, ROOT, install
from tests.bench.labs import ARRAYS, LABS, BenchLab, Cell
from tests.bench.marks import Measured
from tests.bench.page import Machine, chart, marks_table, page, table
from tests.bench.progress import say
from tests.bench.timing import Timing

PARTS = ("nbgrader", "otter", "ours", "memory", "long")
DOCS = ROOT / "docs" / "benchmarks"


def main() -> None:
    """Measure what is asked for, and print or write it."""
    arguments = _arguments()
    parts = arguments.parts or list(PARTS)
    machine = _machine()
    started = time.monotonic()
    for peer in PEERS:
        if peer in parts:
            install(peer)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=BUILD) as folder:
        measured = _measure(parts, arguments, Path(folder))
    (BUILD / "results.json").write_text(json.dumps(asdict(measured)), encoding="utf-8")
    print(table(measured.timings), marks_table(measured), sep="\n\n")
    say(f"{(time.monotonic() - started) / 60:.1f} minutes.")
    if arguments.parts:
        return
    chart(measured.timings, DOCS / "speed.png")
    note = (Path(__file__).parent / "note.md").read_text(encoding="utf-8")
    (DOCS / "README.md").write_text(page(measured, machine, arguments.count, note), encoding="utf-8")
    say(f"Written to {DOCS.relative_to(ROOT)}.")


def _measure(parts: Sequence[str], arguments: argparse.Namespace, folder: Path) -> Measured:
    measured = Measured()
    for lab in LABS:
        learners = [lab.handed_in(number) for number in range(1, arguments.count + 1)]
        for step in _steps(lab, learners, parts, arguments.rounds, folder):
            measured.timings += step()
        if "memory" in parts:
            measured.private[lab.name] = mine.private_memory(lab, learners[:4], _new(folder), 2)
    if "long" in parts:
        learners = [ARRAYS.handed_in(number) for number in range(1, arguments.long + 1)]
        measured.long = mine.long_run(ARRAYS, learners, _new(folder), os.cpu_count() or 1)
    return measured


def _steps(
    lab: BenchLab, learners: Sequence[list[Cell]], parts: Sequence[str], rounds: int, folder: Path
) -> Iterator[Callable[[], list[Timing]]]:
    """This grader's rounds stand between the others' runs: what the machine does besides, meets all of them."""
    others: list[Callable[[], list[Timing]]] = []
    if "nbgrader" in parts:
        others.append(lambda: [peers.nbgrader(lab, learners, _new(folder))])
    if "otter" in parts:
        others.append(lambda: [peers.otter(lab, learners, _new(folder), 1)])
        others.append(lambda: [peers.otter(lab, learners, _new(folder), 2)])
    own = [lambda: _round(lab, learners, folder)] * rounds if "ours" in parts else []
    for pair in zip_longest(own, others):
        yield from (step for step in pair if step)


def _round(lab: BenchLab, learners: Sequence[list[Cell]], folder: Path) -> list[Timing]:
    own = [mine.own_code(lab, learners, workers) for workers in (1, 2)]
    own.append(mine.own_code(lab, learners, 1, called=True))
    return [*own, *(mine.grade(lab, learners, _new(folder), workers) for workers in (1, 2))]


def _new(folder: Path) -> Path:
    """An empty folder; what an earlier step left is gone."""
    place = folder / "step"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    return place


def _machine() -> Machine:
    cpus = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.split(":", 1)[1].strip() for line in cpus if line.startswith("model name")), "")
    return Machine(
        model or platform.machine(), os.cpu_count() or 1, f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        f"{platform.system()} {platform.release()}", platform.python_version(), time.strftime("%Y-%m-%d"),
        os.getloadavg()[0],
    )  # fmt: skip


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all where none is named")
    parser.add_argument("--count", type=int, default=20, help="submissions a lab")
    parser.add_argument("--rounds", type=int, default=3, help="runs of this grader")
    parser.add_argument("--long", type=int, default=1_000, help="submissions of the long run")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return arguments


if __name__ == "__main__":
    main()
