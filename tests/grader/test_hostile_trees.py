"""Folders that learners could hand in: whatever lies in them is graded or told in one line,
and nothing else is read."""

import contextlib
import datetime
import importlib
import io
import os
import re
import shutil
import socket
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.bundle import new_bundle, pack, read_bundle
from grader.cli import main
from grader.errors import SubmissionError
from grader.gradebook import Gradebook
from grader.line import one_line
from grader.report.folder import write_report
from grader.submissions import HandedIn, find_submissions
from tests.grader.hostile import (
    ACTING,
    EXAMPLES,
    USED,
    Way,
    assert_harmless,
    assert_one_line,
    assert_sane_table,
    hostile,
)
from tests.grader.ordinary import ordinary_user
from tests.grader.toy import RIGHT, TOY, notebook, write_source

FOLDERS = [
    b"001", b"001", b"002", b"10", b"a\nb", b"a\tb", b"'q\"", b"=cmd|' /C calc'!A0", b"-x", b"@s", b"+1", b"..x",
    b"...",
    b"\xff\xfe", b"\xc3\xa9", b"e\xcc\x81", b"Anna", b"anna", b"a" * 255, b"\xff" * 255, "字".encode() * 80,
    b"\x1b[2J", b" ",
    b"toy.ipynb", b".ipynb_checkpoints", b".hidden", b"a b ", b"<script>alert(1)<", b"%2e%2e%2f", b"a#b?c", b"x:y",
    b"\\..\\",
    b"javascript:alert(1)", "\u202egnp".encode(), "\u2028".encode(), b"{{7*7}}", b"~", b"*", b"\r\n! forged", b"&lt;",
    b"\x7f",
    b"deep/" * 30 + b"end", b"001/x",
]  # fmt: skip
FILES = [
    *[b"toy.ipynb"] * 6, b"toi.ipynb", b"TOY.IPYNB", b"toy.IPYNB", b"toy.ipynb.txt", b".ipynb", b"toy .ipynb",
    b"\xff.ipynb",
    b"a\n! forged.ipynb", b"x" * 249 + b".ipynb", b"toy-checkpoint.ipynb", b"notes.txt", b"=1.ipynb",
    b"\x1b[2J.ipynb", b"-.ipynb",
    b"toy.zip", b"toy.zip", b"toy (1).zip", b"ann_toy.zip", b"\xff_toy.zip", b".._toy.zip", b"a\n! forged_toy.zip",
    b".zip",
]  # fmt: skip
KINDS = [
    "right", "right", "empty", "broken", "folder", "link", "link to a folder", "loop", "link outside",
    "link to nothing",
    "bundle", "bundle", "pipe", "socket", "device", "unreadable", "closed folder", "hard link",
]  # fmt: skip
trees = st.lists(
    st.tuples(st.sampled_from(FOLDERS), st.sampled_from(FILES), st.sampled_from(KINDS)), min_size=1, max_size=6
)


@pytest.fixture(scope="module")
def way(tmp_path_factory) -> Way:
    return Way(tmp_path_factory.mktemp("course"), TOY)


@contextlib.contextmanager
def planted(entries: list[tuple[bytes, bytes, str]]) -> Iterator[tuple[Path, list[Path]]]:
    """A folder in which these things lie, and the paths that are named like notebooks or bundles."""
    root = Path(tempfile.mkdtemp(prefix="hostile-"))
    root.chmod(0o755)
    try:
        paths = [path for folder, name, kind in entries if (path := plant(root, folder, name, kind))]
        yield root, [path for path in paths if path.name.lower().endswith((".ipynb", ".zip"))]
    finally:
        for path, folders, _ in os.walk(root):
            for folder in folders:
                if not Path(path, folder).is_symlink():
                    Path(path, folder).chmod(0o755)
        shutil.rmtree(root)


