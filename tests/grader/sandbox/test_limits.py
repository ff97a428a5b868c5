import os
import resource

import pytest

from grader.core.limits import Limits
from grader.core.messages import message
from grader.sandbox.walls.rlimits import apply_limits
from tests.grader.said import says
from tests.grader.toy import text, value

ONE = "def task():\n    return 1"
CHECK = "x.check('task')"


def test_limits_hold_in_this_process_and_never_exceed_what_the_machine_allows():
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    core = 1 if most == resource.RLIM_INFINITY else min(1, most)  # 1 keeps a core from a piped program, 0 does not
    if (child := os.fork()) == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
        apply_limits(Limits(seconds=2, processes=99, file_bytes=1_000))
        kinds = (resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC, resource.RLIMIT_CORE)
        os._exit([resource.getrlimit(kind) for kind in kinds] != [(500, 500), (99, 99), (core, core)])
    assert os.waitpid(child, 0)[1] == 0


def test_an_infinite_loop_is_interrupted_and_the_next_cells_run(run):
    ran = run("step = 0\nwhile True: step += 1", "def task(): return step > 0", seconds=1)
    assert text(ran) == "TimeUp: This cell took too long and was interrupted. The next cells were run."
    assert (value(ran), says(ran)) == (True, [])
    assert 0.4 < ran.cells[0].seconds < 0.9


def test_a_loop_that_swallows_interrupts_ends_at_the_limit_and_keeps_what_was_observed(run):
    swallow = "import time\nwhile True:\n    try:\n        time.sleep(9)\n    except BaseException: pass"
    ran = run(ONE, CHECK, swallow, "print('never')", seconds=1)
    assert (value(ran), says(ran), ran.current_cell) == (1, [message("limit.seconds", seconds=1)], 2)
    assert 2 not in ran.cells and ran.seconds < 1.5


@pytest.mark.slow
def test_a_late_notebook_still_observes_what_is_defined(run):
    ran = run(ONE, *["import time\ntime.sleep(0.9)"] * 3, "print('too late')", seconds=2)
    assert (value(ran), says(ran)) == (1, [message("limit.seconds", seconds=2)])
    assert 4 not in ran.cells


@pytest.mark.slow
def test_a_last_call_interrupts_a_cell_in_time_to_observe(run):
    ran = run(ONE, "import time; time.sleep(0.95)", "time.sleep(9)", seconds=2)
    assert text(ran, 2).startswith("TimeUp")
    assert (value(ran), ran.observed["task"].cell) == (1, 3)


def test_memory_without_end_is_a_memory_error_and_the_next_cells_run(run):
    ran = run(ONE, "hoard = []\nwhile True: hoard.append(bytearray(10**7))", "del hoard\nprint('next')", memory=10**8)
    assert "MemoryError" in text(ran, 1)
    assert (text(ran, 2), value(ran), says(ran)) == ("next\n", 1, [])


@pytest.mark.slow
def test_memory_of_many_processes_together_is_bounded(run):
    fork = "for _ in range(5):\n    if os.fork() == 0:\n        a = b'x' * (6 * 10**7); time.sleep(9); os._exit(0)"
    ran = run(ONE, CHECK, "import os, time", fork + "\ntime.sleep(9)", memory=10**8)
    assert (value(ran), says(ran)) == (1, [message("limit.resident", memory=10**8)])
    assert ran.seconds < 4


def test_a_fork_bomb_is_bounded(run):
    bomb = "import os, time\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        time.sleep(1)"
    ran = run(ONE, CHECK, bomb, processes=30, seconds=3)
    assert value(ran) == 1
    assert says(ran) in (
        [message("limit.processes", count=30)],
        [message("limit.seconds", seconds=3)],
        [message("limit.resident", memory=2**28)],
    )


def test_output_without_end_is_cut_and_the_next_cells_run(run):
    ran = run("while True: print('x' * 99)", "print('next')", ONE, cell_text=5_000)
    assert ran.cells[0].outputs[-1]["ename"] == "OutputLimit"
    assert len(ran.cells[0].outputs[0]["text"]) <= 5_200
    assert (text(ran, 1), value(ran), says(ran)) == ("next\n", 1, [])


def test_displays_without_end_are_cut_and_the_next_cells_run(run):
    ran = run("while True: display(1)", ONE, output_bytes=50_000)
    assert ran.cells[0].outputs[-1]["ename"] == "OutputLimit"
    assert (len(ran.cells[0].outputs) < 600, value(ran)) == (True, 1)


def test_a_file_without_end_is_an_error_and_the_next_cells_run(run):
    ran = run("with open('big', 'wb') as f:\n    while True: f.write(b'x' * 10**6)", ONE, file_bytes=10**7)
    assert text(ran).startswith("OSError: [Errno 27] File too large")
    assert (value(ran), says(ran)) == (1, [])


def test_files_together_are_bounded_too(run):
    many = "for n in range(9):\n    open(str(n), 'wb').write(b'x' * 4_000_000)"
    ran = run(many, ONE, file_bytes=5_000_000)
    assert text(ran).startswith("OSError: [Errno 28] No space left on device")
    assert value(ran) == 1


