"""A gradebook's file: who may read it, and where it is."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

import grader as package
from grader.core.errors import GradebookError
from grader.gradebook import sqlite as module
from grader.gradebook.gradebook import Gradebook, Turn
from grader.gradebook.sqlite import network_type
from tests.grader.gradebook.test_gradebook import graded
from tests.grader.locks import another_program
from tests.grader.ordinary import give, ordinary_user

ROOT = Path(package.__file__).parents[1]


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


@pytest.fixture(params=[0o022, 0o000, 0o077])
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_a_new_gradebook_is_its_owners_alone_and_so_is_what_lies_beside_it(tmp_path, umask):
    with Gradebook(str(tmp_path / "grades.db")) as book:
        graded(book, "001")
        assert modes(tmp_path) == {"grades.db": 0o600, "grades.db-wal": 0o600, "grades.db-shm": 0o600}


def test_so_it_is_for_an_ordinary_user(tmp_path):
    give(tmp_path)
    with ordinary_user(), Gradebook(str(tmp_path / "grades.db")) as book:
        graded(book, "001")
        assert set(modes(tmp_path).values()) == {0o600}
    assert {path.stat().st_uid for path in tmp_path.iterdir()} <= {65_534, os.getuid()}


def test_the_mode_of_a_gradebook_that_is_there_is_kept(tmp_path):
    path = tmp_path / "grades.db"
    Gradebook(str(path)).close()
    path.chmod(0o640)
    with Gradebook(str(path)) as book:
        graded(book, "001")
        assert set(modes(tmp_path).values()) == {0o640}


def fake_mounts(monkeypatch, **kinds: str) -> None:
    """The machine's mounts are these: kinds of file systems by mount points."""
    mounts = [SimpleNamespace(mountpoint=point, fstype=kind) for point, kind in kinds.items()]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)


@pytest.mark.parametrize(
    ("kinds", "kind"),
    [
        ({"/": "ext4", "/home": "nfs4"}, "nfs4"),
        ({"/": "ext4", "/home/teacher": "cifs"}, "cifs"),
        ({"/": "ext4", "/home": "fuse.sshfs"}, "fuse.sshfs"),
        ({"/": "nfs", "/home": "xfs"}, ""),
        ({"/": "ext4", "/ho": "nfs"}, ""),
        ({"/": "ext4", "/home": "fuseblk"}, ""),
        ({"/": "overlay"}, ""),
        ({}, ""),
    ],
)
def test_the_file_system_of_a_path_is_that_of_the_nearest_mount(monkeypatch, kinds, kind):
    fake_mounts(monkeypatch, **kinds)
    assert network_type(Path("/home/teacher/grades.db")) == kind


def test_of_two_mounts_at_one_place_the_later_covers_the_other(monkeypatch):
    mounts = [SimpleNamespace(mountpoint="/", fstype=kind) for kind in ("ext4", "nfs4")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)
    assert network_type(Path("/grades.db")) == "nfs4"


def journal(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA journal_mode").fetchone()[0]


def test_what_a_disk_holds_is_kept_in_wal_mode_and_what_a_network_holds_is_not(tmp_path, monkeypatch):
    """Memory that processes share is not shared between machines."""
    path = tmp_path / "grades.db"
    for number, (kind, mode) in enumerate([("ext4", "wal"), ("nfs4", "delete"), ("ext4", "wal")]):
        fake_mounts(monkeypatch, **{"/": kind})
        with Gradebook(str(path)) as book:
            graded(book, "001", bytes_=str(number))
        assert journal(path) == mode


@pytest.mark.parametrize(("kind", "refused"), [("nfs4", True), ("ext4", False)])
def test_on_a_network_file_system_one_machine_at_a_time_grades(tmp_path, monkeypatch, kind, refused):
    fake_mounts(monkeypatch, **{"/": kind})
    url = f"sqlite:///{tmp_path}/grades.db"
    with Gradebook(url) as first, Gradebook(url) as second:
        runs = [first.hand_in("001", unit, "source", "bytes")[0] for unit in ("01", "02", "03")]
        first.begin(runs[0], True)
        assert second.begin(runs[1], True) is Turn.OURS  # on the same machine
        with another_program(url, "UPDATE commands SET place = 'desk boot-of-another-machine 1 0'") as connection:
            connection.commit()
        with Gradebook(url) as third:
            if refused:
                told = (
                    r"a command on desk is at work on this gradebook, which is an SQLite file on a network file system"
                )
                with pytest.raises(GradebookError, match=rf"{told} \(nfs4\): one machine at a time .+ use PostgreSQL"):
                    third.begin(runs[2], True)
                assert third.score_rows() == []
            else:
                assert third.begin(runs[2], True) is Turn.OURS


SHARE = """
import json, sys
from grader.gradebook import sqlite
from grader.gradebook.gradebook import Gradebook
from tests.grader.gradebook.test_gradebook import graded
sqlite.network_type = lambda path: "nfs4"
with Gradebook(sys.argv[1]) as book:
    for number in range(20):
        graded(book, f"{sys.argv[2]}{number}", bytes_=f"{sys.argv[2]}{number}")
        seen = len(book.score_rows())
print(json.dumps(seen))
"""


def test_two_processes_read_and_write_where_there_is_no_wal(tmp_path, monkeypatch):
    path = tmp_path / "grades.db"
    monkeypatch.setattr(module, "network_type", lambda path: "nfs4")
    with Gradebook(str(path)) as book:
        commands = [[sys.executable, "-c", SHARE, str(path), name] for name in "ab"]
        running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for command in commands]
        said = [json.loads(process.communicate(timeout=60)[0]) for process in running]
        assert max(said) <= len(book.score_rows()) == 40
