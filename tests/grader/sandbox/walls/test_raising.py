import errno
import os
import secrets
import signal
import socket
from pathlib import Path

import pytest

from grader.core.errors import SandboxError
from grader.sandbox import Limits, Sandbox
from grader.sandbox.walls import linux, seccomp
from grader.sandbox.walls.raising import INNER, LIMITS_ONLY, OUTER, Room, Wall, raise_walls
from tests.grader.toy import runner, value

HERE = Path(__file__).resolve()
TRY = "def task():\n    try:\n        {}\n    except Exception as error:\n        return type(error).__name__"


def attempt(run, code: str, **more: object) -> object:
    """What became of an expression in a submission: its value, or the error's name."""
    lines = code.replace("\n", "\n        ")
    return value(run("import ctypes, os, pathlib, socket, subprocess, sys, tempfile\n" + TRY.format(lines), **more))


def in_a_child(act) -> int:
    """The exit status of a process that does this: walls stand for good."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = act() or 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_every_wall_has_a_name_and_a_promise_of_its_own():
    walls = [*OUTER, *INNER]
    assert len({wall.name for wall in walls}) == len({wall.promise for wall in walls}) == 10
    assert [wall.name for wall in LIMITS_ONLY] == ["limits"]


def test_a_wall_that_does_not_stand_is_named_and_no_other_is_raised_after_it():
    def fails(room: Room) -> None:
        raise OSError(1, "unshare: Operation not permitted")

    raised = []
    walls = [Wall("first", "", raised.append), Wall("moat", "", fails), Wall("last", "", raised.append)]
    room = Room(Path(), (), Limits())
    with pytest.raises(SandboxError, match=r"the wall 'moat' is missing on this machine \(unshare: Oper"):
        raise_walls(walls, room)
    assert raised == [room]


OUTSIDE = [
    HERE,
    HERE.parents[4] / "pyproject.toml",
    HERE.parent,
    "/etc/shadow",
    "/root",
    "/home",
    "/tmp",
    "/var",
    "/dev",
]


# What the root of a submission does not show is not there; where it must show a folder on the way, Landlock refuses.
CLOSED = ("PermissionError", "FileNotFoundError")


@pytest.mark.parametrize("path", OUTSIDE)
def test_nothing_outside_is_read(run, path):
    read = "os.listdir" if Path(path).is_dir() else "open"
    assert Path(path).exists()
    assert attempt(run, f"{read}({str(path)!r}); return 'read'") in CLOSED


def test_other_submissions_and_the_servers_folder_are_not_read(run, sandbox):
    assert attempt(run, f"return os.listdir({str(sandbox._root)!r})") == "PermissionError"
    assert attempt(run, f"return open({str(sandbox._root / 'server.log')!r}).read()") == "FileNotFoundError"
    assert attempt(run, "return os.listdir('..')") == "PermissionError"


def test_a_link_leads_no_further_than_its_end_may_be_read(run):
    linked = f"os.symlink({str(HERE)!r}, 'link'); return open('link').read()"
    assert attempt(run, linked) in CLOSED
    assert attempt(run, f"os.link({str(HERE)!r}, 'link'); return open('link').read()") in (*CLOSED, "OSError")


def test_proc_shows_its_own_processes_alone(run):
    pids = attempt(run, "return [int(name) for name in os.listdir('/proc') if name.isdigit()]")
    assert pids and max(pids) < 100
    foreign = f"return open('/proc/{os.getpid()}/environ').read()"  # a number that no process has in there
    assert attempt(run, foreign) == "FileNotFoundError"
    assert attempt(run, "return os.listdir('/proc/1/root/tmp')") == "PermissionError"


def test_no_process_outside_can_be_signalled(run):
    assert attempt(run, f"os.kill({os.getpid()}, {signal.SIGTERM})") == "ProcessLookupError"
    assert attempt(run, "return os.getppid()") == 0


@pytest.mark.parametrize(
    "path",
    [
        "/tmp/{}",
        "/{}",
        "/usr/{}",
        "/dev/{}",
        "/var/tmp/{}",
        "/proc/sys/kernel/hostname",
        f"{HERE.parent}/{{}}",
        "../{}",
    ],
)
def test_nothing_outside_is_written(run, path):
    place = path.format(f"left-by-{secrets.token_hex(8)}")  # nothing on this machine has that name
    assert attempt(run, f"open({place!r}, 'w')") in ("PermissionError", "OSError", "FileNotFoundError")
    assert place.startswith(("..", "/proc")) or not Path(place).exists()


def test_packages_are_read_and_never_written(run):
    import numpy

    path = numpy.__file__
    assert attempt(run, f"return len(open({path!r}).read()) > 0") is True
    assert attempt(run, f"open({path!r}, 'a')") in ("PermissionError", "OSError")
    assert attempt(run, f"os.remove({path!r})") in ("PermissionError", "OSError")
    assert attempt(run, f"os.chmod({path!r}, 0o777)") == attempt(run, f"os.utime({path!r})") == "OSError"


def test_the_work_folder_is_home_and_everything_temporary_lies_in_it(run):
    code = """here = os.getcwd()
