"""Folders that learners could hand in: whatever lies in them is graded or told in one line,
and nothing else is read."""

import codecs
import contextlib
import datetime
import importlib
import io
import os
import shutil
import stat
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.bundles.bundle import new_bundle, pack
from grader.cli.main import main
from grader.collecting.collect import HandedIn, collect, find_submissions
from grader.collecting.folder_walk import is_kind, is_noise
from grader.collecting.problems import Kind, in_full, learner_of, of_kind
from grader.core.errors import SubmissionError
from grader.core.text import one_line
from grader.gradebook.gradebook import Gradebook
from grader.report.report_folder import write_report
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
    b"toy (1).ipynb", b"Copy of toy.ipynb", b"toy-Copy1.ipynb", b"toy_final.ipynb", b"ann_toy.ipynb", b"toy.ipynb ",
    b"ann_12_34_toy.ipynb", b"Lab_ann_attempt_2024-01-01-00-00-00_toy.ipynb", b"homework.ipynb", b"homework.zip",
    b"toy.pdf", b"toy.json", b"toy", b"a.7z", b"onlinetext.html", b"\x1b[2J.txt", b"manifest.json", b"._toy.ipynb",
    b".DS_Store", b"attempt1/toy.ipynb", b"labs/toy.ipynb", b"toy/toy.ipynb", b".hidden/toy.ipynb",
]  # fmt: skip
KINDS = [
    "right", "right", "empty", "broken", "folder", "link", "link to a folder", "loop", "link outside",
    "link to nothing",
    "bundle", "bundle", "archive", "archive of many", "zip bomb", "deep list",
    "pipe", "socket", "device", "unreadable", "closed folder", "hard link",
]  # fmt: skip
trees = st.lists(
    st.tuples(st.sampled_from(FOLDERS), st.sampled_from(FILES), st.sampled_from(KINDS)), min_size=1, max_size=6
)


# Python looks codecs up when they are first needed, which another user may not be allowed to.
for _codec in ("cp437", "cp1252"):
    codecs.lookup(_codec)


@pytest.fixture(scope="module")
def way(tmp_path_factory) -> Way:
    return Way(tmp_path_factory.mktemp("course"), TOY)


@contextlib.contextmanager
def planted(entries: list[tuple[bytes, bytes, str]]) -> Iterator[tuple[Path, list[Path]]]:
    """A folder in which these things lie, and their paths."""
    root = Path(tempfile.mkdtemp(prefix="hostile-"))
    root.chmod(0o755)
    try:
        yield root, [path for folder, name, kind in entries if (path := plant(root, folder, name, kind))]
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
    elif kind in ("archive", "archive of many", "zip bomb") and path.suffix == ".zip":
        names = {"archive": ["mine/toy.ipynb"], "archive of many": ["a/toy.ipynb", "b/toy.ipynb"]}.get(
            kind, ["toy.ipynb"]
        )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
            for name in names:
                made.writestr(name, bytes(2**24) if kind == "zip bomb" else notebook(*RIGHT, name))
    elif kind == "hard link":
        with contextlib.suppress(OSError):
            os.link(path.parent / "toy.ipynb", path)
    else:
        texts = {"empty": "", "broken": '{"cells": [1', "deep list": "[" * 20_000}
        path.write_text(texts.get(kind, notebook(*RIGHT)))
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
        assert "/" not in submission.learner and submission.learner not in ("", ".", "..")
    for path in there:
        assert is_nobodys(path, root) or is_held(path, found) or is_told(path, problems, root), path


def is_nobodys(path: Path, root: Path) -> bool:
    """Whether it is what systems leave, or hidden: in a learner's folder nothing that is hidden is handed in."""
    *folders, name = path.relative_to(root).parts
    noise = any(is_noise(folder, folder=True) for folder in folders) or is_noise(name, folder=False)
    own = any(is_kind(entry.name) or "toy" in entry.name for entry in root.iterdir())
    hidden = any(folder.startswith(".") for folder in (folders if own else folders[1:]))
    empty = os.path.isdir(path) and not path.is_symlink() and not is_kind(name)  # noqa: PTH112  False where it is closed
    return noise or hidden or empty or (name.startswith(".") and not is_kind(name)) or name == "manifest.json"


