"""Large notebooks are read without what they show: the same cells come out, and memory does not grow with the file."""

import io
import json
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.core.errors import SubmissionError
from grader.notebooks.notebook_file import read_submission
from grader.notebooks.without_outputs import Slim, read_slim

MIB = 2**20
DROPPED = ("outputs", "attachments", "widgets")
words = ["outputs", "source", "widgets", '"', "\\", '\\"', "{", "]", "é", "😀", "x" * 40, "\n"]
texts = st.sampled_from(words) | st.text()
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=25,
)


def emptied(form):
    """A JSON form in which what is shown is an empty list or object."""
    if isinstance(form, list):
        return [emptied(item) for item in form]
    if not isinstance(form, dict):
        return form
    empty = {list: [], dict: {}}
    return {
        key: empty[type(value)] if key in DROPPED and type(value) in empty else emptied(value)
        for key, value in form.items()
    }


@settings(max_examples=400, deadline=None)
@given(values, st.integers(1, 50), st.booleans(), st.sampled_from([None, 1]))
def test_all_but_what_is_shown_comes_out_however_it_is_cut_into_pieces(form, size, ascii_only, indent):
    data = json.dumps(form, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")
    slim = Slim()
    for start in range(0, len(data), size):
        slim.feed(data[start : start + size])
    assert json.loads(slim.kept.decode("utf-8", "surrogatepass")) == emptied(form)


@given(st.binary(max_size=300), st.integers(1, 30))
def test_bytes_of_any_kind_come_out_as_bytes(data, size):
    slim = Slim()
    for start in range(0, len(data), size):
        slim.feed(data[start : start + size])
    assert len(slim.kept) <= len(data)


def with_outputs(outputs: bytes) -> bytes:
    return b'{"cells": [{"cell_type": "code", "outputs": [' + outputs + b'], "source": "x = 1"}], "metadata": {}}'


LARGE = {
    "a picture": with_outputs(b'{"data": {"image/png": "' + b"iVBORw0KGgo" * (6 * MIB) + b'"}}'),
    "tables": with_outputs(b'{"text": [' + b'"<td class=\\"x\\">1</td>\\n", ' * (2 * MIB) + b'""]}'),
    "numbers": with_outputs(b"[0.123, [1.5, 2.5]], " * (3 * MIB) + b"[]"),
}


@pytest.mark.parametrize("name", LARGE)
def test_a_large_notebook_takes_little_memory_and_seconds(name):
    started = time.process_time()
    tracemalloc.start()
    kept = read_slim(io.BytesIO(LARGE[name]), 256 * MIB, 50 * MIB)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [cell["source"] for cell in read_submission(kept)] == ["x = 1"]
    assert most < 12 * MIB and time.process_time() - started < 8


@pytest.mark.slow
@pytest.mark.parametrize("data", [b"[" * (2 * MIB), b'"",' * (2 * MIB), with_outputs(b"[" * (2 * MIB))])
def test_what_is_too_fine_to_be_a_notebook_ends_in_seconds(data):
    started = time.process_time()
    with pytest.raises(SubmissionError, match="too many lists or texts"):
        read_slim(io.BytesIO(data), 256 * MIB, 50 * MIB)
    assert time.process_time() - started < 20


def test_more_than_may_remain_is_read_far_enough_to_see_it():
    kept = read_slim(io.BytesIO(b" " * (5 * MIB)), 256 * MIB, MIB)
    assert MIB < len(kept) <= 2 * MIB + 1
