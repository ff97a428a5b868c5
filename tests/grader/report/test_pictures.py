import base64
import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from grader.report.pictures import picture_address


def encoded(form, size=(3, 2)):
    out = io.BytesIO()
    Image.new("RGB", size).save(out, form)
    return base64.encodebytes(out.getvalue()).decode()


def test_a_png_and_a_jpeg_are_shown():
    assert picture_address("image/png", encoded("PNG")).startswith("data:image/png;base64,iVBOR")
    assert picture_address("image/jpeg", encoded("JPEG")).startswith("data:image/jpeg;base64,/9j/")


def test_a_picture_of_another_kind_than_it_claims_is_not_shown():
    assert picture_address("image/png", encoded("JPEG")) == ""
    assert picture_address("image/jpeg", encoded("PNG")) == ""
    assert picture_address("image/svg+xml", encoded("PNG")) == ""


def test_a_picture_too_large_for_a_browser_is_not_shown():
    png = bytearray(base64.b64decode(encoded("PNG")))
    png[16:24] = struct.pack(">II", 100_000, 100_000)

    assert picture_address("image/png", base64.b64encode(png).decode()) == ""


@pytest.mark.parametrize("data", [None, 3, ["a"], "", "AAAA", "<script>", 'x" onerror="alert(1)', "é", "iVBORw0KGgo="])
def test_what_is_no_picture_gives_no_address(data):
    assert picture_address("image/png", data) == ""
    assert picture_address("image/jpeg", data) == ""


@given(st.binary(max_size=60))
def test_any_bytes_behind_a_picture_s_first_ones_are_taken_calmly(tail):
    for mime, magic in (("image/png", b"\x89PNG\r\n\x1a\n"), ("image/jpeg", b"\xff\xd8\xff")):
        address = picture_address(mime, base64.b64encode(magic + tail).decode())

        assert address == "" or address.startswith(f"data:{mime};base64,")
