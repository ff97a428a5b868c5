"""A PostgreSQL server of the tests' own: Debian's binaries, a temporary folder, a UNIX socket and no network.

It has a small file system, too, `small`, that a test may fill. It ends when its standard input closes, and so also
when the tests are killed.
"""

import os
import pwd
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

USER = "grader"
SMALL = 48 * 2**20
# PostgreSQL refuses to run as root. In a user and mount namespace of its own an ordinary user may mount a file system.
SERVE = """
import ctypes, os, shutil, signal, subprocess, sys, time
from pathlib import Path
folder, binaries, owner, size, uid, gid = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)
def must(result):
    assert result == 0, os.strerror(ctypes.get_errno())
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))
    must(libc.prctl(4, 1, 0, 0, 0))  # PR_SET_DUMPABLE: or else /proc/self is root's
must(libc.unshare(0x10000000 | 0x20000))
Path("/proc/self/setgroups").write_text("deny")
Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
must(libc.mount(b"tmpfs", f"{folder}/small".encode(), b"tmpfs", 0, f"size={size},mode=700".encode()))
os.mkdir(f"{folder}/small/space")
initdb = [f"{binaries}/initdb", "-D", f"{folder}/data", "-U", owner, "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
serve = [f"{binaries}/postgres", "-D", f"{folder}/data", "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
with open(f"{folder}/log", "w") as log:
    quiet = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
    subprocess.run(initdb, **quiet)
    server = subprocess.Popen(serve, **quiet)
sys.stdin.read()
while server.poll() is None:  # while it starts it does not listen
    server.send_signal(signal.SIGQUIT)
    time.sleep(0.1)
must(libc.umount2(f"{folder}/small".encode(), 0))
shutil.rmtree(folder)
"""


class Server:
    """A running server: makes databases, and fills the small file system."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()

    def url(self, *, small: bool = False) -> str:
        """The URL of a new, empty database; on the small file system where one is asked for."""
        name = f"grades_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0" + (" TABLESPACE small" if small else ""))
        return f"postgresql+psycopg://{USER}@/{name}?host={self._folder}"

    def fill(self) -> None:
        """Leave no room on the small file system."""
        self._shell(f"head -c {SMALL} /dev/zero > {self._folder}/small/ballast || true")

    def make_room(self) -> None:
        """Take away what filled it."""
        self._shell(f"rm -f {self._folder}/small/ballast")

    def execute(self, statement: str) -> None:
        """Run one statement as the server's owner."""
        with psycopg.connect(host=str(self._folder), user=USER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)

    def _shell(self, command: str) -> None:
        # It takes what the server sends first: to end before is a broken pipe, at times.
        self.execute(f"COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; {command}'")


@contextmanager
def running() -> Iterator[Server]:
    """Start a server, and end it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found:
        pytest.fail("PostgreSQL's server is missing: apt-get install postgresql", pytrace=False)
    binaries = found[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="postgresql-", dir="/tmp"))  # a socket's path is short
    uid, gid = _ordinary_user()
    folder.chmod(0o755)  # whoever is in a namespace of its own is root no more, and has to reach the socket
    (folder / "small").mkdir()
    for path in (folder, folder / "small"):
        os.chown(path, uid, gid)
    serve = [sys.executable, "-c", SERVE, folder, binaries, USER, SMALL, uid, gid]
    with subprocess.Popen([*map(str, serve)], stdin=subprocess.PIPE, cwd="/", start_new_session=True) as process:
        server = Server(folder)
        _wait(server, process)
        server.execute(f"CREATE TABLESPACE small LOCATION '{folder}/small/space'")
        yield server


def _ordinary_user() -> tuple[int, int]:
    if os.getuid() != 0:
        return os.getuid(), os.getgid()
    entry = pwd.getpwnam("postgres")  # which Debian's package makes
    return entry.pw_uid, entry.pw_gid


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            return server.execute("SELECT 1")
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"PostgreSQL's server does not start: {error}", pytrace=False)
            time.sleep(0.05)
