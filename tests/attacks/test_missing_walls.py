"""With any one wall taken away: the doctor names it, grading stops, and without the sandbox the pages say so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.sandbox.walls.raising import INNER, OUTER
from tests.attacks.forbidden import CALLS, NAMESPACES
from tests.grader.toy import RIGHT, notebook, write_source

ROOT = Path(__file__).resolve().parents[2]
WALLS = [wall.name for wall in (*OUTER, *INNER)]
NO_WALLS = "Graded without the sandbox's walls."
pytestmark = pytest.mark.slow


def without(wall: str, *words: object) -> subprocess.CompletedProcess[str]:
    """The command on a machine that forbids what this wall is made of."""
    script = str(ROOT / "tests" / "attacks" / "forbidden.py")
    command = [sys.executable, "-P", script, wall, *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)


def test_every_wall_can_be_taken_away():
    assert set(WALLS) == {*CALLS, *NAMESPACES}


@pytest.mark.parametrize("wall", WALLS)
def test_the_doctor_names_the_wall_that_is_missing_and_no_other(wall):
    said = without(wall, "doctor")
    bad = [line.split(":")[0] for line in said.stdout.splitlines() if line.startswith("✗")]
    # Without namespaces of its own it would be the machine whose mounts were changed.
    assert bad == [f"✗ {name}" for name in dict.fromkeys([wall, *(["private mounts"] if wall in NAMESPACES else [])])]
    assert (said.returncode, said.stderr) == (1, "")
    assert said.stdout.splitlines()[-1] == "Grading refuses to start on this machine unless --no-sandbox is given."


@pytest.mark.parametrize("wall", WALLS)
def test_grading_stops_unless_told_otherwise_and_then_every_page_says_so(wall, tmp_path):
    course, report = write_source(tmp_path / "course"), tmp_path / "report"
    submission = tmp_path / "class" / "001" / "toy.ipynb"
    submission.parent.mkdir(parents=True)
    submission.write_text(notebook(*RIGHT))
    words = ["grade", submission, "--course", course.root, "--gradebook", tmp_path / "grades.db", "--report", report]
    stopped = without(wall, *words)
    last = stopped.stderr.splitlines()[-1]
    assert (stopped.returncode, stopped.stdout, list(report.rglob("*.html"))) == (1, "", [])
    assert last.startswith(f"grader: the wall {wall!r} is missing on this machine (")
    assert last.endswith(" `grader doctor` says more; --no-sandbox grades without walls.")
    graded = without(wall, *words, "--no-sandbox")
    assert (graded.returncode, graded.stdout.splitlines()[0]) == (0, "1 of 1 submissions graded now.")
    pages = [(report / name).read_text() for name in ("index.html", "feedback/001/toy.html")]
    assert all(NO_WALLS in page for page in pages)
