import os
import signal
import socket
from collections.abc import Iterator

import psutil
import pytest

from grader.core.errors import NoServerError, ServerStoppedError
from grader.sandbox.fork_server import ForkServer
from grader.sandbox.temporary_folder import Folder


@pytest.fixture
def server() -> Iterator[ForkServer]:
    folder = Folder()
    opened = ForkServer(folder, [], 1)
    opened.preload([], [])
    yield opened
    opened.close()
    folder.remove()


def asked(server: ForkServer) -> int:
    """Ask for something that makes no sense: which server was asked is what matters."""
    one, other = socket.socketpair()
    with one, other:
        return server.request(b"{}", [one.fileno(), other.fileno()])


def test_a_server_that_hangs_is_replaced_once_however_many_have_waited_for_it(server):
    first = asked(server)
    os.kill(server.pid, signal.SIGSTOP)
    server.replace(first)
    assert asked(server) != first
    fresh = server.pid
    server.replace(first)  # of another run, which waited for the same one
    assert asked(server) == first + 1 and server.pid == fresh
    assert psutil.Process(fresh).status() != psutil.STATUS_ZOMBIE


def test_a_server_is_replaced_if_it_would_show_what_is_secret_by_now(server, tmp_path):
    first = server.pid
    assert not server.preload([], [])
    assert server.preload([], [tmp_path]) and server.pid != first


def test_a_closed_server_starts_no_more(server):
    server.close()
    with pytest.raises(ServerStoppedError, match="the sandbox is closed"):
        asked(server)


def test_a_server_that_does_not_start_says_why(server, monkeypatch):
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(NoServerError, match="the fork server did not start"):
        server.preload(["colorsys"], [])