def plant(root: Path, folder: bytes, name: bytes, kind: str) -> Path | None:
    """One thing of a kind; None where something else lies there."""
    path = root / os.fsdecode(folder) / os.fsdecode(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.lstat()
    except FileNotFoundError:
        make(root, path, kind)
        return path if os.path.lexists(path) else None
    except OSError:  # a file where a folder should be, a closed folder
        return None
    return None


def make(root: Path, path: Path, kind: str) -> None:
    links = {
        "link": __file__,
        "link to a folder": str(root),
        "loop": path.name,
        "link outside": "/",
        "link to nothing": "x",
    }
    if kind in links:
        path.symlink_to(links[kind])
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        os.mknod(path, stat.S_IFSOCK | 0o600)
    elif kind == "device" and os.geteuid() == 0:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    elif kind == "bundle" and path.suffix == ".zip":
        made = new_bundle("toy", {"toy.ipynb": notebook(*RIGHT).encode()}, datetime.datetime.now(datetime.UTC), {})
        path.write_bytes(pack(made))
    elif kind == "hard link":
        with contextlib.suppress(OSError):
            os.link(path.parent / "toy.ipynb", path)
    else:
        path.write_text({"empty": "", "broken": '{"cells": [1'}.get(kind, notebook(*RIGHT)))
        if kind == "unreadable":
            path.chmod(0)
        elif kind == "closed folder":
            path.parent.chmod(0)


def assert_sane(found: list[HandedIn], problems: list[str], there: list[Path], root: Path) -> None:
    for problem in problems:
        assert_one_line(problem, 1_000)
    assert len({(submission.learner, submission.unit) for submission in found}) == len(found)
    for submission in found:
        assert submission.unit == "toy" and submission.path in there
        assert stat.S_ISREG(submission.path.lstat().st_mode)
        assert_one_line(submission.learner, 200)
        assert len(submission.learner.encode()) <= 200
        assert "/" not in submission.learner and submission.learner not in (".", "..")
    told = "\n".join(problems)
    for path in there:
        if ".ipynb_checkpoints" in path.parts or stands_beside_itself(path, found, root):
            continue
        if not any(submission.path == path for submission in found):
            names = [one_line(str(part)) for part in (path, *path.parents)]
            assert any(f"{name}: " in told for name in names), path


def stands_beside_itself(path: Path, found: list[HandedIn], root: Path) -> bool:
    """Whether it was found beside itself, as bundle and notebook or as two bundles: one submission.

    What stands before the unit in a bundle's name is a learner in the folder that was given, and nothing below it.
    """
    bundle = r"toy( \(1\))?\.zip" if path.parent == root else r"(?s)(.*_)?toy( \(1\))?\.zip"
    return re.fullmatch(rf"{bundle}|toy\.ipynb", path.name) is not None and any(
        ".zip" in (path.suffix, submission.path.suffix) and notebook_in(path) == notebook_in(submission.path)
        for submission in found
        if submission.path.parent == path.parent and notebook_in(path) is not None
    )


def notebook_in(path: Path) -> bytes | None:
    """The notebook that a file is, or that the bundle in it holds."""
    try:
        if path.is_symlink() or not path.is_file():
            return None
        if path.suffix != ".zip":
            return path.read_bytes()
        with path.open("rb") as file:
            bundle = read_bundle(file)
        return bundle.files[bundle.manifest.notebook]
    except (SubmissionError, PermissionError):
        return None


def read(found: list[HandedIn]) -> list[tuple[str, bytes]]:
    """The learners and bytes of what can be read."""
    data = []
    for submission in found:
        with contextlib.suppress(PermissionError):
            data.append((submission.learner, submission.read().notebook))
    return data


@hostile("trees searched")
@given(trees)
def test_whatever_lies_in_a_folder_is_found_or_told_in_one_line(way, entries):
    with planted(entries) as (root, there), ordinary_user():
        found, problems = find_submissions([root], way.course)
        data = read(found)
        assert_sane(found, problems, there, root)
    assert all(content == b"" or content.startswith(b'{"cells"') for _, content in data)


@pytest.mark.slow
@hostile("trees graded")
@given(trees)
def test_whatever_lies_in_a_folder_gives_a_report_that_does_nothing(way, entries):
    way.book = Gradebook("sqlite://")
    with planted(entries) as (root, _):
        with ordinary_user():
            found, problems = find_submissions([root], way.course)
            data = read(found)
        for learner, content in data:
            way.grade(content, [{"kind": "begin", "cell": 0}], learner)
        assert_sane_report(root / "report", way, problems, len(data))
    way.book.close()


def assert_sane_report(folder: Path, way: Way, problems: list[str], count: int) -> None:
    index = write_report(folder, way.book, way.course, problems)
    page = assert_harmless(index.read_text(encoding="utf-8"))
    pages = sorted(path for path in folder.rglob("*") if path.is_file())
    linked = {folder / unquote(link) for link in page.links if link.startswith("feedback/")}
    assert {folder / "index.html", folder / "scores.csv", *linked} == set(pages)
    assert len(linked) == count
    for path in linked:
        assert_harmless(path.read_text(encoding="utf-8"))
    with (folder / "scores.csv").open(encoding="utf-8", newline="") as file:
        assert_sane_table(file.read(), 3 * count)


def command(*words: object) -> tuple[int, str, str]:
    """The command line in this process: exit status, stdout and stderr."""
    out, err, before = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["grader", *map(str, words)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    finally:
        sys.argv = before
    return 0, out.getvalue(), err.getvalue()


@pytest.mark.slow
@hostile("trees given to the command")
@given(trees)
def test_the_command_grades_what_it_can_and_says_the_rest_in_lines(entries):
    with planted(entries) as (root, _), tempfile.TemporaryDirectory() as place:
        course = write_source(Path(place, "course"))
        words = ["--course", course.root, "--gradebook", Path(place, "grades.db"), "--timeout", 10, "--jobs", 2]
        status, out, err = command("grade", root, *words, "--report", Path(place, "report"))
        found, problems = find_submissions([root], course)
        lines = err.splitlines()
        assert not ACTING.search("".join(lines)), err
        assert (status == 2) == (not found) and (status > 0 or not problems)
        shut = [submission for submission in found if not os.access(submission.path, os.R_OK)]  # never to root
        told = [line for line in lines if line.startswith(("! ", "grader: "))]
        assert len(told) == max(len(problems) + len(shut), not found)
        assert f"{len(found) - len(shut)} of {len(found)} submissions graded now.\n" in out or not found


@contextlib.contextmanager
def deep(root: Path, name: str, count: int) -> Iterator[None]:
    """Folders in each other, the innermost with a notebook: made and removed step by step, since a path ends sooner."""
    folders = [os.open(root, os.O_RDONLY)]
    for _ in range(count):
        os.mkdir(name, dir_fd=folders[-1])
        folders.append(os.open(name, os.O_RDONLY, dir_fd=folders[-1]))
    os.close(os.open("toy.ipynb", os.O_CREAT, dir_fd=folders[-1]))
    try:
        yield
    finally:
        os.unlink("toy.ipynb", dir_fd=folders[-1])
        for folder in reversed(folders):
            os.close(folder)
            if folder != folders[0]:
                os.rmdir(name, dir_fd=folders[folders.index(folder) - 1])


def test_a_tree_that_is_deeper_than_a_path_may_be_is_told(way, tmp_path):
    with deep(tmp_path, "d" * 100, 60):
        found, (problem,) = find_submissions([tmp_path], way.course)
        assert found == [] and "this folder cannot be read (File name too long)" in problem
        assert_one_line(problem)


def test_a_tree_of_hundreds_of_folders_in_each_other_is_searched(way, tmp_path):
    with deep(tmp_path, "d", 700):
        assert [submission.learner for submission in find_submissions([tmp_path], way.course)[0]] == ["d"]


@pytest.mark.parametrize(
    "path", ["a" * 300, "a/" * 3_000, "a\0b", "", "/dev/null", "/dev/zero", "/proc/self/mem", "\udcff\n"]
)
def test_a_path_of_any_kind_is_told_in_one_line(way, path, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    found, (problem,) = find_submissions([Path(path)], way.course)
    assert found == []
    assert_one_line(problem)


def test_a_notebook_that_becomes_something_else_before_it_is_read_holds_nobody_up(tmp_path):
    path = tmp_path / "toy.ipynb"
    os.mkfifo(path)
    assert HandedIn("001", "toy", path).read().notebook == b""
    path.unlink()
    path.symlink_to(__file__)
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        HandedIn("001", "toy", path).read()
    path.unlink()
    with socket.socket(socket.AF_UNIX) as listening, pytest.raises(OSError, match="No such device"):
        listening.bind(str(path))
        HandedIn("001", "toy", path).read()


def test_names_that_differ_only_where_they_are_cut_are_two_learners(way, tmp_path):
    for end in (b"\xfe", b"\xff"):
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + b"\xff" * 200 + end))
        path.mkdir()
        (path / "toy.ipynb").touch()
    found, problems = find_submissions([tmp_path], way.course)
    assert (len({submission.learner for submission in found}), problems) == (2, [])


def test_ten_thousand_examples_are_tried():
    for module in ("test_hostile_notebooks", "test_hostile_trees", "sandbox.test_hostile_frames"):
        importlib.import_module(f"tests.grader.{module}")
    assert set(EXAMPLES) == USED
    assert sum(EXAMPLES.values()) >= 10_000