with tempfile.NamedTemporaryFile() as file:
    pathlib.Path('made').write_text('x')
    names = [os.environ['HOME'], os.environ['PWD'], str(pathlib.Path.home()), os.path.expanduser('~')]
    inner = [os.environ['TMPDIR'], tempfile.gettempdir(), os.path.dirname(file.name)]
    return [set(names) == {here}, set(inner) == {here + '/tmp'}, os.listdir(here)]"""
    same, inside, names = attempt(run, code)
    assert (same, inside, sorted(names)) == (True, True, ["made", "tmp"])


def test_no_foreign_variable_is_in_the_environment(run, monkeypatch):
    monkeypatch.setenv("AWS_SECRET", "x")
    names = attempt(run, "return sorted(os.environ)")
    known = {"PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "KERAS_BACKEND", "CUDA_VISIBLE_DEVICES", "KERAS_HOME"}
    known |= {"MPLBACKEND", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PYTHONUTF8", "PYTHONPATH", "PWD", "TMPDIR"}
    known |= {"TF_CPP_MIN_LOG_LEVEL", "TF_NUM_INTEROP_THREADS", "TF_NUM_INTRAOP_THREADS", "LC_CTYPE", "GRADER_CHECKS"}
    assert "HOME" in names and not [name for name in names if name not in known and not name.startswith("KMP")]
    assert attempt(run, "return 'AWS' in open('/proc/self/environ').read()") is False


def test_there_is_no_network(run):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert attempt(run, f"socket.create_connection(('127.0.0.1', {port}), 2)") in ("OSError", "PermissionError")
    assert attempt(run, "socket.create_connection(('192.0.2.1', 80), 2)") in ("OSError", "PermissionError")
    assert attempt(run, "return [name for _, name in socket.if_nameindex()]") == ["lo"]


def test_abstract_sockets_of_others_are_not_reached(run):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("\0grader-test")
        listening.listen()
        code = "s = socket.socket(socket.AF_UNIX); s.connect('\\0grader-test')"
        assert attempt(run, code) in ("ConnectionRefusedError", "PermissionError")


def test_no_rights_are_left_or_gained(run):
    status = attempt(run, "return open('/proc/self/status').read()")
    lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert {int(lines[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {0}
    assert (lines["NoNewPrivs"], lines["Uid"].split("\t")[0]) == ("1", "1000")
    assert attempt(run, "return ctypes.CDLL(None).mount(b'proc', b'/proc', b'proc', 0, None)") == -1


def test_shared_memory_is_ones_own(run):
    mine = Path("/dev/shm/grader-test-mine")
    mine.touch()
    try:
        assert attempt(run, "open('/dev/shm/theirs', 'w').close(); return os.listdir('/dev/shm')") == ["theirs"]
        assert not Path("/dev/shm/theirs").exists()
    finally:
        mine.unlink()


def test_no_descriptor_but_the_channel_is_inherited(run):
    code = """names = {}
for fd in map(int, os.listdir('/proc/self/fd')):
    try:
        names[fd] = os.readlink(f'/proc/self/fd/{fd}')
    except OSError:
        pass
