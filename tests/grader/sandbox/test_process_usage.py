import os
import subprocess
import sys
import threading
import time

import psutil
import pytest

from grader.core.limits import Limits
from grader.judging.run_record import RunJob
from grader.sandbox import Sandbox, process_usage
from grader.sandbox import client as module

# A process with a thread that has a child of its own, which has one again. All hold some memory and wait.
NESTED = """
import subprocess, sys, threading
depth = int(sys.argv[1])
held = b"x" * 30_000_000
if depth:
    start = lambda: subprocess.run([sys.executable, "-c", sys.argv[2], str(depth - 1), sys.argv[2]])
    threading.Thread(target=start).start()
else:
    print("deepest", flush=True)
    sys.stdin.read()
"""


def test_all_that_children_of_threads_and_their_children_take_is_counted():
    command = [sys.executable, "-c", NESTED, "2", NESTED]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout and process.stdout.readline() == b"deepest\n"
        seen = process_usage.taken(process.pid)
        root = psutil.Process(process.pid)
        members = [root, *root.children(recursive=True)]
        assert seen.processes == len(members) == 3
        assert seen.memory == pytest.approx(sum(member.memory_info().rss for member in members), rel=0.05)
        assert seen.memory > 90_000_000
        assert seen.cpu_seconds == pytest.approx(sum(sum(member.cpu_times()[:4]) for member in members), abs=0.05)
        process.stdin.close()


def test_behind_the_walls_it_is_the_same_without_a_look_at_every_process(monkeypatch):
    forks = "import os, time\nfor _ in range(3):\n    if os.fork() == 0: time.sleep(2); os._exit(0)\ntime.sleep(1)"
    cells = [{"cell_type": "code", "source": forks, "skip": False}]
    inner: list[int] = []
    meter = module.Meter
    monkeypatch.setattr(module, "Meter", lambda *a, **k: (inner.append(a[0]), meter(*a, **k))[1])
    with Sandbox() as sandbox:
        thread = threading.Thread(target=sandbox.run_submission, args=[RunJob(cells, limits=Limits(seconds=9))])
        thread.start()
        deadline = time.monotonic() + 5
        while not inner or process_usage.taken(inner[-1]).processes < 4:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        expected = [inner[-1], *(child.pid for child in psutil.Process(inner[-1]).children(recursive=True))]
        monkeypatch.setattr(process_usage.psutil, "Process", None)
        seen = process_usage.taken(inner[-1])
        monkeypatch.undo()
        assert seen.processes == len(expected) == 4
        assert seen.memory == pytest.approx(sum(psutil.Process(pid).memory_info().rss for pid in expected), rel=0.05)
        thread.join()


def test_the_time_of_children_that_have_ended_is_counted():
    before = process_usage.taken(os.getpid()).cpu_seconds
    subprocess.run([sys.executable, "-c", "sum(range(10**7))"], check=True)
    assert process_usage.taken(os.getpid()).cpu_seconds - before > 0.05


def test_a_process_that_is_gone_takes_nothing():
    with subprocess.Popen(["true"]) as process:
        pass
    assert process_usage.taken(process.pid) == process_usage.Taken()
