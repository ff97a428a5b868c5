"""Grades attacks inside the enclosure, one a line of standard input, and tells what became of each."""

import contextlib
import json
import os
import secrets
import shutil
import sqlite3
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from grader.classroom.grade_class import grade
from grader.collecting.collect import find_submissions
from grader.core.errors import GraderError
from grader.core.messages import render
from grader.gradebook.gradebook import Gradebook
from grader.report.report_folder import write_report
from grader.units.course import Course
from tests.attacks import traces
from tests.attacks.attack import BOUNDS, with_cell
from tests.attacks.doors import Doors
from tests.grader.toy import RIGHT, TOY, notebook, write_source

HOME = Path("/usr/src/grading")
CLASS, BOOK, REPORT = HOME / "class", HOME / "grades.db", HOME / "report"
NEIGHBOUR, NEXT = "002", "999"  # graded before the attack, and after it on the same server
WAITING = "998"  # runs a second beside an attack on whoever comes next, who begins when it is under way
# None of these may come out of a notebook. No attack can know them: they are drawn anew for each arena.
SECRETS = {name: secrets.token_hex(12) for name in ("reference", "hidden probe", "neighbour", "memory", "file")}
SECRETS["environment"] = os.environ["ARENA_SECRET"]
# The learner's own function is called with hidden inputs, so they are no secret from it: what it should give back is.
HIDDEN_INPUT = 700_000 + secrets.randbelow(99_999)
SECRETS["expected value"] = str(HIDDEN_INPUT + 2_000)


def main() -> None:
    """Prepare a class, then serve until the input ends."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else prints, the answers stay alone
    prepared = Prepared()
    print(json.dumps({"ready": True}), file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(prepared.attack(**json.loads(line))), file=out, flush=True)


class Prepared:
    """A course with secrets, a neighbour who was graded, doors that nobody may reach."""

    def __init__(self) -> None:
        self.course = _course()
        self._hand_in(NEIGHBOUR, _neighbours())
        (HOME / "private.txt").write_text(SECRETS["file"])
        self._server = self._grade([CLASS / NEIGHBOUR], BOUNDS, True)["server"]
        self._before = BOOK.read_bytes()
        with_seed = Gradebook(str(BOOK))
        SECRETS["gradebook"] = with_seed.seed
        with_seed.close()
        self.doors = Doors(SECRETS["memory"])

    def attack(
        self, text: str, learner: str, limits: dict[str, float], walled: bool, beside: str, line: list[float],
        earlier: str,
    ) -> dict[str, Any]:  # fmt: skip
        """Grade an attack and an honest notebook, after it or beside it, and say what is not as it was."""
        for path in (CLASS, REPORT, *HOME.glob("grades.db*")):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        BOOK.write_bytes(self._before)
        self._hand_in(NEIGHBOUR, _neighbours())
        if earlier:
            self._hand_in(learner, earlier)
            self._grade([CLASS / learner], BOUNDS | limits, walled)
            text = with_cell(text, f"seen = {self._printed(learner)!r}")
        self._hand_in(learner, text)
        if line:
            np.save(CLASS / learner / FILE, line)
        self._hand_in(NEXT, notebook(RIGHT[0], beside or "pass", *RIGHT[1:]))
        others = [WAITING] if beside else []
        for other in others:
            self._hand_in(other, notebook("import time; time.sleep(1)", *RIGHT))
        before = _Traces()
        neighbours = self._rows(NEIGHBOUR)
        largest = traces.largest()
        with traces.Gauge() as gauge:
            paths = [CLASS / who for who in (learner, *others, NEXT)]
            answer = self._grade(paths, BOUNDS | limits, walled, jobs=1 + len(others))
        learner = answer["learner"]
        answer["memory taken"], answer["memory is own"] = gauge.most, gauge.own
        answer["own memory"] = traces.largest() - largest
        answer |= self._pages(learner)
        answer |= before.changes()
        answer["server changed"] = [] if answer["server"] == self._server else [self._server, answer["server"]]
        answer["seconds"] = self._seconds()
        answer["met"] = self.doors.met()
        answer["others"] = others
        answer["neighbours changed"] = self._rows(NEIGHBOUR) != neighbours
        answer["points"] = {row[0]: row[1:] for row in self._rows(learner)}
        answer["next points"] = {row[0]: row[1:] for row in self._rows(NEXT)}
        return answer

    def _grade(self, paths: list[Path], bounds: dict[str, float], walled: bool, jobs: int = 1) -> dict[str, Any]:
        """The real road: find, grade, on one server. `server`: what it has open, how much runs below it, its rooms."""
        server: list[list[Any]] = []
        handed_in, problems = find_submissions(paths, self.course)
        book = Gradebook(str(BOOK))

        def look(tally: Any) -> None:
            if tally.graded == len(handed_in):  # nothing runs any more, and the server is still there
                one = traces.server()
                below = traces.settled(lambda: len(one.children(recursive=True)), 0)
                rooms = len(list(Path(f"/proc/{one.pid}/cwd").glob("work-*")))
                server.append([traces.descriptors(one.pid), below, rooms])

        try:
            tally = grade(handed_in, self.course, book, bounds, jobs=jobs, walled=walled, on_done=look)
            problems = problems + tally.problems
            error = ""
        except GraderError as caught:
            error = str(caught)
        book.close()
        return {"learner": handed_in[0].learner, "error": error, "problems": problems, "server": server}

    def _seconds(self) -> float:
        """The time of the longest run; none where the notebooks to run were taken away."""
        with contextlib.closing(sqlite3.connect(BOOK)) as book:
            return float(book.execute("select max(seconds) from runs").fetchone()[0] or 0.0)

    def _rows(self, learner: str) -> list[list[Any]]:
        book = Gradebook(str(BOOK))
        rows = [[row.task, str(row.verdict), row.points] for row in book.score_rows() if row.learner == learner]
        book.close()
        return rows

    def _pages(self, learner: str) -> dict[str, Any]:
        """The notebook as it ran, what it says that it must not know, and the pages about it."""
        book = Gradebook(str(BOOK))
        outcomes = {who: book.outcome(who, unit) for who, unit, _ in book.submissions()}
        for _ in range(2):  # another command finds what the first one left
            write_report(REPORT, book, self.course, [])
        book.close()
        ran = outcomes.get(learner)
        cells = ran.executed["cells"] if ran else []
        outputs = json.dumps([cell["outputs"] for cell in cells])
        told = json.dumps([[render(v.messages), v.call, v.came_back] for _, v in ran.verdicts] if ran else [])
        pages = {str(p.relative_to(REPORT)): p.read_text() for p in REPORT.rglob("*") if p.is_file()}
        return {
            "outputs": outputs, "stopped": render(ran.stopped) if ran else "", "pages": pages,
            "leaked": [name for name, secret in SECRETS.items() if secret in outputs + told],
            "learners": sorted(outcomes), "quoted": str(HIDDEN_INPUT) in told,
        }  # fmt: skip

    def _printed(self, learner: str) -> str:
        """All that the notebook printed that a learner handed in last."""
        book = Gradebook(str(BOOK))
        cells = book.outcome(learner, "toy").executed["cells"]
        book.close()
        return "".join(output.get("text", "") for cell in cells for output in cell["outputs"])

    def _hand_in(self, learner: str, text: str) -> None:
        path = CLASS / learner / "toy.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


class _Traces:
    """How everything was, to be compared with how it is."""

    def __init__(self) -> None:
        self.processes, self.mounts = traces.processes(), traces.mounts()
        self.files, self.memory = traces.files(), traces.shared_memory()
        self.descriptors = traces.descriptors(os.getpid())

    def changes(self) -> dict[str, list[str]]:
        """What is there and was not, or is not as it was."""
        now = traces.files()
        changed = [path for path in now.keys() | self.files.keys() if now.get(path) != self.files.get(path)]
        own = (str(BOOK), f"{BOOK}-wal", f"{BOOK}-shm")
        left = traces.settled(lambda: traces.processes() - self.processes, set())
        return {
            "processes": sorted(" ".join(_command(pid)) for pid in left),
            "mounts": sorted(traces.mounts() ^ self.mounts),
            "files": sorted(path for path in changed if path not in own and not path.startswith(str(REPORT))),
            "memory": sorted(set(traces.shared_memory()) ^ set(self.memory)),
            "descriptors": _more(traces.descriptors(os.getpid()), self.descriptors),
        }


def _more(now: list[str], before: list[str]) -> list[str]:
    return sorted((Counter(now) - Counter(before)).elements())


def _command(pid: int) -> list[str]:
    try:
        return [str(pid), *Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:4]]
    except OSError:
        return [str(pid)]


def _neighbours() -> str:
    return notebook(*RIGHT, f"mine = '{SECRETS['neighbour']}'")


FILE = "line.npy"
# Numbers whose signs the grader alone knows, and what is true of every line: for neither an answer can be made up.
LINE = """