return sorted(name.split(':')[0] for fd, name in names.items() if fd != 200)"""
    assert set(attempt(run, code)) <= {"/dev/null", "anon_inode", "/dev/urandom"}


def test_only_what_is_readable_is_read(tmp_path):
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "data").write_text("given")
    (tmp_path / "closed").write_text("kept")
    with Sandbox(readable=[tmp_path / "open"]) as opened:
        assert attempt(runner(opened), f"return open('{tmp_path}/open/data').read()") == "given"
        assert attempt(runner(opened), f"return open('{tmp_path}/closed').read()") in CLOSED
        assert attempt(runner(opened), f"open('{tmp_path}/open/data', 'w')") in ("PermissionError", "OSError")


def test_landlock_allows_what_its_rules_say_and_passes_over_what_is_not_there(tmp_path):
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").mkdir()

    def act() -> bool:
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)  # an ordinary user may not raise it otherwise
        linux.landlock([(tmp_path / "a", linux.READ_FILES), (tmp_path / "b", 0), (tmp_path / "none", 0)])
        (tmp_path / "b" / "made").write_text((tmp_path / "a").read_text())
        with pytest.raises(PermissionError):
            (tmp_path / "a").write_text("x")
        with pytest.raises(PermissionError):
            (tmp_path / "c").write_text("x")
        return False

    assert in_a_child(act) == 0
    assert (tmp_path / "b" / "made").read_text() == "a"


def test_a_kernel_without_landlock_is_no_wall(monkeypatch):
    monkeypatch.setattr(linux, "landlock_abi", lambda: 0)
    with pytest.raises(SandboxError, match="the wall 'Landlock' is missing .* the kernel has none"):
        raise_walls([wall for wall in INNER if wall.name == "Landlock"], Room(Path(), (), Limits()))


def test_another_machines_calls_have_other_numbers(monkeypatch):
    monkeypatch.setattr(seccomp.platform, "machine", lambda: "pdp11")
    with pytest.raises(SandboxError, match="the wall 'system calls' is missing .* no numbers are known for pdp11"):
        raise_walls([wall for wall in INNER if wall.name == "system calls"], Room(Path(), (), Limits()))


def test_calls_that_no_lab_needs_are_refused_and_those_that_labs_make_are_not(run):
    refused = ["os.memfd_create('x')", "socket.socket(40)", "mmap.mmap(-1, 4096)"]
    assert [attempt(run, f"import mmap; {call}") for call in refused] == ["OSError"] * 3
    libc = "libc = ctypes.CDLL(None, use_errno=True)\n"
    assert attempt(run, f"{libc}return [libc.unshare(0x10000000), ctypes.get_errno()]") == [-1, errno.ENOSYS]
    common = (
        "import multiprocessing, threading\nwith multiprocessing.Pool(2) as pool:\n    return pool.map(abs, [-1, 2])"
    )
    assert attempt(run, common) == [1, 2]
    assert (
        attempt(run, "return len(mmap.mmap(-1, 64, mmap.MAP_PRIVATE))".replace("return", "import mmap; return")) == 64
    )


def test_sockets_of_the_machine_are_not_found_by_their_path(run, tmp_path):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "door"))
        listening.listen()
        connect = f"socket.socket(socket.AF_UNIX).connect({str(tmp_path / 'door')!r})"
        assert attempt(run, connect) == "FileNotFoundError"
        own = (
            "a = socket.socket(socket.AF_UNIX); a.bind('own'); a.listen(); socket.socket(socket.AF_UNIX).connect('own')"
        )
        assert attempt(run, own) is None


def test_there_is_room_for_processes_however_many_there_were(run):
    code = """import threading, time
for _ in range(310):
    os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)
