"""Zip files that are no bundles: read in memory like folders, within bounds, and nothing leads out of them."""

import io
import stat
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.bundles.archive import MAX_ENTRIES, Inside, open_archive
from grader.core.errors import SubmissionError


def zipped(
    *entries: tuple[str | zipfile.ZipInfo, bytes], kind: int = zipfile.ZIP_DEFLATED, comment: bytes = b""
) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        archive.comment = comment
        for name, data in entries:
            archive.writestr(name, data)
    return file.getvalue()


@pytest.fixture
def read(tmp_path):
    """The files of a zip file with these bytes, by name."""

    def call(data: bytes) -> dict[str, bytes]:
        path = tmp_path / "x.zip"
        path.write_bytes(data)
        with open_archive(path) as archive:
            place = Inside(archive, "")
            return {name: place.read(name, 1_000) for name in place.below("")}

    return call


def test_files_come_by_their_names_with_folders_left_out(read):
    assert read(zipped(("a/", b""), ("a/b.txt", b"1"), ("c", b""))) == {"a/b.txt": b"1", "c": b""}


def test_windows_own_way_to_pack_is_understood(read):
    assert read(zipped(("lab\\toy.ipynb", b"{}"))) == {"lab/toy.ipynb": b"{}"}


def test_a_comment_as_github_writes_one_is_no_obstacle(read):
    assert read(zipped(("a", b"1"), comment=b"0123456789abcdef" * 2)) == {"a": b"1"}


LINK = zipfile.ZipInfo("a")
LINK.external_attr = (stat.S_IFLNK | 0o777) << 16
TWICE = zipped(("a", b"1"), ("b", b"2")).replace(b"b", b"a")
HUGE = bytearray(zipped(("a", b"1")))
HUGE[-10:-6] = struct.pack("<L", 2**30)
WRONG = {
    "no zip": (b"Dear instructor", "it is no zip file, or its end is missing. Hand in the notebook"),
    "nothing": (b"", "it is no zip file"),
    "cut off": (zipped(("a", b"1"))[:-5], "it is no zip file, or its end is missing"),
    "a path upwards": (zipped(("../../x.ipynb", b"")), "the zip file holds `../../x.ipynb`, which leads out of it"),
    "a path of Windows": (zipped(("..\\x.ipynb", b"")), "which leads out of it"),
    "a root": (zipped(("/etc/x", b"")), "which leads out of it"),
    "a drive": (zipped(("C:\\x", b"")), "which leads out of it"),
    "one twice": (TWICE, "holds a twice"),
    "too many": (zipped(*((str(n), b"") for n in range(MAX_ENTRIES + 1))), f"holds more than {MAX_ENTRIES:,} files"),
    "a directory without end": (bytes(HUGE), "holds too many files"),
    "the form for huge files": (bytes(100) + b"PK\x06\x07" + bytes(16) + b"PK\x05\x06" + bytes(18), "too many files"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_in_a_line(read, name):
    data, reason = WRONG[name]
    with pytest.raises(SubmissionError) as error:
        read(data)
    assert reason in str(error.value) and "\n" not in str(error.value)


def test_links_and_unknown_packings_are_never_read(tmp_path):
    for data in (zipped((LINK, b"/etc/passwd")), zipped(("a", b"1" * 99), kind=zipfile.ZIP_LZMA)):
        (tmp_path / "x.zip").write_bytes(data)
        with open_archive(tmp_path / "x.zip") as archive:
            assert list(archive.odd) == ["a"] and Inside(archive, "").kind("a") == "link"


def test_no_more_is_unpacked_than_is_asked_for(tmp_path):
    (tmp_path / "x.zip").write_bytes(zipped(("bomb", bytes(2**26))))
    with open_archive(tmp_path / "x.zip") as archive:
        assert len(Inside(archive, "").read("bomb", 1_000)) == 1_000


def test_a_folder_in_it_is_a_place_of_its_own(tmp_path):
    (tmp_path / "x.zip").write_bytes(zipped(("a/b/c", b"1"), ("a/d", b"2"), ("ab/e", b"3"), ("f", b"4")))
    with open_archive(tmp_path / "x.zip") as archive:
        place = Inside(archive, "a")
        assert (sorted(place.names()), place.below(""), place.below("b")) == (["b", "d"], ["b/c", "d"], ["b/c"])
        assert [place.kind(name) for name in ("b", "d", "f", "b/c", "..")] == ["folder", "file", "", "file", ""]


@given(st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), min_size=1, max_size=4), st.integers(0, 40))
@settings(deadline=None, max_examples=300)
def test_a_damaged_one_is_files_or_one_sentence(tmp_path_factory, changes, cut):
    data = bytearray(zipped(("toy.ipynb", b"{}" * 50), ("a/data.csv", b"1,2")))
    for place, byte in changes:
        data[place % len(data)] = byte
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(data[: len(data) - cut])
    try:
        with open_archive(path) as archive:
            place = Inside(archive, "")
            for name in place.below(""):
                if not archive.odd:
                    place.read(name, 1_000)
    except (SubmissionError, OSError) as error:
        assert "\n" not in str(error)
