import sys
from pathlib import Path

import pytest

from grader.core.errors import UsageError
from grader.sandbox import Sandbox
from grader.sandbox.walls.covers import Mount, environments, hidden, mounts
from tests.grader.toy import runner, value


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder of libraries, in which somebody keeps a course with an environment of its own."""
    for name in ("usr/lib", "usr/src/app/solutions", "usr/src/app/.venv/lib", "usr/src/app/labkit", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").write_text(name)
    return tmp_path


def steps(found: list[Mount], top: Path) -> list[tuple[str, bool]]:
    return [(str(mount.path.relative_to(top)), mount.shown) for mount in found]


def test_what_is_secret_is_covered_and_what_is_needed_in_it_is_shown_again(tree):
    course = tree / "usr/src/app"
    found = mounts([tree / "usr", course / ".venv", course / "labkit"], [course])
    assert steps(found, tree) == [
        ("usr", True), ("usr/src/app", False), ("usr/src/app/.venv", True), ("usr/src/app/labkit", True),
    ]  # fmt: skip


def test_what_nobody_sees_anyway_is_not_covered(tree):
    found = mounts([tree / "usr", tree / "usr/lib"], [tree / "elsewhere", tree / "not there"])
    assert steps(found, tree) == [("usr", True)]
    assert hidden([tree / "usr"], [tree / "elsewhere", tree]) == []


def test_a_cover_lies_over_every_name_of_a_folder(tree):
    (tree / "lib").symlink_to(tree / "usr")
    found = mounts([tree / "lib"], [tree / "usr/src"])
    assert steps(found, tree) == [("lib", True), ("usr", True), ("lib/src", False), ("usr/src", False)]


def test_a_secret_in_a_secret_and_one_in_what_is_shown_again_are_covered(tree):
    course = tree / "usr/src/app"
    secret = [course, course / "solutions", course / ".venv/lib"]
    found = mounts([tree / "usr", course / ".venv"], secret)
    assert steps(found, tree) == [
        ("usr", True), ("usr/src/app", False), ("usr/src/app/.venv", True), ("usr/src/app/.venv/lib", False),
    ]  # fmt: skip


def test_what_must_be_seen_and_must_not_be_seen_is_refused(tree):
    with pytest.raises(UsageError, match=r"must be able to read .*/usr, .*move the course, the gradebook"):
        mounts([tree / "usr"], [tree / "usr"])


def test_an_environment_that_is_the_courses_own_folder_is_shown_in_parts(tmp_path, monkeypatch):
    for name in ("lib", "bin", "solutions"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert tmp_path in environments()
    shown = environments([tmp_path])
    assert {tmp_path / "lib", tmp_path / "bin"} <= set(shown)
    assert not {tmp_path, tmp_path / "solutions"} & set(shown)


READ = """
import os
def seen(path):
    try:
        return sorted(os.listdir(path)) if os.path.isdir(path) else open(path).read()
    except OSError as error:
        return type(error).__name__
"""


@pytest.mark.slow
def test_a_notebook_sees_libraries_and_nothing_of_a_course_among_them(tree):
    course = tree / "usr/src/app"
    (course / "gradebook.db").write_text("the seed")
    paths = [
        course / "solutions/file",
        course / "gradebook.db",
        course / ".venv/lib/file",
        tree / "usr/lib/file",
        course,
    ]
    with Sandbox(None, readable=[tree / "usr", course / ".venv"]) as opened:
        opened.conceal([course])
        opened.preload([])
        ran = runner(opened)(READ, f"def task(): return [seen(path) for path in {[*map(str, paths)]}]")
        assert value(ran) == ["FileNotFoundError", "FileNotFoundError", "usr/src/app/.venv/lib", "usr/lib", [".venv"]]
        refused = "def task():\n    try: open('%s/x', 'w')\n    except OSError as error: return type(error).__name__"
        assert value(runner(opened)(refused % course)) in ("OSError", "PermissionError")


@pytest.mark.slow
def test_a_file_alone_is_covered_by_nothing(tree):
    secret = tree / "usr/lib/file"
    with Sandbox(None, readable=[tree / "usr"]) as opened:
        opened.conceal([secret])
        opened.preload([])
        assert value(runner(opened)(READ, f"def task(): return seen({str(secret)!r})")) == ""


@pytest.mark.slow
def test_what_is_concealed_later_is_concealed_from_the_next_run(tree):
    asked = (READ, f"def task(): return seen({str(tree / 'usr/src/app/solutions/file')!r})")
    with Sandbox([], readable=[tree / "usr"]) as opened:
        assert value(runner(opened)(*asked)) == "usr/src/app/solutions"
        opened.conceal([tree / "usr/src/app"])
        opened.preload([])
        assert value(runner(opened)(*asked)) == "FileNotFoundError"


def test_a_sandbox_that_cannot_conceal_says_so(tree):
    with Sandbox(None, readable=[tree / "usr"]) as opened, pytest.raises(UsageError, match="must not see is there"):
        opened.conceal([tree / "usr"])