threads = [threading.Thread(target=time.sleep, args=(5,), daemon=True) for _ in range(20)]
return len([thread.start() for thread in threads])"""
    assert attempt(run, code, processes=64) == 20


def test_a_system_call_that_fails_is_an_os_error_with_its_reason():
    with pytest.raises(OSError, match="unshare: Invalid argument") as caught:
        linux.unshare(0x1)
    assert caught.value.errno == 22
    with pytest.raises(OSError, match="mount /nowhere: "):
        linux.mount("none", "/nowhere", "tmpfs", 0)
    with pytest.raises(OSError, match="prctl 9999: Invalid"):
        linux.prctl(9999, 0)


CALL = """libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
return [libc.syscall(*how), ctypes.get_errno()]"""
NUMBERS = {
    "inotify_init": (253, None), "inotify_init1": (294, 26), "io_setup": (206, 0), "syslog": (103, 116),
    "sched_setaffinity": (203, 122), "sched_setattr": (314, 274), "process_madvise": (440, 440),
    "fsopen": (430, 430), "open_tree": (428, 428), "move_mount": (429, 429), "chroot": (161, 51),
    "open_by_handle_at": (304, 265), "cachestat": (451, 451), "setrlimit": (160, 164),
}  # fmt: skip
THIS = 0 if seccomp.platform.machine() == "x86_64" else 1


@pytest.mark.parametrize("call", [name for name, numbers in NUMBERS.items() if numbers[THIS] is not None])
def test_what_tells_of_others_or_takes_from_them_is_refused(run, call):
    ran = attempt(run, CALL.replace("*how", f"{NUMBERS[call][THIS]}, 0, 0, 0, 0, 0"))
    assert ran == [-1, errno.ENOSYS]


def test_nobody_is_told_who_else_opens_a_file(run):
    import numpy

    lease = f"import fcntl; fcntl.fcntl(open({numpy.__file__!r}), {{}}, 0)"
    assert attempt(run, lease.format("fcntl.F_SETLEASE")) == "PermissionError"
    assert attempt(run, "import fcntl; fcntl.fcntl(os.open('/usr', 0), fcntl.F_NOTIFY, 1)") == "PermissionError"
    assert attempt(run, "import fcntl; return fcntl.fcntl(open('x', 'w'), fcntl.F_GETFL) > 0") is True


def test_the_buffer_of_a_socket_keeps_its_size(run):
    sizes = "a, b = socket.socketpair(); before = a.getsockopt(1, 7); a.setsockopt(1, 7, 2**22)"
    assert attempt(run, f"{sizes}; return a.getsockopt(1, 7) == before") is True
    assert attempt(run, "a, b = socket.socketpair(); a.setsockopt(1, 8, 9999); return a.getsockopt(1, 8)") > 9000


def test_limits_are_read_and_not_set(run):
    assert attempt(run, "import resource; return resource.getrlimit(resource.RLIMIT_NOFILE)") == (256, 256)
    assert attempt(run, "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))") in ("ValueError", "OSError")
    assert attempt(run, "return subprocess.run(['sh', '-c', 'ulimit -n 99']).returncode") != 0


def test_a_run_has_cores_of_its_own_if_there_are_as_many_as_jobs(run):
    cores = "return sorted(os.sched_getaffinity(0))"
    there = os.sched_getaffinity(0)
    assert max(len(there) // 2, 1) <= len(attempt(run, cores)) <= max(len(there) // 2 + len(there) % 2, 1)
    with Sandbox() as opened:
        assert attempt(runner(opened), cores) == sorted(there)


TELLING = ["cmdline", "kallsyms", "slabinfo", "timer_list", "keys", "interrupts", "partitions", "locks", "modules"]


@pytest.mark.parametrize("name", TELLING)
def test_proc_does_not_tell_of_the_machine(run, name):
    assert attempt(run, f"return open('/proc/{name}').read()") in ("", "FileNotFoundError", "PermissionError")


def test_what_libraries_ask_proc_for_is_there(run):
    for name in ("cpuinfo", "meminfo", "stat", "self/status", "self/maps", "loadavg", "uptime", "version"):
        assert attempt(run, f"return len(open('/proc/{name}').read()) > 0") is True


def test_the_machine_has_no_name_and_no_place_among_the_services(run):
    assert attempt(run, "return [socket.gethostname(), os.uname().nodename]") == ["sandbox", "sandbox"]
    assert attempt(run, "return os.listdir('/sys/fs/cgroup')") in CLOSED
    places = attempt(run, "return open('/proc/self/cgroup').read()")
    assert not any(word in places for word in ("user.slice", "system.slice", ".scope", "docker", "kubepods"))


def test_certificates_are_read_and_private_keys_are_not(run):
    assert attempt(run, "return os.listdir('/etc/ssl/private')") in CLOSED
    assert attempt(run, "return sorted(os.listdir('/etc/ssl'))") in CLOSED
    there = Path("/etc/ssl/certs").exists()
    assert attempt(run, "return len(os.listdir('/etc/ssl/certs')) > 0") in ((True,) if there else CLOSED)
