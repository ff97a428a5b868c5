import errno
import os
from pathlib import Path

import pytest

from grader.sandbox.walls.memory_groups import MemoryGroup, new_group

UNIFIED = {
    "memory.max": "max", "memory.swap.max": "max", "memory.stat": "anon 100\nfile 7\nkernel 20\nsock 3\n",
    "memory.events": "low 0\noom 2\noom_kill 1\n", "cgroup.procs": "",
}  # fmt: skip
FIRST = {
    "memory.limit_in_bytes": "0", "memory.memsw.limit_in_bytes": "0", "memory.stat": "cache 7\nrss 100\n",
    "memory.kmem.usage_in_bytes": "23\n", "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n",
    "cgroup.procs": "",
}  # fmt: skip
VERSIONS = {"first": (FIRST, False), "unified": (UNIFIED, True)}


@pytest.fixture(params=VERSIONS)
def group(request, tmp_path) -> MemoryGroup:
    """A group in a tree of files that stand for the kernel's."""
    files, unified = VERSIONS[request.param]
    fill(tmp_path / "group", files)
    return MemoryGroup(tmp_path / "group", unified)


def fill(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)


def replace(group: MemoryGroup, name: str, old: str, new: str) -> None:
    path = group.path / name
    path.write_text(path.read_text().replace(old, new))


def test_a_group_bounds_a_process_and_counts_what_it_takes_from_then_on(group):
    group.begin(4711, 10**9)
    assert (group.path / "cgroup.procs").read_text() == "4711"
    bound = (group.path / ("memory.max" if group.unified else "memory.limit_in_bytes")).read_text()
    assert 10**9 < int(bound) < 1.1 * 10**9
    assert group.memory() == 0
    replace(group, "memory.stat", " 100", " 5100")
    assert group.memory() == 5000


def test_a_process_that_the_kernel_ended_for_want_of_memory_is_seen_in_this_run_alone(group):
    group.begin(1, 1)
    assert not group.was_full()
    replace(group, "memory.events" if group.unified else "memory.oom_control", "oom_kill 1", "oom_kill 2")
    assert group.was_full()
    group.begin(2, 1)
    assert not group.was_full()


def test_a_group_that_was_taken_away_is_an_error_when_it_begins_and_counts_nothing(tmp_path):
    group = MemoryGroup(tmp_path / "gone", True)
    with pytest.raises(OSError, match="No such file"):
        group.begin(1, 1)
    assert (group.memory(), group.was_full()) == (0, False)
    group.remove()


@pytest.fixture
def made(monkeypatch):
    """The kernel fills a new group with files, as soon as its folder is made."""
    mkdir = Path.mkdir

    def and_fill(path: Path, *how: object, **more: object) -> None:
        mkdir(path, *how, **more)
        if path.name.startswith("grader-"):
            unified = (path.parent / "cgroup.subtree_control").exists()
            for name, text in (UNIFIED if unified else FIRST).items():
                (path / name).write_text(text)

    monkeypatch.setattr(Path, "mkdir", and_fill)


def own(tmp_path: Path, text: str) -> Path:
    (tmp_path / "own").write_text(text)
    return tmp_path / "own"


def test_a_group_of_the_second_version_is_made_beside_ones_own_where_memory_is_handed_down(tmp_path, made):
    for folder, controllers in (("", "cpu memory"), ("user", "memory pids"), ("user/shell", "")):
        fill(tmp_path / "tree" / folder, {"cgroup.subtree_control": controllers}) if folder else None
        (tmp_path / "tree").mkdir(exist_ok=True)
    group = new_group(tmp_path / "tree", own(tmp_path, "0::/user/shell\n"))
    assert group is not None and (group.path.parent, group.unified) == (tmp_path / "tree/user", True)


def test_a_group_of_the_first_version_is_made_below_ones_own(tmp_path, made):
    (tmp_path / "tree/memory/mine").mkdir(parents=True)
    group = new_group(tmp_path / "tree", own(tmp_path, "8:pids:/\n4:memory:/mine\n0::/\n"))
    assert group is not None and (group.path.parent, group.unified) == (tmp_path / "tree/memory/mine", False)
    assert group.path.name.startswith(f"grader-{os.getpid()}-")


@pytest.mark.parametrize("text", ["", "0::/\n", "4:memory:/nowhere\n0::/nowhere\n"])
def test_where_none_can_be_had_there_is_none(tmp_path, text):
    assert new_group(tmp_path, own(tmp_path, text)) is None
    assert new_group(tmp_path, tmp_path / "no such file") is None


def test_what_the_kernel_makes_no_group_of_is_removed(tmp_path):
    (tmp_path / "tree/memory").mkdir(parents=True)
    assert new_group(tmp_path / "tree", own(tmp_path, "4:memory:/\n")) is None
    assert list((tmp_path / "tree/memory").iterdir()) == []


def test_what_a_killed_command_left_is_removed_by_the_next_and_a_living_ones_is_not(tmp_path, made):
    mine = tmp_path / "tree/memory/mine"
    for name in ("grader-4194305-ab12", f"grader-{os.getpid()}-cd34", "others"):
        Path(mine / name).mkdir(parents=True)
    for left in mine.glob("grader-*/*"):  # the kernel's files go with their folder
        left.unlink()
    new_group(tmp_path / "tree", own(tmp_path, "4:memory:/mine\n"))
    assert not (mine / "grader-4194305-ab12").exists()
    assert (mine / f"grader-{os.getpid()}-cd34").exists() and (mine / "others").exists()


def test_a_group_is_removed_when_the_last_process_in_it_is_dead(tmp_path, monkeypatch):
    group, tries = MemoryGroup(tmp_path / "group", True), []
    group.path.mkdir()
    rmdir = Path.rmdir

    def busy_at_first(path: Path) -> None:
        tries.append(path)
        if len(tries) < 3:
            raise OSError(errno.EBUSY, "busy")
        rmdir(path)

    monkeypatch.setattr(Path, "rmdir", busy_at_first)
    group.remove()
    assert (len(tries), group.path.exists()) == (3, False)
