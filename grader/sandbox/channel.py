"""Frames between the grader and a submission: four bytes of length, then JSON. Bounded on arrival, never a pickle."""

import socket
import struct
import time
from typing import Any

from grader.core.errors import ValuesError
from grader.core.values import MAX_BYTES, dumps, loads

_LENGTH = struct.Struct(">I")


class Channel:
    """One end of a connected socket that carries JSON frames."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._buffer = bytearray()
        self.received = 0  # bytes so far

    def send(self, form: Any, timeout: float | None = None) -> None:
        """Send one frame.

        Raises OSError where the other side is gone or does not read, ValuesError where the frame is too large.
        """
        data = dumps(form)
        if len(data) > MAX_BYTES:
            raise ValuesError(f"a frame of {len(data):,} bytes is too large; at most {MAX_BYTES:,} are sent")
        self._socket.settimeout(timeout)
        self._socket.sendall(_LENGTH.pack(len(data)) + data)

    def receive(self, timeout: float | None = None) -> Any:
        """The next frame; None where none came within `timeout` seconds.

        Raises EOFError where the other side has closed, ValuesError where what came is no frame.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            frame = self._complete()
            if frame is not None:
                return loads(frame)
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return None
            self._socket.settimeout(left)
            try:
                data = self._socket.recv(1 << 18)
            except TimeoutError:
                return None
            except ConnectionError as error:
                raise EOFError from error
            if not data:
                raise EOFError
            self.received += len(data)
            self._buffer += data

    def _complete(self) -> bytes | None:
        if len(self._buffer) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer)
        if length > MAX_BYTES:
            raise ValuesError(f"a frame of {length:,} bytes was announced; at most {MAX_BYTES:,} are read")
        if len(self._buffer) < _LENGTH.size + length:
            return None
        frame = bytes(self._buffer[_LENGTH.size : _LENGTH.size + length])
        del self._buffer[: _LENGTH.size + length]
        return frame
