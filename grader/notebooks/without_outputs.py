"""Reads a notebook without what it shows: a file of hundreds of MiB, most of them pictures, takes no more memory than
its cells. No JSON is parsed here; what is no JSON comes out as something that is none."""

import re
from typing import BinaryIO

from grader.core.errors import SubmissionError

PIECE_BYTES = 2**20
MAX_STEPS = 1_000_000  # a few seconds; a large notebook with pictures and tables takes some ten thousand
# Nothing of these is graded: outputs, pictures that were pasted into a text, the state of widgets.
_DROPPED = frozenset((b"outputs", b"attachments", b"widgets"))
_IN_TEXT = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)  # possessive: nothing is kept to go back to
_OUTSIDE = re.compile(rb'[\[\]{}"]')
# What may be dropped in one step: texts, numbers, and lists of them in each other, three deep.
_WHOLE = rb'[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+"'
for _ in range(3):
    _WHOLE = rb"%b|\[(?:%b)*+\]|\{(?:%b)*+\}" % (_WHOLE, _WHOLE, _WHOLE)
_DROPPABLE = re.compile(rb"(?:%b)*+" % _WHOLE, re.DOTALL)
_MOST_KEY = 16


class Slim:
    """A notebook's bytes, piece by piece, without what it shows; of that an empty list or object remains."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self._in_text = self._after_backslash = False
        self._key = b""  # the last text, while it may be a key
        self._between = b""  # what came after it
        self._depth = 0  # of brackets within what is dropped
        self._steps = 0

    def feed(self, piece: bytes) -> None:
        """Take the next piece. Raises SubmissionError where there are too many to be a notebook's."""
        place = 0
        if self._after_backslash and piece:
            self._after_backslash = False
            self._take(piece[:1], text=True)
            place = 1
        while place < len(piece):
            self._steps += 1
            if self._steps > MAX_STEPS:
                raise SubmissionError("the notebook's outputs hold too many lists or texts to be read.")
            place = self._text(piece, place) if self._in_text else self._structure(piece, place)

    def _text(self, piece: bytes, place: int) -> int:
        match = _IN_TEXT.match(piece, place)
        end = match.end() if match else place
        self._take(piece[place:end], text=True)
        if end < len(piece):
            self._take(piece[end : end + 1])
            if piece[end : end + 1] == b'"':
                self._in_text = False
                self._between = b""
            else:  # a backslash that ends the piece
                self._after_backslash = True
            return end + 1
        return end

    def _structure(self, piece: bytes, place: int) -> int:
        if self._depth:
            whole = _DROPPABLE.match(piece, place)
            place = whole.end() if whole else place
        match = _OUTSIDE.search(piece, place)
        start = match.start() if match else len(piece)
        self._take(piece[place:start])
        self._between = (self._between + piece[place:start])[:_MOST_KEY]
        if not match:
            return start
        sign = match[0]
        if sign == b'"':
            self._in_text, self._key = True, b""
            self._take(sign)
        elif sign in b"[{":
            self._open(sign)
        else:
            self._close(sign)
        return start + 1

    def _open(self, sign: bytes) -> None:
        if self._depth:
            self._depth += 1
            return
        self.kept += sign
        if self._key in _DROPPED and self._between.strip() == b":":
            self._depth = 1
        self._key = b""

    def _close(self, sign: bytes) -> None:
        self._depth = max(self._depth - 1, 0)
        self._take(sign)

    def _take(self, data: bytes, *, text: bool = False) -> None:
        if not self._depth:
            self.kept += data
            if text and len(self._key) <= _MOST_KEY:
                self._key += data[: _MOST_KEY + 1]


def read_slim(file: BinaryIO, most: int, most_kept: int) -> bytes:
    """A notebook's bytes without what it shows: of more than `most` bytes, or of more that remain than `most_kept`, so
    many that whoever counts them sees it."""
    slim, read = Slim(), 0
    while piece := file.read(min(PIECE_BYTES, most + 1 - read)):
        read += len(piece)
        slim.feed(piece)
        if len(slim.kept) > most_kept:
            break
    return bytes(slim.kept)