@pytest.mark.parametrize(
    ("bomb", "limits", "told"),
    [
        ("while True: pass", {"seconds": 1}, message("limit.cell_seconds", seconds=0.5)),
        ("b'x' * 10**9", {"memory": 2 * 10**8}, message("limit.memory", memory=2 * 10**8)),
        ("open('a', 'wb').write(b'x' * 10**6)", {"file_bytes": 10**5}, message("limit.file", size=10**5)),
        (
            "for i in range(9): open(str(i), 'wb').write(b'x' * 10**5)", {"file_bytes": 2 * 10**5},
            message("limit.disk", size=4 * 10**5),
        ),
        (
            "while True: print('x' * 99)", {"cell_text": 5_000},
            message("limit.output", cell=5_000, notebook=2**23),
        ),
        (
            "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
            {"processes": 310, "seconds": 20}, message("limit.processes", count=310),
        ),
    ],
)  # fmt: skip
def test_what_was_not_reached_for_a_limit_names_it_and_the_next_cells_run(run, bomb, limits, told):
    ran = run(f"{bomb}\n{ONE}", "later = 1", **limits)
    assert says(ran.observed["task"].stopped_cell) == [message("cell.stopped", cell=1), told]
    assert (says(ran), 1 in ran.cells) == ([], True)


@pytest.mark.slow
def test_cpu_time_of_all_processes_together_is_bounded(run):
    burn = "for _ in range(3):\n    if os.fork() == 0:\n        while True: pass\nwhile True: pass"
    ran = run(ONE, CHECK, "import os", burn, cpu_seconds=1, seconds=20)
    assert (value(ran), says(ran)) == (1, [message("limit.cpu", seconds=1)])
    assert ran.seconds < 5


@pytest.mark.slow
def test_cpu_time_of_children_that_nobody_waits_for_is_bounded(run):
    uncounted = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel adds their time to nobody's
while True:
    if os.fork() == 0:
        end = time.process_time() + 0.05
        while time.process_time() < end: pass
        os._exit(0)
    time.sleep(0.02)
"""
    ran = run(ONE, CHECK, uncounted, cpu_seconds=2, seconds=30)
    assert (value(ran), says(ran)) == (1, [message("limit.cpu", seconds=2)])
    assert ran.seconds < 15


def test_a_notebook_cannot_set_limits_of_its_own_to_be_killed_by(run):
    lower = "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 1))"
    ran = run(lower, ONE)
    assert "Error" in text(ran)
    assert (value(ran), says(ran)) == (1, [])


# A page of tables is needed for every two MiB that are only looked at, and no page of memory.
PAGE_TABLES = """
import ctypes, mmap, time
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
for _ in range(256):
    start = libc.mmap(None, 2**32, mmap.PROT_READ, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, -1, 0)
    if start == ctypes.c_void_p(-1).value: break
    for place in range(start, start + 2**32, 2**21): ctypes.string_at(place, 1)
"""
# Connections that nobody accepts: their senders are gone, and what they sent is there.
SOCKETS = """
import os, socket, time
kept, block = [], b'x' * 2**16
for number in range(8):
    door = socket.socket(socket.AF_UNIX); door.bind(f'\\0{os.getpid()}-{number}'); door.listen(4096); kept.append(door)
    for _ in range(512):
        end = socket.socket(socket.AF_UNIX); end.setblocking(False)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**22)
        try:
            end.connect(f'\\0{os.getpid()}-{number}')
            while True: end.send(block)
        except OSError: pass
        end.close()
"""
TABLES = "def task(): return int(next(l for l in open('/proc/self/status') if l.startswith('VmPTE')).split()[1]) / 1024"


@pytest.mark.slow
def test_the_page_tables_of_a_notebook_are_bounded(run_counting):
    ran = run_counting(PAGE_TABLES, TABLES, seconds=30)
    assert says(ran) == [] and value(ran) < 100
    several = "import os\nfor _ in range(6):\n    if os.fork() == 0: break\n" + PAGE_TABLES + "time.sleep(9)"
    ran = run_counting(ONE, CHECK, several, memory=10**8, seconds=30)
    assert (value(ran), says(ran)) == (1, [message("limit.resident", memory=10**8)])


@pytest.mark.slow
def test_what_waits_in_the_sockets_of_a_notebook_is_bounded(run_counting):
    ran = run_counting(ONE, CHECK, SOCKETS + "time.sleep(2)", seconds=30)
    assert (value(ran), says(ran)) == (1, [message("limit.resident", memory=2**28)])


def test_no_pages_are_put_into_pipes(run):
    code = """
import ctypes, os
libc, (out, into) = ctypes.CDLL(None, use_errno=True), os.pipe()
calls = [(libc.vmsplice, into, None, 0, 0), (libc.splice, out, None, into, None, 1, 0), (libc.tee, out, into, 1, 0)]
def task(): return [call(*how) for call, *how in calls]
"""
    assert value(run(code)) == [-1, -1, -1]


POOL = """
import multiprocessing, time
def work(number):
    time.sleep(0.5)
    return number
with multiprocessing.Pool(14) as pool:
    made = pool.map(work, range(14))
def task(): return sum(made)
"""


@pytest.mark.slow
def test_an_honest_pool_that_shares_its_libraries_is_not_stopped(run_counting):
    ran = run_counting(POOL, seconds=30)
    assert (value(ran), says(ran)) == (91, [])


@pytest.mark.slow
def test_memory_that_a_pool_takes_itself_is_counted_once(run_counting):
    shared = "held = b'x' * 10**8\n" + POOL.replace("time.sleep(0.5)", "time.sleep(0.5); held.count(b'y')")
    assert says(run_counting(shared, seconds=30)) == []
    each = POOL.replace("time.sleep(0.5)", "held = b'x' * 5 * 10**7; time.sleep(9)")
    assert says(run_counting(each, seconds=30)) == [message("limit.resident", memory=2**28)]
