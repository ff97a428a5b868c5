import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import grader
from grader.sandbox.protocol import Exited, Preload, Refused, Started, line_of, statuses

ROOT = Path(grader.__file__).parents[1]


@pytest.fixture
def server(tmp_path):
    """A bare fork server and its control socket."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-P", "-m", "grader.sandbox.inside.server", str(theirs.fileno())]
    with theirs:
        process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=environment, cwd=tmp_path)
    ours.settimeout(30)
    with ours, process:
        ours.send(line_of(Preload(["no.such.module"], [], [])))
        assert ours.recv(16) == b"ready"
        yield ours, process
        ours.close()
        assert process.wait(5) == 0


def request(control: socket.socket, folder: Path, **more: object) -> socket.socket:
    """Ask for a run that nobody speaks to; returns the end of its status socket."""
    channel, theirs = socket.socketpair()
    status, their_status = socket.socketpair()
    with channel, theirs, their_status:
        message = {"kind": "fork", "work": str(folder), "limits": {"seconds": 5}, "walled": True, "cores": [], **more}
        socket.send_fds(control, [json.dumps(message).encode()], [theirs.fileno(), their_status.fileno()])
    status.settimeout(5)
    return status


def test_a_server_goes_when_its_control_socket_closes(server):
    control, process = server
    assert process.poll() is None
    control.close()
    assert process.wait(5) == 0


def assert_answered(control: socket.socket, folder: Path) -> None:
    with request(control, folder) as status:
        message, fds, _, _ = socket.recv_fds(status, 4096, 1)
        os.close(fds[0])
        (started,) = statuses(message)
        assert isinstance(started, Started) and started.pid > 0
        assert statuses(status.recv(4096)) == [Exited(0)]
        assert status.recv(1) == b""


def test_each_request_is_answered_with_a_process_and_how_it_ended(server, tmp_path):
    for _ in range(2):
        assert_answered(server[0], tmp_path)


@pytest.mark.parametrize("request_", [{"limits": {"no": 1}}, {"limits": None}, {"work": None}])
def test_a_request_that_makes_no_sense_is_an_error_of_ours_and_the_server_goes_on(server, tmp_path, request_):
    with request(server[0], tmp_path, **request_) as status:
        (told,) = statuses(status.recv(4096))
        assert isinstance(told, Refused) and told.error.startswith("an error of the grader itself: ")
        assert status.recv(4096) == b""
    assert_answered(server[0], tmp_path)


def test_a_wall_that_does_not_stand_is_told(server, tmp_path):
    with request(server[0], tmp_path / "not there") as status:
        said = b""
        while data := status.recv(4096):
            said += data
    errors = [told.error for told in statuses(said) if isinstance(told, Refused)]
    assert errors == [
        "the wall 'private mounts' is missing on this machine (mount %s: No such file or directory)"
        % (tmp_path / "not there")
    ]
