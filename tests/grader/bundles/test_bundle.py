"""The bundle's codec: what was packed comes back, and of any other bytes there is one sentence and no harm."""

import datetime
import io
import json
import stat
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.bundles.bundle import (
    MANIFEST,
    MAX_ENTRIES,
    MAX_FILES_BYTES,
    Bundle,
    new_bundle,
    pack,
    read_bundle,
    read_manifest,
)
from grader.bundles.places import is_plain
from grader.core.errors import SubmissionError
from grader.notebooks.notebook_file import MAX_NOTEBOOK_BYTES

TIME = datetime.datetime(2026, 3, 1, 12, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
VERSIONS = {"python": "3.12.1", "course": "labs 1.0"}


def made(**files: bytes) -> Bundle:
    return new_bundle("toy", {"toy.ipynb": b"{}", **{f"{name}.npy": data for name, data in files.items()}},
                      TIME, VERSIONS)  # fmt: skip


def unpacked(data: bytes) -> Bundle:
    return read_bundle(io.BytesIO(data))


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return file.getvalue()


def text(bundle: Bundle) -> bytes:
    return bundle.manifest.text().encode()


names = st.from_regex(r"\A[a-zü(][a-z_. /-]{0,9}\Z").filter(lambda name: is_plain(name) and name != MANIFEST)


many_versions = st.dictionaries(st.text("abc ü", max_size=9), st.text(max_size=20), max_size=3)
many_files = st.dictionaries(names, st.binary(max_size=200), max_size=5).filter(
    lambda files: not any(name.startswith(f"{other}/") for name in files for other in files)
)


@given(many_files, st.binary(max_size=300), st.datetimes(timezones=st.timezones()), many_versions)
@settings(deadline=None, max_examples=60)
def test_what_is_packed_comes_back(files, notebook, time, versions):
    bundle = new_bundle("unit", {"unit.ipynb": notebook, **files}, time, versions)
    packed = pack(bundle)
    back = unpacked(packed)
    assert (back.manifest, dict(back.files)) == (bundle.manifest, dict(bundle.files))
    assert read_manifest(io.BytesIO(packed)) == bundle.manifest
    assert pack(back) == packed


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=200)
def test_bytes_that_are_no_bundle_are_one_sentence(data):
    with pytest.raises(SubmissionError):
        unpacked(data)


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=4), st.integers(0, 40))
@settings(deadline=None, max_examples=300)
def test_a_bundle_with_bytes_changed_or_cut_off_is_itself_or_one_sentence(changes, cut):
    bundle = made(model=b"weights")
    data = bytearray(pack(bundle))
    for place, byte in changes:
        data[place % len(data)] = byte
    try:
        back = unpacked(bytes(data[: len(data) - cut]))
    except SubmissionError as error:
        assert "\n" not in str(error)
    else:
        assert (back.manifest, dict(back.files)) == (bundle.manifest, dict(bundle.files))


