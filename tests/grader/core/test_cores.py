"""How many cores and how much memory there are: what affinity and control groups leave of the machine."""

import os

import psutil
import pytest

from grader.core import cores as module
from grader.core.cores import cores, memory
from grader.core.limits import GIB, memory_warning


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Eight cores, 16 GiB, and control groups whose files a test writes."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"total": 16 * GIB}))
    monkeypatch.setattr(module, "CGROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(module, "MINE", tmp_path / "mine")

    def write(mine: str, **files: str) -> None:
        (tmp_path / "mine").write_text(mine)
        for name, text in files.items():
            path = tmp_path / "cgroup" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    cores.cache_clear()
    yield write
    cores.cache_clear()


def test_without_groups_the_affinity_counts(machine):
    assert (cores(), memory()) == (8, 16 * GIB)


def test_on_a_system_without_affinity_the_machines_cores_count(machine, monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert cores() == 3


@pytest.mark.parametrize(
    ("quota", "expected"),
    [("200000 100000\n", 2), ("150000 100000\n", 2), ("5000 100000\n", 1), ("max 100000\n", 8), ("", 8), ("x y", 8),
     ("3200000 100000", 8), ("0 0", 8)],
)  # fmt: skip
def test_a_quota_of_the_second_version_counts(machine, quota, expected):
    machine("0::/\n", **{"cpu.max": quota})
    assert cores() == expected


@pytest.mark.parametrize(("quota", "expected"), [("400000", 4), ("-1", 8)])
@pytest.mark.parametrize("place", ["cpu/kubepods/pod/", "cpu/"])
def test_a_quota_of_the_first_version_counts_also_where_a_container_hides_its_path(machine, quota, expected, place):
    files = {f"{place}cpu.cfs_quota_us": quota, f"{place}cpu.cfs_period_us": "100000\n"}
    machine("5:memory:/\n4:cpu,cpuacct:/kubepods/pod\n", **files)
    assert cores() == expected


def test_what_bounds_a_group_above_counts_too(machine):
    machine("0::/user/session\n", **{"user/session/cpu.max": "max 1000", "user/cpu.max": "3000 1000"})
    assert cores() == 3


def test_memory_is_what_the_groups_leave(machine):
    machine("0::/a/b\n", **{"a/b/memory.max": "max\n", "a/memory.max": str(2 * GIB)})
    assert memory() == 2 * GIB
    machine("7:memory:/a\n", **{"memory/a/memory.limit_in_bytes": "9223372036854771712\n"})
    assert memory() == 16 * GIB


def test_more_memory_than_there_is_is_told(machine):
    assert memory_warning(5, 3 * GIB) == ""
    assert memory_warning(8, 3 * GIB) == (
        "8 notebooks at a time may take 3 GiB of memory each, and there are 16 GiB: if that is too little, give "
        "--jobs 5 or a lower --memory."
    )
    assert "--jobs 1 or" in memory_warning(1, 64 * GIB)


def test_this_machine_has_some():
    assert 1 <= cores() <= (os.cpu_count() or 1)
    assert 0 < memory() <= psutil.virtual_memory().total
