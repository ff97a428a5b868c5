"""Files that are written whole or not at all."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import grader as package
from grader.core.files import atomic_write, private_folder, remove_left

ROOT = Path(package.__file__).parents[1]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def umask():
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.mark.parametrize("name", ["a", "n" * 255, "é" * 127, ".part", "a.1.part"])
def test_a_file_of_any_name_is_written_and_nothing_else_is_left(tmp_path, name):
    path = tmp_path / name
    for data in (b"first", b"second"):
        atomic_write(path, data)
        assert path.read_bytes() == data and list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_the_umasks_mode_or_is_its_owners_alone(tmp_path):
    atomic_write(tmp_path / "open", b"")
    atomic_write(tmp_path / "private", b"", private=True)
    assert (mode(tmp_path / "open"), mode(tmp_path / "private")) == (0o640, 0o600)


@pytest.mark.parametrize("private", [True, False])
def test_a_file_that_is_there_keeps_its_mode(tmp_path, private):
    path = tmp_path / "a"
    path.touch()
    path.chmod(0o664)
    atomic_write(path, b"new", private=private)
    assert (mode(path), path.read_bytes()) == (0o664, b"new")


def test_where_it_fails_the_old_file_is_whole_and_nothing_is_left(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(TypeError):
        atomic_write(path, "no bytes")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("no")))
    with pytest.raises(OSError, match="no"):
        atomic_write(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_where_a_folder_has_the_name_it_is_left_alone(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        atomic_write(tmp_path / "a", b"new")
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "b"]


def test_a_reader_finds_the_old_or_the_new_file_and_never_a_part(tmp_path):
    path, done = tmp_path / "a", threading.Event()
    texts = [bytes([number]) * 2**20 for number in range(2)]
    atomic_write(path, texts[0])

    def write() -> None:
        for number in range(60):
            atomic_write(path, texts[number % 2])
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        assert path.read_bytes() in texts
    writer.join()


KILLED = """
import os, sys
from pathlib import Path
from grader.core import files
Path.replace = lambda self, path: os.kill(os.getpid(), 9)
files.atomic_write(Path(sys.argv[1]), b"new", partial=Path(sys.argv[2]))
"""


def test_what_a_killed_writer_leaves_is_in_the_folder_for_it_and_goes_after_an_hour(tmp_path):
    path, partial = tmp_path / "a", private_folder(tmp_path / ".partial")
    path.write_bytes(b"old")
    words = [sys.executable, "-c", KILLED, str(path), str(partial)]
    assert subprocess.run(words, cwd=ROOT, check=False).returncode == -9
    (left,) = partial.iterdir()
    assert path.read_bytes() == b"old" and left.read_bytes() == b"new"
    remove_left(partial)
    assert left.exists()
    hour = left.stat().st_mtime - 3_601
    os.utime(left, (hour, hour))
    remove_left(partial)
    assert not list(partial.iterdir())


def test_a_private_folder_and_those_above_it_are_the_owners_alone_but_for_those_that_are_there(tmp_path):
    tmp_path.chmod(0o755)
    private_folder(tmp_path / "a" / "b")
    private_folder(tmp_path / "a" / "b" / "c")
    assert [mode(path) for path in (tmp_path, tmp_path / "a", tmp_path / "a/b", tmp_path / "a/b/c")] == [
        0o755, 0o700, 0o700, 0o700,
    ]  # fmt: skip
    with pytest.raises(FileExistsError):
        (tmp_path / "file").touch()
        private_folder(tmp_path / "file")