BUNDLE = made(model=b"weights")
LINK = zipfile.ZipInfo("link.npy")
LINK.external_attr = (stat.S_IFLNK | 0o777) << 16
WRONG = {
    "no zip": (b"Dear instructor", "it is no zip file, or its end is missing"),
    "cut off": (pack(BUNDLE)[:-5], "it is no zip file, or its end is missing"),
    "no manifest": (zipped(("toy.ipynb", b"{}")), "this zip file is no bundle: it has no manifest.json"),
    "a path": (
        zipped((MANIFEST, text(BUNDLE)), ("../../x.npy", b"")),
        "the bundle holds `../../x.npy`; only plain names",
    ),
    "a root": (zipped((MANIFEST, text(BUNDLE)), ("/etc/x", b"")), "only plain names of files are taken"),
    "a folder": (zipped((MANIFEST, text(BUNDLE)), ("a/", b"")), "only plain names of files are taken"),
    "a folder of the grader's": (
        zipped((MANIFEST, text(BUNDLE)), ("tmp/x", b"")),
        "only plain names of files are taken",
    ),
    "a hidden folder": (zipped((MANIFEST, text(BUNDLE)), ("a/.b", b"")), "only plain names of files are taken"),
    "another notebook in a folder": (zipped((MANIFEST, text(BUNDLE)), ("a/b.ipynb", b"")), "only plain names of files"),
    "hidden": (zipped((MANIFEST, text(BUNDLE)), (".checks", b"")), "only plain names of files are taken"),
    "a link": (zipped((MANIFEST, text(BUNDLE)), (LINK, b"/etc/passwd")), "link.npy is a link; a link is not followed"),
    "another packing": (zipped((MANIFEST, text(BUNDLE)), kind=zipfile.ZIP_LZMA), "packed in an unknown way"),
    "too many": (
        zipped((MANIFEST, text(BUNDLE)), *((f"f{n}", b"") for n in range(MAX_ENTRIES))),
        f"holds {MAX_ENTRIES + 1} files; at most {MAX_ENTRIES} are taken",
    ),
    "far too many": (zipped(*((f"f{n}", b"") for n in range(3000))), "too many files"),
    "one missing": (
        zipped((MANIFEST, text(BUNDLE)), ("toy.ipynb", b"{}")),
        "other files than its manifest says (model",
    ),
    "one more": (
        zipped((MANIFEST, text(BUNDLE)), ("toy.ipynb", b"{}"), ("model.npy", b"weights"), ("more", b"")),
        "other files than its manifest says (more)",
    ),
    "another model": (
        zipped((MANIFEST, text(BUNDLE)), ("toy.ipynb", b"{}"), ("model.npy", b"another")),
        "`model.npy` is not what the bundle's manifest says: it was changed",
    ),
    "a bomb": (
        zipped((MANIFEST, text(BUNDLE)), ("toy.ipynb", b"{}"), ("model.npy", bytes(2**24))),
        "`model.npy` is larger than the bundle's manifest says",
    ),
    "a manifest that is a bomb": (zipped((MANIFEST, bytes(2**24))), "`manifest.json` is larger"),
    "a manifest that is none": (zipped((MANIFEST, b"[" * 9999)), "manifest.json is damaged, or of another version"),
    "another unit in it": (
        zipped((MANIFEST, text(BUNDLE).replace(b'"toy"', b'"tou"')), ("toy.ipynb", b"{}"), ("model.npy", b"weights")),
        "manifest.json is damaged",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_bundle_is_told_in_a_line(name):
    data, reason = WRONG[name]
    with pytest.raises(SubmissionError) as error:
        unpacked(data)
    assert reason in str(error.value) and "\n" not in str(error.value)


def test_a_directory_in_the_form_for_huge_files_is_not_read():
    end = b"PK\x06\x07" + bytes(16) + b"PK\x05\x06" + bytes(18)
    with pytest.raises(SubmissionError, match="it is no zip file"):
        unpacked(bytes(100) + end)


@pytest.mark.parametrize(("name", "most"), [("toy.ipynb", MAX_NOTEBOOK_BYTES), ("model.npy", MAX_FILES_BYTES)])
def test_a_size_beyond_the_bounds_is_refused_before_anything_is_unpacked(name, most):
    bundle = made(model=b"")
    entries = {**bundle.manifest.files, name: type(bundle.manifest.files[name])(most + 1, "0" * 64)}
    manifest = type(bundle.manifest)("toy", bundle.manifest.time, VERSIONS, entries)
    with pytest.raises(SubmissionError, match=f"at most {most // 2**20} are taken"):
        unpacked(zipped((MANIFEST, manifest.text().encode())))


@pytest.mark.parametrize(
    "wrong",
    [{"time": "2026-03-01T12:30:00"}, {"time": 3}, {"unit": "../toy"}, {"versions": {"a": 1}}, {"files": {}},
     {"format": 2}],
)  # fmt: skip
def test_a_manifest_that_says_what_none_can_say_is_damaged(wrong):
    form = {**json.loads(text(BUNDLE)), **wrong}
    with pytest.raises(SubmissionError, match="manifest.json is damaged"):
        read_manifest(io.BytesIO(zipped((MANIFEST, json.dumps(form).encode()))))


def test_the_receipt_code_is_that_of_these_files_this_time_and_these_versions():
    later = new_bundle("toy", BUNDLE.files, TIME + datetime.timedelta(seconds=1), VERSIONS)
    other = new_bundle("toy", BUNDLE.files, TIME, {**VERSIONS, "python": "3.12.2"})
    assert len({bundle.manifest.code for bundle in (BUNDLE, made(model=b"other"), later, other)}) == 4
    assert made(model=b"weights").manifest.code == BUNDLE.manifest.code


def test_a_receipt_code_may_be_typed_in_any_way():
    code = BUNDLE.manifest.code
    assert len(code.split("-")) == 8
    assert BUNDLE.manifest.has_code(code.lower().replace("-", " "))
    assert not BUNDLE.manifest.has_code(code[:-1]) and not BUNDLE.manifest.has_code("")


def test_the_time_is_kept_with_its_zone():
    assert BUNDLE.manifest.time == "2026-03-01T12:30:00+01:00"


def test_what_the_directory_claims_is_bounded_before_it_is_read():
    data = bytearray(pack(BUNDLE))
    data[-10:-6] = struct.pack("<L", 2**30)
    with pytest.raises(SubmissionError, match="too many files"):
        unpacked(bytes(data))


def test_a_file_that_would_be_anothers_folder_is_refused():
    wrong = new_bundle("toy", {"toy.ipynb": b"{}", "a": b"1", "a/b": b"2"}, TIME, VERSIONS)
    with pytest.raises(SubmissionError, match=r"manifest\.json is damaged"):
        unpacked(pack(wrong))
