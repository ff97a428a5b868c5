import doctest
import os

import pytest

from grader.sandbox import slots
from grader.sandbox.slots import Slots, shares


@pytest.mark.parametrize("cores", [1, 2, 3, 8, 13])
@pytest.mark.parametrize("jobs", [1, 2, 3, 8, 20])
def test_the_parts_of_the_machine_are_even_and_overlap_only_if_there_are_too_few_cores(cores, jobs):
    there = set(range(100, 100 + cores))
    parts = shares(there, jobs)
    assert len(parts) == jobs
    if jobs == 1:
        assert parts == [()]
        return
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= 1 and min(sizes) >= 1
    assert {core for part in parts for core in part} == (there if jobs <= cores else there)
    if jobs <= cores:
        assert sum(sizes) == cores


def test_the_examples_are_right():
    assert doctest.testmod(slots) == (0, 3)


def test_each_run_has_a_part_of_its_own_and_one_too_many_has_none():
    with_two = Slots(2, walled=False)
    with with_two.one() as first, with_two.one() as second, with_two.one() as third:
        assert first != second or len(os.sched_getaffinity(0)) == 1
        assert third.cores == ()
    with with_two.one() as again:
        assert again in (first, second)
    with_two.close()
