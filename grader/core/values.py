"""The codec for everything that crosses the trust line: plain values and arrays, as JSON with `.npy` bytes inside.

Nothing here can run code: arrays are read with `allow_pickle=False`, and their headers are checked against the bytes
that really follow before any memory is taken for them.
"""

import base64
import io
import json
import math
import re
import sys
from typing import Any

import numpy as np

from grader.core.errors import ValuesError
from grader.core.text import one_line

Value = None | bool | int | float | str | list[Any] | tuple[Any, ...] | dict[Any, Any] | np.ndarray
"""What a probe may return: plain Python values, and arrays of numbers, booleans or text."""

MAX_BYTES = 64 * 2**20
MAX_DEPTH = 20
MAX_ITEMS = 1_000_000  # in lists and dicts; an array of any size is one
ARRAY_ITEMS = 100  # an array costs as much as so many items: to read one takes as long
MAX_INT_BITS = 4_096
MAX_HEADER = 2_000
_ARRAY_KINDS = "biufcU"
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"')
# The one header that NumPy writes for a plain array. Any other text never reaches NumPy's own, lenient reader.
_NPY_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00(..)\{'descr': '[<>|][biufcU][1-9]\d{0,8}', 'fortran_order': (?:True|False), "
    rb"'shape': \((?:\d+,(?: \d+,?)*)?\), \} *\n",
    re.DOTALL,
)


def to_plain(value: Any) -> Value:
    """Turn what a learner's code returned into a plain value; tensors become arrays, 0-d arrays become numbers.

    Raises ValuesError where that is not possible. Runs in the learner's process.
    """
    plain = _plain(value, 0)
    check_items(plain)
    return plain


