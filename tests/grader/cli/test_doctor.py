import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import grader as package
from grader.cli import doctor
from grader.sandbox.walls.raising import INNER, OUTER
from tests.grader.toy import RIGHT

ROOT = Path(package.__file__).parents[1]
# In a user namespace of its own a process may set how many namespaces of a kind it may have: none. What fails then
# fails in the kernel, as it would on a machine that forbids it.
FORBID = """
import ctypes, os, sys
from pathlib import Path
uid, gid = os.getuid(), os.getgid()
assert ctypes.CDLL(None).unshare(0x10000000) == 0
Path("/proc/self/setgroups").write_text("deny")
Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
Path(f"/proc/sys/user/max_{sys.argv[1]}_namespaces").write_text("0")
os.execv(sys.executable, [sys.executable, "-m", "grader", *sys.argv[2:]])
"""


def without(namespace: str, *words: object) -> subprocess.CompletedProcess[str]:
    """The command on a machine that has no such namespaces."""
    command = [sys.executable, "-c", FORBID, namespace, *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)


def test_every_wall_stands_here_and_is_reported_with_what_it_keeps_out():
    found = doctor.walls()
    assert [finding.name for finding in found] == [wall.name for wall in (*OUTER, *INNER)]
    assert all(finding.good for finding in found)
    assert all(finding.detail.startswith("keeps a submission from ") for finding in found)


def test_the_command_shows_walls_and_devices(grader):
    status, out, err = grader("doctor")
    marks = [line[0] for line in out.splitlines()]
    assert (status, err, marks.count("✗")) == (0, "", 0)
    assert out.count("✓") == len(marks) >= 12
    assert re.search(r"✓ processor: \d+ cores?, \d+ GiB of memory, Python 3\.\d+", out) and "✓ GPU: " in out


def test_it_says_how_memory_is_counted_and_what_it_means_to_be_root(monkeypatch):
    monkeypatch.setattr("grader.sandbox.walls.memory_groups.new_group", lambda: None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    said = {finding.name: finding.detail for finding in doctor.remarks()}
    assert said["memory"].startswith("added up process by process")
    assert "grade as an ordinary user" in said["you are root"]
    monkeypatch.undo()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert [finding.name for finding in doctor.remarks()] == ["memory"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("namespace", "wall"), [("net", "network namespace"), ("ipc", "IPC namespace"), ("user", "user namespace")]
)
def test_a_wall_that_the_machine_forbids_is_named(namespace, wall):
    said = without(namespace, "doctor")
    bad = [line for line in said.stdout.splitlines() if line.startswith("✗")]
    assert bad == [
        f"✗ {wall}: the wall {wall!r} is missing on this machine (unshare: No space left on device)",
        "✗ private mounts: not tried: an earlier wall is missing",
    ]
    assert said.stdout.splitlines()[-1] == "Grading refuses to start on this machine unless --no-sandbox is given."
    assert (said.returncode, said.stderr) == (1, "")


@pytest.mark.slow
def test_where_a_wall_is_missing_grading_stops_with_a_line_unless_told_otherwise(grader, toy, hand_in, tmp_path):
    book, report = tmp_path / "grades.db", tmp_path / "report"
    words = ["grade", hand_in("001", *RIGHT), "--course", toy.root, "--gradebook", book, "--report", report]
    said = without("net", *words)
    assert (said.returncode, said.stdout, list(report.iterdir())) == (1, "", [])
    assert said.stderr.splitlines()[-1] == (
        "grader: the wall 'network namespace' is missing on this machine (unshare: No space left on device). "
        "`grader doctor` says more; --no-sandbox grades without walls."
    )
    status, out, _ = grader(*words, "--no-sandbox")
    assert (status, out.splitlines()[0]) == (0, "1 of 1 submissions graded now.")
    pages = [(report / name).read_text() for name in ("index.html", "feedback/001/toy.html")]
    assert all("Graded without the sandbox's walls." in page for page in pages)


def test_a_wall_that_was_never_reached_is_no_wall(monkeypatch):
    monkeypatch.setattr(
        doctor, "_TRIAL", ("-c", "import os\nos.write(1, b'user namespace\\t\\n')\nraise SystemExit(3)")
    )
    found = doctor.walls()
    assert [finding.good for finding in found] == [True] + [False] * 9
    assert {finding.detail for finding in found[1:]} == {"not tried: an earlier wall is missing"}


def test_another_system_has_no_walls(monkeypatch):
    monkeypatch.setattr(doctor.sys, "platform", "darwin")
    (finding,) = doctor.walls()
    assert (finding.good, finding.name) == (False, "all walls")
    assert "they need Linux" in finding.detail


def test_gpus_are_listed_as_their_driver_names_them(monkeypatch, tmp_path):
    command = tmp_path / "nvidia-smi"
    command.write_text("#!/bin/sh\necho 'A100, 40960 MiB, 550.1'\necho 'A100, 40960 MiB, 550.1'\n")
    command.chmod(0o755)
    monkeypatch.setattr(doctor.shutil, "which", lambda name: str(command))
    gpus = [finding.detail for finding in doctor.devices() if finding.name == "GPU"]
    assert gpus == ["A100, 40960 MiB, 550.1"] * 2
