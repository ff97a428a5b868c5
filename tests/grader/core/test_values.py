"""The codec: what may cross the trust line, and what bytes from outside can never do."""

import base64
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.core.errors import ValuesError
from grader.core.values import MAX_BYTES, MAX_DEPTH, MAX_ITEMS, decode, dumps, encode, loads, to_plain

plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "é", "\ud800", "a\0b", "tuple"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.sampled_from(["", "npy", "ß"]), inner, max_size=3)
    ),
    max_leaves=8,
)
json_documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["npy", "tuple", "dict", "float"]) | st.text(max_size=4), inner, max_size=2)
    ),
    max_leaves=8,
)
dtypes = st.sampled_from(["?", "i1", "u1", "<i4", ">i4", "<i8", "<u8", "f2", "f4", "<f8", ">f8", "c8", "c16", "<U3"])


def npy(header: str, data: bytes = b"") -> dict[str, str]:
    """An encoded array with a header of one's own."""
    written = header.encode("latin1")
    magic = b"\x93NUMPY\x01\x00" + len(written).to_bytes(2, "little")
    return {"npy": base64.b64encode(magic + written + data).decode()}


def header_of(shape: str, descr: str = "<f8") -> str:
    return f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n"


@given(plain_values)
@settings(deadline=None, max_examples=60)
def test_a_plain_value_comes_back_as_it_was_sent(value):
    received = decode(loads(dumps(encode(value))))
    assert repr(received) == repr(value)


@given(dtypes.flatmap(lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0, max_side=4))))
@settings(deadline=None, max_examples=60)
def test_an_array_comes_back_with_its_bytes_its_shape_and_its_dtype(array):
    received = decode(loads(dumps(encode(array))))
    assert (received.shape, received.dtype) == (array.shape, array.dtype)
    assert received.tobytes() == array.tobytes()


def test_a_view_with_strides_comes_back_with_the_same_numbers():
    array = np.arange(24.0).reshape(4, 6)[::-1, ::2].T
    assert np.array_equal(decode(encode(array)), array)
    assert decode(encode(array)).flags.writeable


def test_infinities_and_nan_have_a_form_of_their_own():
    assert encode(float("-inf")) == {"float": "-inf"}
    assert decode(encode(np.float64("inf"))) == float("inf")
    assert np.isnan(decode(encode(float("nan"))))


def test_a_tuple_stays_a_tuple_and_a_dict_keeps_its_order():
    value = {"b": (1, [2.5, None]), "a": ()}
    assert decode(encode(value)) == value
    assert list(decode(encode(value))) == ["b", "a"]


@given(st.binary(max_size=200))
@example(b'{"npy": 1}')
@example(b"[" * 100_000)
@example(b"NaN")
@example(b"\xff\xfe{")
@example(b"9" * 5_000)
@settings(deadline=None, max_examples=60)
def test_arbitrary_bytes_raise_nothing_but_a_values_error(data):
    try:
        decode(loads(data))
    except ValuesError as error:
        assert str(error)


@given(json_documents)
@example({"npy": "AAAA"})
@example({"npy": "é"})
@example({"dict": [["a", 1], ["b"]]})
@example({"float": ["nan"]})
@settings(deadline=None, max_examples=80)
def test_arbitrary_json_is_a_value_or_a_values_error(document):
    try:
        value = decode(document)
    except ValuesError:
        return
    assert repr(decode(encode(value))) == repr(value)


@given(hnp.arrays(st.sampled_from(["f8", "i4", "U2", "?"]), (2, 3)), st.data())
@settings(deadline=None, max_examples=80)
def test_a_mutated_npy_raises_nothing_but_a_values_error(array, data):
    sent = bytearray(base64.b64decode(encode(array)["npy"]))
    for _ in range(data.draw(st.integers(1, 4))):
        sent[data.draw(st.integers(0, len(sent) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(sent)))
    for mutated in (bytes(sent), bytes(sent[:cut]), bytes(sent) + bytes(sent[cut:])):
        try:
            received = decode({"npy": base64.b64encode(mutated).decode()})
        except ValuesError:
            continue
        assert received.nbytes <= len(mutated)
        assert repr(received)


@pytest.mark.parametrize(
    "header",
    [
        header_of("(1000000000000,)"),
        header_of("(1000000, 1000000)"),
        header_of("(1000000000000,)", "<U0"),
        header_of("(0,)", "<U500000000"),
        header_of("(1000000000000, 0)"),
    ],
)
def test_a_header_that_claims_much_reserves_no_memory(header):
    tracemalloc.start()
    try:
        received = decode(npy(header))
        assert received.size == 0
    except ValuesError as error:
        assert "header" in str(error)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': (",  # no end
        "-" * 1_900 + "1",
        header_of("(1L,)"),  # Python 2
        header_of("(-1,)"),
        header_of("(1,)", "|O"),
        header_of("(1,)", "<M8[s]"),
        "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }\n",
        header_of("(1,)") + " " * 3_000 + "\n",
    ],
)
def test_a_header_that_numpy_would_not_write_for_plain_numbers_is_refused(header):
    with pytest.raises(ValuesError, match="not an array"):
        decode(npy(header, b"\0" * 8))


