"""Pictures that a learner's notebook made: shown only where the bytes are what they claim, and of a sane size."""

import base64
import binascii
import struct

MOST_BYTES = 8 * 2**20
MOST_PIXELS = 40_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
_NO_SIZE = (0, 0)
# JPEG's markers for a frame's header: C0 to CF without C4, C8 and CC.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def picture_address(mime: str, data: object) -> str:
    """The data: address of a PNG or JPEG in base64, or "" where it is none that a page should show."""
    if not isinstance(data, str) or len(data) > 2 * MOST_BYTES:
        return ""
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    size = {"image/png": _png_size, "image/jpeg": _jpeg_size}.get(mime, lambda content: _NO_SIZE)(content)
    if len(content) > MOST_BYTES or not 0 < size[0] * size[1] <= MOST_PIXELS:
        return ""
    return f"data:{mime};base64,{base64.b64encode(content).decode('ascii')}"


def _png_size(content: bytes) -> tuple[int, int]:
    if len(content) < 33 or not content.startswith(_PNG) or content[12:16] != b"IHDR":
        return _NO_SIZE
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Walks from segment to segment until the one that gives the size."""
    if not content.startswith(b"\xff\xd8\xff"):
        return _NO_SIZE
    position = 2
    while position + 9 <= len(content) and content[position] == 0xFF:
        kind, length = content[position + 1], int.from_bytes(content[position + 2 : position + 4], "big")
        if kind in _FRAMES:
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return width, height
        position += 2 + length
    return _NO_SIZE
