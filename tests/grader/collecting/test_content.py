"""What a submission holds: the notebook and the files that count, the same however it was packed, and told apart by a
digest that no bytes can imitate."""

import datetime
import hashlib
import json
import os
import re
import socket
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.bundles.bundle import MAX_FILES_BYTES, new_bundle, pack
from grader.collecting.content import MAX_SAVED_BYTES, Content, HandedIn
from grader.core.errors import SubmissionError
from grader.notebooks.notebook_file import MAX_NOTEBOOK_BYTES
from tests.grader.toy import RIGHT, notebook

TIME = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
BESIDE = {"helper.py": b"import deep\n", "deep.py": b"X = 1", "data/x.csv": b"1,2"}
NEEDING = notebook("import helper", "open('data/x.csv')").encode()


def folder(tmp_path: Path, **more: bytes) -> HandedIn:
    path = tmp_path / "001" / "toy.ipynb"
    for name, data in {"toy.ipynb": NEEDING, **BESIDE, "unused.txt": b"x", **more}.items():
        (path.parent / name).parent.mkdir(parents=True, exist_ok=True)
        (path.parent / name).write_bytes(data)
    return HandedIn("001", "toy", path)


def bundle(tmp_path: Path) -> HandedIn:
    path = tmp_path / "toy.zip"
    path.write_bytes(pack(new_bundle("toy", {"toy.ipynb": NEEDING, **BESIDE, "unused.txt": b"x"}, TIME, {})))
    return HandedIn("001", "toy", path)


def archive(tmp_path: Path) -> HandedIn:
    path = tmp_path / "homework.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in {"my.ipynb": NEEDING, **BESIDE, "unused.txt": b"x"}.items():
            made.writestr(f"mine/{name}", data)
    return HandedIn("001", "toy", path, "mine/my.ipynb")


@pytest.mark.parametrize("packed", [folder, bundle, archive])
def test_the_same_notebook_and_files_are_the_same_however_they_were_packed(tmp_path, packed):
    content = packed(tmp_path).read()
    assert (content.notebook, dict(content.files), dict(content.refused)) == (NEEDING, BESIDE, {})
    assert content.digest == Content(NEEDING, BESIDE).digest


def test_files_that_the_unit_asks_for_come_whether_the_notebook_names_them_or_not(tmp_path):
    content = folder(tmp_path, **{"model.npy": b"weights"}).read(["model.npy", "missing.npy"])
    assert content.files == {**BESIDE, "model.npy": b"weights"}


def test_each_file_says_where_it_came_from(tmp_path):
    assert folder(tmp_path).beside("data/x.csv") == tmp_path / "001" / "data" / "x.csv"
    assert archive(tmp_path).beside("helper.py") == tmp_path / "homework.zip" / "mine" / "helper.py"
    loose = HandedIn("a", "toy", tmp_path / "a_toy.ipynb", loose={"x.csv": tmp_path / "a_x.csv"})
    assert loose.beside("x.csv") == tmp_path / "a_x.csv"


def test_a_helper_that_changes_makes_another_submission_and_a_file_that_is_not_needed_does_not(tmp_path):
    before = folder(tmp_path).read().digest
    assert folder(tmp_path, **{"unused.txt": b"changed"}).read().digest == before
    assert folder(tmp_path, **{"deep.py": b"X = 2"}).read().digest != before


def test_what_is_needed_and_too_large_is_told_and_tells_submissions_apart(tmp_path):
    handed_in = folder(tmp_path)
    with (tmp_path / "001" / "data" / "x.csv").open("wb") as file:
        file.truncate(MAX_FILES_BYTES + 1)
    content = handed_in.read()
    assert set(content.files) == {"helper.py", "deep.py"}
    assert content.refused == {"data/x.csv": "it is too large: 64 MiB are taken beside a notebook, no more."}
    assert content.digest != Content(NEEDING, content.files).digest


def test_all_files_together_are_bounded(tmp_path):
    handed_in = folder(tmp_path, **{"model.npy": b""})
    with (tmp_path / "001" / "model.npy").open("wb") as file:
        file.truncate(MAX_FILES_BYTES)
    content = handed_in.read(["model.npy"])
    assert set(content.files) == {"model.npy"} and set(content.refused) == {"helper.py", "data/x.csv"}