def test_text_that_holds_no_characters_is_refused():
    with pytest.raises(ValuesError):
        decode(npy(header_of("(1,)", "<U2"), b"\xff" * 8))
    assert decode(npy(header_of("(1,)", "<U2"), b"a\0\0\0b\0\0\0")).tolist() == ["ab"]


def test_a_pickle_inside_npy_is_never_opened():
    header = header_of("(1,)", "|O")
    with pytest.raises(ValuesError):
        decode(npy(header, b"cos\nsystem\n(S'true'\ntR."))


def test_more_bytes_than_the_limit_are_not_parsed():
    with pytest.raises(ValuesError, match="at most 67,108,864"):
        loads(b" " * (MAX_BYTES + 1))


def test_an_array_that_could_not_be_read_back_is_not_handed_over():
    class Huge:
        def __array__(self, dtype=None, copy=None):
            return np.broadcast_to(np.zeros(1), (MAX_BYTES,))

    with pytest.raises(ValuesError, match="too large to hand over"):
        to_plain(Huge())


def test_an_integer_without_a_readable_text_is_not_plain():
    assert to_plain(2**4_000) == 2**4_000
    with pytest.raises(ValuesError, match="bits is too large"):
        to_plain(10**5_000)


def test_nesting_is_allowed_to_the_limit_and_no_deeper():
    nested = 0.5
    for _ in range(MAX_DEPTH):
        nested = [nested]
    assert decode(loads(dumps(encode(to_plain(nested))))) == nested
    with pytest.raises(ValuesError, match="deep"):
        to_plain([nested])


def test_a_list_that_holds_itself_is_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(ValuesError, match="deep"):
        to_plain(loop)


def test_what_has_an_array_becomes_an_array_and_a_single_number_a_number():
    class Tensor:
        def __init__(self, values):
            self.values = np.array(values)

        def __array__(self, dtype=None, copy=None):
            return self.values

    assert to_plain(Tensor([[1.0, 2.0]])).tolist() == [[1.0, 2.0]]
    assert type(to_plain(Tensor(3.5))) is float
    assert type(to_plain(np.float32(0.5))) is float
    assert type(to_plain(np.bool_(True))) is bool


def test_a_subclass_of_an_array_arrives_as_a_plain_array():
    class Odd(np.ndarray):
        def __eq__(self, other):
            return True

    assert type(to_plain(np.zeros(2).view(Odd))) is np.ndarray


def test_a_later_change_of_the_returned_array_does_not_reach_the_plain_value():
    array = np.zeros(3)
    plain = to_plain(array)
    array += 1
    assert plain.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, b"bytes", len, {1: 2}, np.array([object()]), np.datetime64("2024-01-01"), [1, {2}]]
)
def test_what_is_no_plain_value_is_refused_by_name(value):
    with pytest.raises(ValuesError) as caught:
        to_plain(value)
    assert str(caught.value)


def test_a_value_that_json_cannot_hold_raises_a_values_error():
    with pytest.raises(ValuesError, match="JSON"):
        dumps({"x": object()})
    with pytest.raises(ValuesError, match="JSON"):
        dumps(float("nan"))
    with pytest.raises(ValuesError, match="not a plain value"):
        encode({1, 2})


def test_a_list_of_millions_is_refused_where_it_is_made_and_where_it_arrives():
    for long in ([0] * (MAX_ITEMS + 1), [[0, 0]] * (MAX_ITEMS // 2), {"a": [0] * MAX_ITEMS}):
        with pytest.raises(ValuesError, match="lists hold more than 1,000,000 items; an array may hold more"):
            to_plain(long)
        with pytest.raises(ValuesError, match="lists hold more than"):
            decode(encode(long))
    assert to_plain(np.zeros(MAX_ITEMS + 1)).size == len(to_plain([0] * MAX_ITEMS)) + 1


def test_a_header_that_is_too_long_is_refused_in_one_line():
    with pytest.raises(ValuesError, match="^not an array: NumPy writes no such header$"):
        decode(npy(header_of("(0,)")[:-1] + " " * 3_000 + "\n"))