# %%
### BEGIN SOLUTION
np.save("line.npy", np.array([-1.0, 1.0]))
### END SOLUTION

# %% tags=["task"]
from grader import accuracy, equal, labelled


def signs(rng):
    x = rng.normal(size=60)
    return x, (x > 0).astype(int)


held_out = labelled(signs)
line_task = Task("line", points=4, file="line.npy")


@line_task.probe(judge=equal())
def numbers_in_it(line):
    return list(np.load(line).shape)


@line_task.probe(x=held_out, hidden=True, judge=accuracy(held_out, at_least=0.9, zero_at=0.5))
def on_numbers_that_only_the_grader_has(line, x):
    return np.outer(x, np.load(line))


# %%
lab.check("line")
"""
# Whether every row is in one half is true of each right answer: it is told outside, of the halves themselves.
HALVES = """

# %%
def halves(rows):
    ### BEGIN SOLUTION
    return [list(range(rows // 2)), list(range(rows // 2, rows))]
    ### END SOLUTION


# %% tags=["task"]
from grader import by, integers

halves_task = Task("halves", points=3)


def in_one_half(came_back, rows):
    one, other = came_back
    return {"every row is in one half": sorted([*one, *other]) == list(range(rows))}


@halves_task.probe(rows=integers(low=20, high=90), judge=by(in_one_half))
def of_drawn_rows(halves, rows):
    return halves(int(rows))


@halves_task.probe(rows=4, judge=by(in_one_half))
def of_four_rows(halves, rows):
    return halves(rows)


# %%
lab.check("halves")
"""


def _course() -> Course:
    reference = f"    # {SECRETS['reference']}\n    return float(np.sum(x))\n"
    hidden = (
        f"@total_task.probe(x=array([[{HIDDEN_INPUT}.0, 2_000.0]]), hidden=True)  # {SECRETS['hidden probe']}\n"
        "def of_hidden(total, x):\n    return total(x)\n\n\n@total_task.misconception"
    )
    text = TOY.replace("    return float(np.sum(x))\n", reference, 1).replace("@total_task.misconception", hidden)
    course = write_source(HOME / "course", text + LINE + HALVES)
    reference_file = course.unit("toy").reference_file(FILE)
    reference_file.parent.mkdir(parents=True, exist_ok=True)
    np.save(reference_file, [-1.0, 1.0])
    return course


if __name__ == "__main__":
    main()
