import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

import grader as package
from grader.core.errors import FullDiskError, SandboxError
from grader.sandbox.temporary_folder import Folder

ROOT = Path(package.__file__).parents[1]
HOLD = (
    "import sys\nfrom grader.sandbox.temporary_folder import Folder\nprint(Folder().path, flush=True)\nsys.stdin.read()"
)


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def fails(number: int):
    def fail(*_: object, **__: object) -> str:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_folder_is_removed_with_all_that_is_in_it(temporary):
    folder = Folder()
    (folder.path / "work").mkdir()
    (folder.path / "work" / "left").write_text("x")
    folder.remove()
    assert list(temporary.iterdir()) == []


def test_the_folder_of_a_process_that_was_killed_is_removed_by_the_next_and_no_other(temporary):
    command = [sys.executable, "-c", HOLD]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as process:
        theirs = Path(process.stdout.readline().strip())
        first, second = Folder(), Folder()
        assert theirs.is_dir() and first.path.is_dir()
        process.kill()
    third = Folder()
    assert set(temporary.iterdir()) == {first.path, second.path, third.path}
    for folder in (first, second, third):
        folder.remove()


def test_who_was_handed_the_lock_keeps_the_folder(temporary):
    """The fork server may outlive the command for a moment."""
    code = f"import subprocess, sys\n{HOLD}".replace("print(Folder().path, flush=True)\nsys.stdin.read()", "")
    code += "folder = Folder()\nchild = subprocess.Popen(['sleep', '60'], pass_fds=[folder.lock])\n"
    code += "print(folder.path, child.pid, flush=True)\nsys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, text=True, cwd=ROOT) as process:
        path, child = process.stdout.readline().split()
        process.kill()
    Folder().remove()
    assert Path(path).is_dir()
    os.kill(int(child), signal.SIGKILL)
    for _ in range(50):
        time.sleep(0.02)
        Folder().remove()
    assert not Path(path).exists()


def test_what_others_keep_under_such_a_name_is_left_alone(temporary):
    (temporary / "grader-notes").mkdir()
    (temporary / "grader-file").write_text("x")
    (temporary / "grader-link").mkdir()
    (temporary / "grader-link" / "lock").symlink_to(temporary / "grader-file")
    Folder().remove()
    assert {path.name for path in temporary.iterdir()} == {"grader-notes", "grader-file", "grader-link"}


@pytest.mark.parametrize(
    ("function", "number", "error", "said"),
    [
        ("mkdtemp", errno.ENOSPC, FullDiskError, "the disk holding the folder for temporary files is full"),
        ("mkdtemp", errno.EDQUOT, FullDiskError, "is full: make room"),
        ("mkdtemp", errno.EROFS, SandboxError, r"no folder for temporary files \(Read-only file system\)"),
        ("gettempdir", errno.ENOENT, SandboxError, r"no folder for temporary files \(No such file or directory\)"),
    ],
)
def test_a_folder_that_cannot_be_made_is_one_error(monkeypatch, function, number, error, said):
    monkeypatch.setattr(tempfile, function, fails(number))
    with pytest.raises(error, match=said):
        Folder()