def test_contents_differ_where_anything_does():
    contents = [
        Content(b"n"), Content(b"n", {"a": b"1"}), Content(b"n", {"a": b"2"}), Content(b"n", {"b": b"1"}),
        Content(b"n", {}, {"a": "it is a link"}), Content(b"m", {"a": b"1"}), Content(b""),
        Content(b"", {}, {}, "too large"), Content(b"n", {"a": b"1", "b": b"2"}), Content(b"n", {"a": b"2", "b": b"1"}),
    ]  # fmt: skip
    assert len({content.digest for content in contents}) == len(contents)
    assert Content(b"n", {"a": b"1", "b": b"2"}).digest == Content(b"n", {"b": b"2", "a": b"1"}).digest


def canonical(content: Content) -> bytes:
    """All that a digest is made from, as somebody could write it into a file."""
    form = {
        "notebook": hashlib.sha256(content.notebook).hexdigest(), "unread": content.unread,
        "refused": dict(content.refused),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in content.files.items()},
    }  # fmt: skip
    return b"grader submission 1\0" + json.dumps(form, sort_keys=True).encode()


@given(st.binary(max_size=40), st.dictionaries(st.sampled_from("ab"), st.binary(max_size=9)))
def test_no_file_can_be_given_the_digest_of_another_submission(data, files):
    """Whoever knows the hashes in a bundle's manifest can write down what its digest is made from."""
    victim = Content(data, files)
    assert hashlib.sha256(canonical(victim)).hexdigest() == victim.digest
    earlier_form = repr([hashlib.sha256(data).hexdigest()]).encode()
    for forged in (canonical(victim), canonical(victim)[20:], earlier_form, data + b"\0"):
        assert Content(forged).digest != victim.digest


@pytest.mark.parametrize("size", [MAX_NOTEBOOK_BYTES + 2**20, MAX_NOTEBOOK_BYTES * 2])
def test_a_notebook_whose_outputs_are_large_is_read_without_them(tmp_path, size):
    text = notebook(*RIGHT).replace('"outputs": []', '"outputs": [{"data": {"image/png": "PICTURE"}}]', 1)
    (tmp_path / "toy.ipynb").write_text(text.replace("PICTURE", "A" * size))
    content = HandedIn("001", "toy", tmp_path / "toy.ipynb").read()
    assert [cell["source"] for cell in content.cells()] == list(RIGHT)
    assert content.notebook == notebook(*RIGHT).encode()


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        (MAX_NOTEBOOK_BYTES + 11 * 2**20, ["61 MiB", "50 MiB"]),
        (MAX_SAVED_BYTES + 2**20, ["257 MiB", "256 MiB"]),
    ],
)
def test_a_file_too_large_is_told_with_its_true_size(tmp_path, size, sizes):
    with (tmp_path / "toy.ipynb").open("wb") as file:
        file.truncate(size)
    content = HandedIn("001", "toy", tmp_path / "toy.ipynb").read()
    assert content.notebook == b""
    with pytest.raises(SubmissionError) as caught:
        content.cells()
    assert re.findall(r"\d+ MiB", str(caught.value)) == sizes


def test_a_notebook_that_became_something_else_before_it_is_read_holds_nobody_up(tmp_path):
    path = tmp_path / "toy.ipynb"
    os.mkfifo(path)
    assert HandedIn("001", "toy", path).read().notebook == b""
    path.unlink()
    path.symlink_to(__file__)
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        HandedIn("001", "toy", path).read()
    path.unlink()
    with socket.socket(socket.AF_UNIX) as listening, pytest.raises(OSError, match="No such device"):
        listening.bind(str(path))
        HandedIn("001", "toy", path).read()


def test_a_zip_file_that_was_exchanged_is_told(tmp_path):
    handed_in = archive(tmp_path)
    with zipfile.ZipFile(handed_in.path, "w") as made:
        made.writestr("other.ipynb", b"{}")
    with pytest.raises(SubmissionError, match="holds another notebook by now"):
        handed_in.read()
    handed_in.path.write_bytes(b"PK")
    with pytest.raises(SubmissionError, match="it is no zip file"):
        handed_in.read()


@pytest.mark.parametrize("error", [RecursionError(), MemoryError()])
def test_a_notebook_that_python_cannot_hold_is_one_sentence(monkeypatch, error):
    def fails(data: bytes) -> None:
        raise error

    monkeypatch.setattr("grader.collecting.content.read_submission", fails)
    with pytest.raises(SubmissionError, match=f"the notebook cannot be read .{type(error).__name__}"):
        Content(b"{}").cells()
