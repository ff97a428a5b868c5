"""What is read of a process."""

import mmap
import os
import subprocess
import sys

from tests.bench.mine import private_bytes


def test_a_process_holds_memory_that_is_its_own():
    before = private_bytes(os.getpid())
    with mmap.mmap(-1, 30_000_000) as held:  # a bytearray may get memory that was freed before and is still held
        held.write(b"x" * 30_000_000)
        assert private_bytes(os.getpid()) - before > 20_000_000


def test_a_process_that_has_ended_holds_nothing():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()

    assert private_bytes(child.pid) == 0