def _plain(value: Any, depth: int) -> Value:
    if depth > MAX_DEPTH:
        raise ValuesError(f"it is nested more than {MAX_DEPTH} deep")
    if type(value) is int and value.bit_length() > MAX_INT_BITS:
        raise ValuesError(f"an integer of {value.bit_length():,} bits is too large to hand over")
    if value is None or type(value) in (bool, int, float, str):
        simple: Value = value
        return simple
    if isinstance(value, dict):
        return {_plain_key(k): _plain(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        items = [_plain(item, depth + 1) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    if hasattr(value, "__array__") or isinstance(value, bool | int | float | str):
        return _plain_array(np.asarray(value))
    if isinstance(value, complex):
        raise ValuesError("a complex number came back where a real one is meant")
    raise ValuesError(f"a {type(value).__name__} is neither a number, a text, a list nor an array")


def encode(value: Value) -> Any:
    """The JSON form of a plain value: `{"npy": …}` for arrays, `{"tuple": …}`, `{"dict": …}`, `{"float": "nan"}`."""
    if isinstance(value, np.ndarray):
        return {"npy": base64.b64encode(_npy_bytes(value)).decode("ascii")}
    if isinstance(value, tuple):
        return {"tuple": [encode(item) for item in value]}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {"dict": [[key, encode(item)] for key, item in value.items()]}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(float(value))}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ValuesError(f"a {type(value).__name__} is not a plain value")


def decode(encoded: Any) -> Value:
    """The plain value of a JSON form. Raises ValuesError for anything that `encode` would not have written."""
    check_items(encoded)
    return _decoded(encoded, 0)


def _decoded(encoded: Any, depth: int) -> Value:
    if depth > MAX_DEPTH + 1:
        raise ValuesError(f"nested more than {MAX_DEPTH} deep")
    if encoded is None or isinstance(encoded, bool | int | float | str):
        return encoded
    if isinstance(encoded, list):
        return [_decoded(item, depth + 1) for item in encoded]
    if isinstance(encoded, dict) and len(encoded) == 1:
        ((kind, content),) = encoded.items()
        if kind == "npy" and isinstance(content, str):
            return _array(content)
        if kind == "tuple" and isinstance(content, list):
            return tuple(_decoded(item, depth + 1) for item in content)
        if kind == "dict" and isinstance(content, list):
            return {key: _decoded(item, depth + 1) for key, item in map(_pair, content)}
        if kind == "float" and content in ("nan", "inf", "-inf"):
            return float(content)
    raise ValuesError("not the JSON form of a plain value")


def dumps(encoded: Any) -> bytes:
    """Compact JSON bytes. Raises ValuesError where JSON cannot hold it."""
    try:
        return json.dumps(encoded, allow_nan=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    except (TypeError, ValueError, RecursionError) as error:
        raise ValuesError(f"cannot be written as JSON: {error}") from error


def loads(data: bytes) -> Any:
    """The JSON document in bytes that come from outside. Raises ValuesError for whatever is wrong with them.

    What it would take to parse them is bounded before they are parsed.
    """
    if len(data) > MAX_BYTES:
        raise ValuesError(f"{len(data):,} bytes came; at most {MAX_BYTES:,} are read")
    _check_signs(data)
    try:
        return json.loads(data.decode("utf-8", "surrogatepass"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ValuesError(f"not JSON: {error}") from error


def check_items(value: Any) -> int:
    """How many items lists and dicts hold. Raises ValuesError where it would take minutes to judge them all."""
    waiting, items = [value], 0
    while waiting:
        inner = waiting.pop()
        items += len(inner) if isinstance(inner, list | tuple | dict) else 0
        if items > MAX_ITEMS:
            raise ValuesError(f"lists hold more than {MAX_ITEMS:,} items; an array may hold more")
        if isinstance(inner, list | tuple):
            waiting += [item for item in inner if isinstance(item, list | tuple | dict)]
        elif isinstance(inner, dict):
            waiting += [item for item in inner.values() if isinstance(item, list | tuple | dict)]
    return items


def cost(encoded: Any) -> int:
    """What it takes to read and judge JSON forms of values: their items, and for each array as much as for many.

    Raises ValuesError if lists hold too many items.
    """
    waiting, arrays = [encoded], 0
    items = check_items(encoded)
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, dict):
            arrays += "npy" in inner
            inner = list(inner.values())
        if isinstance(inner, list):
            waiting += [item for item in inner if isinstance(item, list | dict)]
    return items + ARRAY_ITEMS * arrays


def _check_signs(data: bytes) -> None:
    """Raise ValuesError if JSON bytes hold more brackets, commas and texts than honest ones: each costs memory."""
    texts, most = data.count(b'"') - data.count(b'\\"'), 2 * MAX_ITEMS  # an empty list has a bracket and no item
    if texts > 2 * most or (_signs(data) > most and _signs(_TEXT.sub(b"", data)) > most):
        raise ValuesError(f"more than {MAX_ITEMS:,} items came")


def _signs(data: bytes) -> int:
    return data.count(b",") + data.count(b"[") + data.count(b"{")


def _plain_key(key: Any) -> str:
    if type(key) is not str:
        raise ValuesError(f"a dict's keys must be texts; one is a {type(key).__name__}")
    return key


def _plain_array(array: Any) -> Value:
    if not isinstance(array, np.ndarray) or array.dtype.kind not in _ARRAY_KINDS:
        array = _widened(array)
    if array.nbytes > MAX_BYTES // 2:
        raise ValuesError(f"an array of {array.nbytes:,} bytes is too large to hand over")
    return array.item() if array.ndim == 0 else np.array(array, order="C", subok=False)


def _widened(array: Any) -> np.ndarray:
    """Floats of other libraries (bfloat16) as float32; anything else is refused."""
    if isinstance(array, np.ndarray) and array.dtype.kind == "V" and "float" in array.dtype.name:
        return array.astype(np.float32)
    raise ValuesError(f"an array of {getattr(array, 'dtype', type(array).__name__)} holds no plain numbers")


def _npy_bytes(array: np.ndarray) -> bytes:
    if array.dtype.kind not in _ARRAY_KINDS:
        raise ValuesError(f"an array of {array.dtype} is not plain")
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array).reshape(array.shape), allow_pickle=False)
    return buffer.getvalue()


def _array(text: str) -> np.ndarray:
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
        header = _NPY_HEADER.match(data)
        if not header or header.end() != 10 + int.from_bytes(header[1], "little") or header.end() > MAX_HEADER:
            raise ValuesError("not an array: NumPy writes no such header")
        buffer = io.BytesIO(data)
        np.lib.format.read_magic(buffer)
        shape, _, dtype = np.lib.format.read_array_header_1_0(buffer, max_header_size=MAX_HEADER)
        if dtype.kind not in _ARRAY_KINDS:
            raise ValuesError(f"an array of {dtype} is not read")
        if any(n < 0 for n in shape) or len(shape) > 32:
            raise ValuesError(f"an array cannot have the shape {shape}")
        # The header's word is not taken for the size: reading would reserve whatever it claims.
        if math.prod(shape) * dtype.itemsize != len(data) - buffer.tell():
            raise ValuesError("an array's header does not fit its bytes")
        buffer.seek(0)
        array = np.lib.format.read_array(buffer, allow_pickle=False, max_header_size=MAX_HEADER)
        if dtype.kind == "U" and array.ravel().view(f"{dtype.byteorder}u4").max(initial=0) > sys.maxunicode:
            raise ValuesError("an array of text holds numbers that are no characters")
        return array
    except (ValueError, TypeError, SyntaxError, OverflowError, MemoryError) as error:
        raise ValuesError(f"not an array: {one_line(str(error))}") from error


def _pair(item: Any) -> tuple[str, Any]:
    if isinstance(item, list) and len(item) == 2 and isinstance(item[0], str):
        return item[0], item[1]
    raise ValuesError("a dict's entry is not a pair of a text and a value")


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
