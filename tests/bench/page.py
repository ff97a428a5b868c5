"""The page and the chart of one run, in `docs/benchmarks/`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from tests.bench.labs import LABS
from tests.bench.marks import Measured, marks
from tests.bench.timing import Timing, chosen, pooled, pooled_own, ratio, spread

NAMES = {
    "nbgrader": "nbgrader 0.9.6",
    "otter": "otter 7.0.0",
    "ours": "this grader",
    "own code": "the learner's own code, warm",
    "with calls": "own code with the checks' calls",
}
ROWS = (
    ("nbgrader", 1), ("otter", 1), ("otter", 2), ("ours", 1), ("ours", 2), ("own code", 1), ("own code", 2),
    ("with calls", 1),
)  # fmt: skip
_COLOURS = {
    "nbgrader": "#9aa5b1",
    "otter": "#c3cad2",
    "ours": "#0b6e3b",
    "own code": "#e3e7eb",
    "with calls": "#e3e7eb",
}


@dataclass(frozen=True)
class Machine:
    """What a run was made on."""

    processor: str
    cores: int
    memory: str
    system: str
    python: str
    date: str
    load: float


def row_name(grader: str, workers: int) -> str:
    """A row's first cell."""
    return NAMES[grader] + (f", {workers} at a time" if workers > 1 else "")


def table(timings: Sequence[Timing]) -> str:
    """The table of seconds per submission, as Markdown: a block of rows for each lab."""
    lines = ["| lab | grader | s a submission | of it start-up | once started | s a page | nbgrader takes |"]
    lines += ["|---|---|--:|--:|--:|--:|--:|"]
    for lab in LABS:
        slow = pooled(chosen(timings, "nbgrader", lab.name))
        for grader, workers in ROWS:
            its = chosen(timings, grader, lab.name, workers)
            if its:
                lines.append(_row(lab.title, row_name(grader, workers), its, slow))
    return "\n".join(lines)


def _row(title: str, name: str, its: Sequence[Timing], slow: Sequence[float]) -> str:
    each, own = pooled(its), pooled_own(its)
    pages = [timing.pages for timing in its if timing.pages is not None]
    page = f"{fmean(pages):.2f}" if pages else ""
    times = ""
    if slow and its[0].grader != "nbgrader":
        low, high = spread(slow, each)
        times = f"{ratio(slow, each):.1f} times as long ({low:.1f} to {high:.1f})"
    start = round(fmean(each) - fmean(own), 2) + 0.0  # no -0.00
    return f"| {title} | {name} | {fmean(each):.2f} | {start:.2f} | {fmean(own):.3f} | {page} | {times} |"


def marks_table(measured: Measured) -> str:
    """The marks, as Markdown."""
    lines = ["| mark | to reach | measured | |", "|---|---|---|---|"]
    for mark in marks(measured, [lab.name for lab in LABS]):
        lines.append(f"| {mark.what} | {mark.aim} | {mark.measured} | {'reached' if mark.reached else '**missed**'} |")
    return "\n".join(lines)


def page(measured: Measured, machine: Machine, count: int, note: str) -> str:
    """The page, as Markdown."""
    return f"""# Speed

Written by `make bench` on {machine.date}: {machine.processor}, {machine.cores} cores, {machine.memory} of memory,
{machine.system}, Python {machine.python}; load {machine.load:.1f} when it began.

{count} submissions a lab, the same learners' code for every grader, no two notebooks alike; each grader gave all of
them full marks. Wall time from the shell's call to its end, start-up with it.

![Bars of seconds per submission for each grader and lab.](speed.png)

{table(measured.timings)}

A ratio is one of means; behind it stands its 95 % bootstrap interval over submissions.

{marks_table(measured)}

{note}"""


def chart(timings: Sequence[Timing], path: Path) -> None:
    """Bars of seconds per submission, one panel a lab."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(LABS), figsize=(9.5, 3.4), layout="constrained")
    for panel, lab in zip(panels, LABS, strict=True):
        rows = [(row, its) for row in reversed(ROWS) if (its := chosen(timings, row[0], lab.name, row[1]))]
        seconds = [fmean(pooled(its)) for _, its in rows]
        names = [row_name(*row) for row, _ in rows]
        bars = panel.barh(names, seconds, color=[_COLOURS[row[0]] for row, _ in rows], edgecolor="#4a5563")
        panel.bar_label(bars, [f"{value:.2f} s" for value in seconds], padding=3)
        panel.set_title(lab.title, loc="left")
        panel.set_xlim(0, max(seconds, default=1.0) * 1.3)
        panel.set_xlabel("seconds per submission")
        panel.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
