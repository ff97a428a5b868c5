import os
import pickle
import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest

from grader.core.errors import SandboxError, ServerStoppedError
from grader.core.messages import message
from grader.judging.observe import PlannedProbe
from grader.judging.run_record import RunJob
from grader.sandbox import Limits, Sandbox, TaskPlan
from grader.sandbox.client import _exit_code, _inner_process
from grader.sandbox.protocol import Exited, Refused, Started, line_of
from tests.grader.said import says
from tests.grader.toy import runner, text, value

ONE = "def task():\n    return 1"
CHECK = "x.check('task')"


def eventually(condition, seconds=3.0) -> bool:
    """Whether a condition becomes true soon: the server buries its dead five times a second."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def below(process: psutil.Process) -> list:
    return process.children(recursive=True)


def server_of(sandbox: Sandbox) -> psutil.Process:
    return psutil.Process(sandbox._server.pid)


def test_a_notebook_that_leaves_half_way_keeps_what_stood(run):
    ran = run(ONE, CHECK, "import os\nos._exit(7)", "print('never')")
    assert (value(ran), ran.current_cell) == (1, 2)
    assert says(ran) == [message("end.status", status=7)]


def test_a_crash_is_named(run):
    ran = run(ONE, CHECK, "import os\nos.abort()")
    assert value(ran) == 1
    (crash,) = says(ran)
    assert crash.code == "end.crash" and crash.arguments["signal"].startswith("SIG")


FREED = """
import resource
import numpy as np
def task():
    np.ones(2_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        np.ones(2_000_000)  # 16 MB
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
"""


def test_memory_that_a_notebook_frees_waits_for_its_next_step(run):
    assert value(run(FREED)) < 100


def test_a_notebook_that_kills_itself_keeps_what_stood(run):
    ran = run(ONE, CHECK, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\nos.kill(1, signal.SIGTERM)", "1")
    assert value(ran) == 1


def test_a_notebook_that_closes_the_channel_ends_its_own_run_alone(run):
    assert run(ONE, CHECK, "import os\nos.closerange(3, 1024)\nwhile True: pass").seconds < 5
    assert value(run(ONE)) == 1


def test_nothing_outlives_a_run(run, sandbox):
    daemon = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    os.fork()\n    while True: time.sleep(1)"
    ran = run(daemon, ONE)
    assert value(ran) == 1
    assert eventually(lambda: not below(server_of(sandbox)))
    assert not [path for path in sandbox._root.iterdir() if path.name.startswith("work-")]


def test_nothing_outlives_a_sandbox():
    with Sandbox() as opened:
        root, server = opened._root, server_of(opened)
        runner(opened)("open('left', 'w').write('x')")
    assert not root.exists()
    assert not server.is_running()


def test_nothing_is_left_of_a_sandbox_that_does_not_start(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(SandboxError, match="the fork server did not start"):
        Sandbox().__enter__()
    assert list(tmp_path.iterdir()) == []


def test_a_server_begins_before_its_modules_are_known():
    there = "import sys\nthere = 'colorsys' in sys.modules\ndef task(): return there"
    with Sandbox(None) as opened:
        assert server_of(opened).is_running()
        opened.preload(["colorsys"])
        assert opened.__enter__() is opened
        assert value(runner(opened)(there)) is True
        first = server_of(opened)
        opened.preload([])
        assert server_of(opened) == first
        opened.preload(["colorsys", "wave"])
        assert server_of(opened) != first and not first.is_running()
        server_of(opened).kill()
        assert value(runner(opened)(there)) is True


def test_a_server_that_gets_nothing_to_do_ends_at_once():
    started = time.monotonic()
    with Sandbox(None) as opened:
        root, server = opened._root, server_of(opened)
    opened.__exit__()
    assert time.monotonic() - started < 1
    assert not root.exists() and not server.is_running()


def test_descriptors_are_given_back(run):
    run(ONE)
    before = psutil.Process().num_fds()
    for _ in range(3):
        run(ONE)
    assert psutil.Process().num_fds() == before


def test_two_runs_at_a_time_know_nothing_of_each_other(run):
    def other(number: int) -> object:
        wait = f"import os, time\nopen('mine', 'w').write('{number}')\ntime.sleep(0.3)"
        return value(run(wait, "def task(): return [open('mine').read(), os.listdir('.'), os.getpid()]"))

    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(other, range(4)))
    assert [[own, sorted(names)] for own, names, _ in seen] == [[str(n), ["mine", "tmp"]] for n in range(4)]
    assert {pid for _, _, pid in seen} == {seen[0][2]} and seen[0][2] < 10


def test_a_job_and_what_comes_of_it_are_plain_data_that_pickle(sandbox):
    """So a run may be on another machine: nothing of a class, a reference or a gradebook travels with it."""
    probe = PlannedProbe("seen", "def seen(task, x):\n    return task() + x\n", {"x": np.arange(3.0)})
    cells = [{"cell_type": "code", "source": source} for source in (ONE, CHECK)]
    job = RunJob(cells, {"task": TaskPlan([probe], 1.0)}, {"a.txt": b"1"}, Limits(), {"task": [range(9)]})
    travelled = pickle.loads(pickle.dumps(job))
    run = pickle.loads(pickle.dumps(sandbox.run_submission(travelled)))
    assert (says(run), run.observed["task"].observations["seen"].value.tolist()) == ([], [1.0, 2.0, 3.0])
    modules = {type(part).__module__ for part in parts_of(travelled)} - {"builtins"}
    assert modules <= {"grader.judging.run_record", "grader.judging.observe", "grader.core.limits", "numpy"}


def parts_of(thing):
    """A thing and all that can be reached from it."""
    yield thing
    inner = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list | tuple) else ()
    for part in [*inner, *getattr(thing, "__dict__", {}).values()]:
        yield from parts_of(part)


def test_a_server_that_was_killed_is_started_again_for_the_next_run():
    with Sandbox() as opened:
        first = server_of(opened)
        first.kill()
        first.wait(5)
        assert value(runner(opened)(ONE)) == 1
        assert server_of(opened).pid != first.pid


def killed_after(seconds: float, process: Callable[[], psutil.Process]) -> threading.Timer:
    timer = threading.Timer(seconds, lambda: process().kill())
    timer.start()
    return timer


SLOW = (ONE, CHECK, "import time\ntime.sleep(1.5)")


def test_what_ran_while_the_server_died_runs_once_more():
    with Sandbox() as opened:
        killed_after(0.5, lambda: server_of(opened))
        ran = runner(opened)(*SLOW)
        assert (value(ran), says(ran), len(ran.cells)) == (1, [], 3)


def test_a_server_that_dies_twice_during_a_run_is_an_error_and_the_next_run_starts_another():
    with Sandbox() as opened:
        first = server_of(opened).pid
        killed_after(0.5, lambda: server_of(opened))

        def kill_second() -> None:
            eventually(lambda: opened._server.pid not in (0, first))
            killed_after(1.0, lambda: server_of(opened))

        threading.Thread(target=kill_second).start()
        with pytest.raises(ServerStoppedError, match="the fork server stopped: grade again"):
            runner(opened)(*SLOW[:2], "import time\ntime.sleep(5)")
        assert value(runner(opened)(ONE)) == 1


@pytest.mark.parametrize("depth", [0, 1], ids=["its parent", "itself"])
def test_a_notebook_that_was_killed_from_outside_runs_once_more(depth):
    with Sandbox() as opened:
        timer = killed_after(0.5, lambda: below(server_of(opened))[depth])
        ran = runner(opened)(*SLOW)
        assert (value(ran), says(ran), len(ran.cells)) == (1, [], 3)
        assert timer.finished.is_set()


def test_a_run_that_both_the_servers_death_and_a_kill_have_ended_runs_a_third_time():
    killed = []
    with Sandbox() as opened:
        first = server_of(opened)

        def runs_below_another() -> bool:
            pid = opened._server.pid
            return pid not in (0, first.pid) and len(below(psutil.Process(pid))) == 2

        def kill_both() -> None:
            for condition, process in (
                (lambda: len(below(first)) == 2, lambda: first),
                (runs_below_another, lambda: below(server_of(opened))[1]),
            ):
                assert eventually(condition)
                time.sleep(0.2)  # it is at its cells
                killed.append(process().pid)
                os.kill(killed[-1], signal.SIGKILL)

        killer = threading.Thread(target=kill_both)
        killer.start()
        ran = runner(opened)(*SLOW)
        killer.join(5)
    assert (value(ran), says(ran), len(ran.cells), len(killed)) == (1, [], 3, 2)


def test_a_notebook_that_is_killed_each_time_has_crashed():
    with Sandbox() as opened:
        killers = [killed_after(seconds, lambda: below(server_of(opened))[1]) for seconds in (0.5, 1.5)]
        ran = runner(opened)(*SLOW)
        assert (value(ran), says(ran)) == (1, [message("end.crash", signal="SIGKILL")])
        assert all(killer.finished.is_set() for killer in killers)


def test_a_sandbox_that_closes_ends_what_runs_in_it():
    with ThreadPoolExecutor(1) as pool, Sandbox() as opened:
        running = pool.submit(runner(opened), "import time\ntime.sleep(9)")
        assert eventually(lambda: len(below(server_of(opened))) == 2)
        started = time.monotonic()
    assert time.monotonic() - started < 3
    assert isinstance(running.exception(), ServerStoppedError)


def test_without_walls_a_notebook_runs_all_the_same():
    with Sandbox(walled=False) as opened:
        ran = runner(opened)(
            "import os\nos.getppid()", "def task(): return [os.getcwd(), os.environ['HOME'], os.getpid()]"
        )
        place, home, pid = value(ran)
        assert (place, says(ran)) == (home, [])
        assert Path(place).parent == opened._root and not Path(place).exists()
        assert eventually(lambda: not psutil.pid_exists(pid))


def test_without_walls_children_end_with_their_run_and_limits_hold():
    with Sandbox(walled=False) as opened:
        fork = "import os, time\nchild = os.fork()\nif child == 0: time.sleep(60)"
        ran = runner(opened)(fork, "def task(): return child", "hoard = bytearray(10**9)")
        assert text(ran, 2).startswith("MemoryError")
        assert eventually(lambda: not psutil.pid_exists(value(ran)))


@pytest.mark.parametrize(
    "modules", [["no.such.module"], ["antigravity.x", "", "1"], ["grader.sandbox.nothing", "numpy"]]
)
def test_a_module_that_cannot_be_imported_does_no_harm(modules):
    with Sandbox(modules) as opened:
        assert value(runner(opened)(ONE)) == 1


def test_what_was_imported_before_is_there_at_once(run):
    ran = run("import sys\nthere = 'numpy' in sys.modules\ndef task(): return there")
    assert value(ran) is True


@pytest.mark.parametrize(
    "lines",
    [
        [Refused("no wall")],
        [Refused("no wall"), Started(5)],
        [Started(5), Refused("no wall")],
        [Refused("no wall"), Exited(0)],
    ],
)
def test_an_error_of_the_server_is_heard_in_whatever_order_it_comes(lines):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"".join(map(line_of, lines)))
        with pytest.raises(SandboxError, match="^no wall$"):
            (_exit_code if Exited(0) in lines else _inner_process)(ours)


@pytest.mark.parametrize("hear", [_exit_code, _inner_process])
def test_a_server_that_went_without_a_word_is_heard_too(hear):
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, pytest.raises(SandboxError, match="grade again"):
        hear(ours)
