"""What is handed in for a notebook and is none: one sentence says what it is and what to do."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.core.errors import SubmissionError
from grader.notebooks.file_kinds import kind_by_name
from grader.notebooks.notebook_file import read_submission

CELLS = [{"cell_type": "code", "source": ["x = 'é'\n", "y = 2\n"]}]
TEXT = json.dumps({"cells": CELLS, "metadata": {}}, indent=1, ensure_ascii=False)
LINES = TEXT.split("\n")
CONFLICT = "\n".join([*LINES[:5], "<<<<<<< HEAD", *LINES[5:7], "=======", *LINES[5:7], ">>>>>>> theirs", *LINES[7:]])
KINDS = {
    "nothing": (b"", "the file is empty. Open the notebook, save it"),
    "blanks": (b" \r\n ", "the file is empty"),
    "NULs of a full disk": (b"\0" * 900, "the file is empty"),
    "a PDF": (b"%PDF-1.7\n\x80", "but a PDF"),
    "a zip file": (b"PK\x03\x04\xb9", "but a zip file. Name it .zip"),
    "gzip": (b"\x1f\x8b\x08\x00", "but a gzip file. Unpack it"),
    "7-Zip": (b"7z\xbc\xaf\x27\x1c", "but a 7-Zip file"),
    "RAR": (b"Rar!\x1a\x07\x00", "but a RAR file"),
    "a picture": (b"\x89PNG\r\n\x1a\n\xff", "but a picture"),
    "Word": (b"\xd0\xcf\x11\xe0\xa1", "but an Office document"),
    "a word processor's text": (b"{\\rtf1\\ansi}", "but a text of a word processor"),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid x", "but a pointer of Git LFS. Run `git lfs pull`"),
    "a web page": (b"\n<!DOCTYPE html>\n<html>", "but a web page: perhaps one that shows it"),
    "an XML page": (b'<?xml version="1.0"?>', "but a web page"),
    "merge conflict": (CONFLICT.encode(), "holds Git's marks of a merge conflict (line 6). Keep one of the two sides"),
    "merge conflict above all": (b"<<<<<<< HEAD\n{}", "marks of a merge conflict (line 1)"),
    "cut off in a text": (TEXT.encode()[:60], "the notebook is cut off in line 6"),
    "cut off between": (TEXT.encode()[:-20], "the notebook is cut off in line"),
    "two in one": (TEXT.encode() * 2, f"goes on after its end (line {len(LINES)}): two files became one"),
    "a comma too many": (TEXT.replace('"y = 2\\n"', '"y = 2\\n",').encode(), "is damaged in line 8 (Expecting value)"),
    "smart quotes": (TEXT.replace('"', "\u201c").encode(), "is damaged in line 2"),
    "a script": (b"import numpy as np\nprint(1)", "but a Python script. Hand in the notebook itself"),
    "a script with a heading": (b"# My answers\n\ndef f(x):\n    return x", "but a Python script"),
    "a letter": (b"Dear instructor,\nhere it is.", "but a text that begins `Dear instructor, here it is.`"),
    "bytes": (b"\x93\xff\x00\x01", "it is no text, or damaged in line 1"),
    "a damaged byte": (TEXT.encode().replace(b"y = 2", b"y = \xe9"), "it is no text, or damaged in line 7"),
    "UTF-16 cut off": (TEXT.encode("utf-16")[:-1], "it is no text, or damaged"),
    "brackets": (b"[" * 100_000, "but a text that begins `[[["),
    "objects": (b'{"cells":' * 50_000, "lists in each other, or numbers, without end"),
    "a number without end": (b'{"cells": ' + b"9" * 5_000 + b"}", "without end"),
    "JSON": (b'"x"', "this is JSON but no notebook"),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_file_that_is_no_notebook_is_called_what_it_is(name):
    data, said = KINDS[name]
    with pytest.raises(SubmissionError) as caught:
        read_submission(data)
    message = str(caught.value)
    assert said in message and "\n" not in message and len(message) < 250 and message.endswith(".")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "cp1252"])
def test_a_notebook_is_read_in_every_encoding_that_leaves_no_doubt(encoding):
    assert read_submission(TEXT.encode(encoding))[0]["source"] == "x = 'é'\ny = 2\n"


def test_quotes_as_windows_wrote_them_are_read():
    text = TEXT.replace("é", "“naïve” – 5 €")
    assert "“naïve” – 5 €" in read_submission(text.encode("cp1252"))[0]["source"]


@given(st.binary(max_size=60))
def test_whatever_a_file_begins_with_it_has_one_sentence(data):
    try:
        read_submission(data)
    except SubmissionError as error:
        assert "\n" not in str(error) and str(error).endswith(".")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.py", "a Python script"),
        ("A.PDF", "a PDF"),
        ("a.tar.gz", "an archive that is not read; a .zip is"),
        ("onlinetext.html", "a text typed into the platform"),
        ("a.html", "a web page"),
        ("a", ""),
        ("a.png", ""),
    ],
)
def test_the_ending_of_a_name_says_what_a_file_is(name, kind):
    assert kind_by_name(name) == kind
