import json
import socket
import struct
import threading
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.core.errors import ValuesError
from grader.core.values import MAX_BYTES
from grader.sandbox.channel import Channel


@pytest.fixture
def ends():
    """A channel, and the bare socket at its other side."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(ours), theirs


def frame(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def all_frames(channel: Channel) -> list:
    """Every frame until the other side closes or sends what is none."""
    frames = []
    while True:
        try:
            frames.append(channel.receive(5.0))
            assert len(frames) < 1000
        except EOFError:
            return frames
        except ValuesError:
            return [*frames, ValuesError]


def test_a_frame_is_four_bytes_of_length_and_then_json(ends):
    channel, other = ends
    channel.send({"a": [1, "é"]})
    assert other.recv(100) == b'\x00\x00\x00\x12{"a":[1,"\\u00e9"]}'
    other.sendall(b"\x00\x00\x00\x02{}\x00\x00\x00\x01")
    assert channel.receive(1.0) == {}
    assert channel.receive(0.01) is None
    other.sendall(b"7")
    assert channel.receive(1.0) == 7


def test_what_was_received_is_counted(ends):
    channel, other = ends
    other.sendall(frame(b"[1]") + frame(b"[2]"))
    assert [channel.receive(1.0), channel.receive(1.0)] == [[1], [2]]
    assert channel.received == 14


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.lists(st.binary(max_size=30)).map(lambda parts: b"".join(map(frame, parts))))
def test_arbitrary_bytes_give_frames_an_end_or_a_values_error(data):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.close()
        frames = all_frames(Channel(ours))
    assert len(frames) <= len(data) // 4
    assert not any(isinstance(item, bytes | tuple) for item in frames)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def send_in_pieces(end: socket.socket, data: bytes, size: int) -> None:
    for start in range(0, len(data), size):
        end.sendall(data[start : start + size])
    end.close()


@settings(max_examples=100, deadline=None)
@given(st.lists(values, max_size=4), st.integers(1, 7))
def test_frames_arrive_whole_however_they_were_cut(forms, size):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender, (left, right) = Channel(ours), socket.socketpair()
        for form in forms:
            sender.send(form)
        ours.close()
        data = theirs.makefile("rb").read()
        with left, right:
            threading.Thread(target=send_in_pieces, args=[left, data, size]).start()
            assert all_frames(Channel(right)) == forms


@pytest.mark.parametrize("data", [b"", b"nothing", b"NaN", b"\xff", b"[" * 100_000, b'{"a":Infinity}', b"1" * 10_000])
def test_what_is_no_json_is_a_values_error(ends, data):
    channel, other = ends
    threading.Thread(target=other.sendall, args=[frame(data)]).start()
    with pytest.raises(ValuesError):
        channel.receive(1.0)


def test_an_announcement_that_is_too_large_is_refused_before_its_bytes_come(ends):
    channel, other = ends
    other.sendall(struct.pack(">I", MAX_BYTES + 1))
    with pytest.raises(ValuesError, match="67,108,865 bytes was announced; at most 67,108,864"):
        channel.receive(1.0)


def test_a_frame_that_is_too_large_is_not_sent(ends):
    channel, other = ends
    with pytest.raises(ValuesError, match="at most 67,108,864 are sent"):
        channel.send("x" * MAX_BYTES)
    channel.send(1)
    assert other.recv(100) == b"\x00\x00\x00\x011"


def test_a_side_that_does_not_read_holds_nobody_up(ends):
    channel, _ = ends
    with pytest.raises(TimeoutError):
        channel.send("x" * 10_000_000, timeout=0.05)


def test_a_side_that_is_gone_is_an_end(ends):
    channel, other = ends
    other.sendall(frame(b"1")[:3])
    other.close()
    with pytest.raises(EOFError):
        channel.receive(1.0)
    with pytest.raises(OSError, match="Broken pipe"):
        channel.send(1)


MASSES = {
    "brackets": b"[" * 2**25 + b"]" * 2**25, "lists of lists": b"[" + b"[[[[]]]]," * 2**22 + b"0]",
    "numbers": b"[" + b"1," * 2**24 + b"1]", "texts": b"[" + b'"",' * 2**24 + b'""]', "objects": b"{}," * 2**24,
}  # fmt: skip


@pytest.mark.parametrize("name", MASSES)
def test_what_would_cost_much_memory_is_refused_before_it_is_parsed(ends, name):
    channel, other = ends
    data = MASSES[name]
    sender = threading.Thread(target=other.sendall, args=[frame(data)])
    sender.start()
    tracemalloc.start()
    with pytest.raises(ValuesError, match="more than 1,000,000 items came"):
        channel.receive(30.0)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    sender.join()
    assert most < 4 * len(data)


def test_text_full_of_brackets_and_commas_is_a_text(ends):
    channel, other = ends
    printed = '[1, "2"], {' * 300_000
    sender = threading.Thread(target=other.sendall, args=[frame(json.dumps([printed]).encode())])
    sender.start()
    assert channel.receive(10.0) == [printed]
    sender.join()
