"""What each of the runs at one time has for itself: some of the cores, and a control group for its memory.

So a notebook that starts a hundred busy processes has as little of the machine as one that starts none.
"""

import os
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from grader.sandbox.walls.memory_groups import MemoryGroup, new_group


@dataclass(frozen=True)
class Slot:
    """A part of the machine, for one run at a time. No cores are named if it has all."""

    cores: tuple[int, ...]
    group: MemoryGroup | None = None


class Slots:
    """The slots of a sandbox with so many jobs at a time."""

    def __init__(self, jobs: int, *, walled: bool) -> None:
        self._free: queue.SimpleQueue[Slot] = queue.SimpleQueue()
        self._all = [Slot(cores, new_group() if walled else None) for cores in shares(os.sched_getaffinity(0), jobs)]
        for slot in self._all:
            self._free.put(slot)

    @contextmanager
    def one(self) -> Iterator[Slot]:
        """A slot that is free. Whoever runs more at a time than was said has no part for itself."""
        try:
            slot = self._free.get_nowait()
        except queue.Empty:
            yield Slot(())
            return
        try:
            yield slot
        finally:
            self._free.put(slot)

    def close(self) -> None:
        """Give everything back."""
        for slot in self._all:
            if slot.group is not None:
                slot.group.remove()


def shares(cores: set[int], jobs: int) -> list[tuple[int, ...]]:
    """The cores of each of so many jobs: parts that do not overlap, or as even as can be if there are too few.

    >>> shares({0, 1, 2, 3, 4}, 2)
    [(0, 1, 2), (3, 4)]
    >>> shares({0, 1}, 3)
    [(0,), (1,), (0,)]
    >>> shares({0, 1}, 1)
    [()]
    """
    there = sorted(cores)
    if jobs < 2:
        return [()] * jobs
    if jobs >= len(there):
        return [(there[number % len(there)],) for number in range(jobs)]
    least, more = divmod(len(there), jobs)
    sizes = [least + (number < more) for number in range(jobs)]
    starts = [sum(sizes[:number]) for number in range(jobs)]
    return [tuple(there[start : start + size]) for start, size in zip(starts, sizes, strict=True)]