def is_held(path: Path, found: list[HandedIn]) -> bool:
    """Whether it is a submission, or holds the same cells as another one."""
    mine = cells_in(path)
    return any(submission.path == path or (mine and mine == cells_of(submission)) for submission in found)


def cells_in(path: Path) -> list[dict] | None:
    """The cells of the notebook that a file is, or that the bundle in it holds."""
    handed_in = HandedIn("", "toy", path)
    try:
        return cells_of(handed_in) if path.is_file() and not path.is_symlink() else None
    except PermissionError:
        return None


def cells_of(submission: HandedIn) -> list[dict] | None:
    try:
        return submission.read().cells()
    except (SubmissionError, OSError):
        return None


def is_told(path: Path, problems: list[str], root: Path) -> bool:
    """Whether a line of the report names it, or the folder of its learner."""
    lines = [
        in_full(problem) for problem in problems if "stand in the names" not in problem and "look alike" not in problem
    ]
    places = [one_line(str(place)) for place in (path, *path.parents) if place.is_relative_to(root)]
    return any(line.startswith(f"{place}: ") or places[0] in line for line in lines for place in places)


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
        found = collect([root], way.course)
        data = read(found.submissions)
        assert_sane(found.submissions, found.problems + found.left, there, root)
    assert all(content[:9] in (b"", b'{"cells":', b"[" * 9, bytes(9)) for _, content in data)


@pytest.mark.slow
@hostile("trees graded")
@given(trees)
def test_whatever_lies_in_a_folder_gives_a_report_that_does_nothing(way, entries):
    way.book = Gradebook("sqlite://")
    with planted(entries) as (root, _):
        with ordinary_user():
            found = collect([root], way.course)
            data = read(found.submissions)
        for learner, content in data:
            way.grade(content, [{"kind": "begin", "cell": 0}], learner)
        assert_sane_report(root / "report", way, found.problems + found.left, len(data))
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
        refused = of_kind(problems, Kind.REFUSED)
        assert (status == 2) == (not found and not any(map(learner_of, problems))) and (status > 0 or not refused)
        told = [line for line in lines if line.startswith(("! ", "grader: ")) and "could not be graded" not in line]
        assert len(told) == (len(problems) if status == 2 else len(refused))
        assert f"{len(found)} of {len(found)} submissions graded now.\n" in out or status == 2


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
        (submission,), _ = find_submissions([tmp_path], way.course)
        assert submission.learner == "d" and submission.read().notebook == b""


@pytest.mark.parametrize(
    "path", ["a" * 300, "a/" * 3_000, "a\0b", "", "/dev/null", "/dev/zero", "/proc/self/mem", "\udcff\n"]
)
def test_a_path_of_any_kind_is_told_in_one_line(way, path, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    found, (problem,) = find_submissions([Path(path)], way.course)
    assert found == []
    assert_one_line(problem)


def test_names_that_differ_only_where_they_are_cut_are_two_learners(way, tmp_path):
    for end in (b"\xfe", b"\xff"):
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + b"\xff" * 200 + end))
        path.mkdir()
        (path / "toy.ipynb").touch()
    found, problems = find_submissions([tmp_path], way.course)
    assert (len({submission.learner for submission in found}), problems) == (2, [])


def test_ten_thousand_examples_are_tried():
    for module in ("classroom.test_hostile_notebooks", "collecting.test_hostile_trees", "sandbox.test_hostile_frames"):
        importlib.import_module(f"tests.grader.{module}")
    assert set(EXAMPLES) == USED
    assert sum(EXAMPLES.values()) >= 10_000
