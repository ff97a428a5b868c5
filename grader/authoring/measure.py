"""Runs a unit's reference for several seeds and measures what its trained tasks reach, beside their marks."""

import ast
import datetime
import hashlib
import json
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grader.authoring.build import write
from grader.authoring.reference import REFERENCE_LIMITS, fail_on_errors
from grader.core.errors import SourceError
from grader.judging.judges import accuracy, perplexity
from grader.judging.run_record import RunJob, TaskPlan
from grader.notebooks.cells import statements
from grader.sandbox import Sandbox
from grader.units.inputs import seeds
from grader.units.run_plan import ASIDE, as_far_as, run_files
from grader.units.unit import Unit

FORMAT = 1  # of what is kept
NEEDED = 3.0  # deviations that a mark should be away from the mean


@dataclass(frozen=True)
class Measured:
    """What a probe of a trained task reached for each seed, and the mark for full credit.

    Of an accuracy more is better; of a perplexity, less.
    """

    task: str
    probe: str
    what: str
    mark: float
    reached: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean over the seeds."""
        return statistics.fmean(self.reached)

    @property
    def deviation(self) -> float:
        """The standard deviation of a sample; NaN of one seed."""
        return statistics.stdev(self.reached) if len(self.reached) > 1 else math.nan

    @property
    def distance(self) -> float:
        """How many deviations the mean is on the right side of the mark.

        >>> Measured("cnn", "on_held_out", "accuracy", 0.8, (0.9, 0.94, 0.92)).distance
        6.0
        """
        way = self.mean - self.mark if self.what == "accuracy" else self.mark - self.mean
        return round(way / self.deviation, 2) if self.deviation else math.copysign(math.inf, way)


def marks(unit: Unit) -> list[tuple[str, str, str, float]]:
    """Task, probe, what is measured and the mark, for each probe whose judge measures how well a model does."""
    found = []
    for task in unit.tasks.values():
        for probe in task.probes.values():
            if isinstance(probe.judge, accuracy):
                found.append((task.name, probe.name, "accuracy", probe.judge.at_least))
            elif isinstance(probe.judge, perplexity):
                found.append((task.name, probe.name, "perplexity", probe.judge.at_most))
    return found


def measure(
    unit: Unit, numbers: Sequence[int], sandbox: Sandbox,
    on_done: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[list[Measured], float]:  # fmt: skip
    """What the reference reaches if it is trained with each of these seeds, on inputs drawn anew for each; and seconds.

    Everything runs that the tasks need, what trains a file too, but for the lab's own experiments. Raises SourceError
    if the source has no SEED, or if the reference fails.
    """
    asked, began = marks(unit), time.monotonic()
    reached: dict[tuple[str, str], list[float]] = {(task, probe): [] for task, probe, _, _ in asked}
    on_done(0, len(numbers))
    for done, number in enumerate(numbers if asked else (), 1):
        for key, value in _of_seed(unit, number, list(reached), sandbox).items():
            reached[key].append(value)
        on_done(done, len(numbers))
    found = [Measured(task, probe, what, mark, tuple(reached[task, probe])) for task, probe, what, mark in asked]
    return found, time.monotonic() - began


def _of_seed(
    unit: Unit, number: int, asked: Sequence[tuple[str, str]], sandbox: Sandbox
) -> dict[tuple[str, str], float]:
    names = [task for task, _ in asked]
    cells = [{**cell, "skip": ASIDE if cell["source"] in unit.asides else ""} for cell in seeded_cells(unit, number)]
    (drawn, *_) = seeds(f"measure {number}")
    plans = {}
    for name in names:
        task = unit.tasks[name]
        probes = [task.probes[probe] for one, probe in asked if one == name]
        # A file is opened where it was made: nobody handed it in.
        plans[name] = TaskPlan(unit.plan(task, drawn, probes), task.seconds)
    run = sandbox.run_submission(RunJob(as_far_as(cells, names), plans, run_files(unit), REFERENCE_LIMITS))
    fail_on_errors(unit, cells, run, f"the reference with seed {number}")
    found = {}
    for name, probe in asked:
        seen = run.observed[name].observations[probe]
        judge: Any = unit.judge(unit.tasks[name], unit.tasks[name].probes[probe], drawn)
        if seen.failure:
            raise SourceError(
                f"{unit.path}: with seed {number}, probe {probe!r} of task {name!r} fails: {seen.failure}"
            )
        found[name, probe] = float(judge.measure(seen.value))
    return found


def seeded_cells(unit: Unit, number: int) -> list[dict[str, Any]]:
    """The reference's cells with another SEED. Raises SourceError if no cell, or more than one, sets it."""
    cells = [dict(cell) for cell in unit.reference_cells]
    places = []
    for cell in cells:
        if cell["cell_type"] == "code" and "SEED" in cell["source"]:
            body = statements(cell["source"])
            if constants := [constant for statement in body for constant in _seeds_set(statement)]:
                for constant in constants:
                    constant.value = number
                places += constants
                cell["source"] = "\n".join(map(ast.unparse, body))
    if len(places) != 1:
        raise SourceError(
            f"{unit.path}: SEED is set to a plain number {len(places)} times; to be measured, a unit sets it once, as "
            "in SEED = 1"
        )
    return cells


def _seeds_set(statement: ast.stmt) -> list[ast.Constant]:
    """The constants that a statement gives to SEED, alone or in a row: `SEED, SIZE = 6, 32`."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return []
    target, value = statement.targets[0], statement.value
    pairs = [(target, value)]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        pairs = list(zip(target.elts, value.elts, strict=True))
    return [v for t, v in pairs if isinstance(t, ast.Name) and t.id == "SEED" and isinstance(v, ast.Constant)]


def digest(unit: Unit) -> str:
    """What the figures depend on: the reference's code, whatever is written around it, and the marks."""
    code = [cell["source"] for cell in unit.reference_cells if cell["cell_type"] == "code"]
    ran = [ast.unparse(ast.Module(statements(one), type_ignores=[])) or one for one in code if one not in unit.asides]
    return hashlib.sha256(json.dumps([ran, marks(unit)]).encode()).hexdigest()


def kept_file(unit: Unit) -> Path:
    """Where the figures of a unit are kept: beside its source."""
    return unit.path.parent / "measured" / f"{unit.name}.json"


def keep(unit: Unit, numbers: Sequence[int], measured: Sequence[Measured], seconds: float) -> Path:
    """Write the figures beside the source, with the day and a digest of what they depend on."""
    path = kept_file(unit)
    form = {
        "format": FORMAT,
        "unit": unit.name,
        "digest": digest(unit),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "seeds": list(numbers),
        "seconds": round(seconds),
        "measured": [
            {**asdict(one), "mean": one.mean, "deviation": one.deviation, "distance": one.distance} for one in measured
        ],
    }
    write(path, json.dumps(form, indent=1) + "\n")
    return path
