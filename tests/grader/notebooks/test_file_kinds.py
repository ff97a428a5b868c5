"""What is handed in for a notebook and is none: one sentence says what it is and what to do."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.core.errors import SubmissionError
from grader.core.messages import message
from grader.core.text import one_line
from grader.notebooks.file_kinds import kind_by_name
from grader.notebooks.notebook_file import read_submission

CELLS = [{"cell_type": "code", "source": ["x = 'é'\n", "y = 2\n"]}]
TEXT = json.dumps({"cells": CELLS, "metadata": {}}, indent=1, ensure_ascii=False)
LINES = TEXT.split("\n")
CONFLICT = "\n".join([*LINES[:5], "<<<<<<< HEAD", *LINES[5:7], "=======", *LINES[5:7], ">>>>>>> theirs", *LINES[7:]])
KINDS = {
    "nothing": (b"", message("notebook.empty")),
    "blanks": (b" \r\n ", message("notebook.empty")),
    "NULs of a full disk": (b"\0" * 900, message("notebook.empty")),
    "a PDF": (b"%PDF-1.7\n\x80", message("notebook.pdf")),
    "a zip file": (b"PK\x03\x04\xb9", message("notebook.zip")),
    "gzip": (b"\x1f\x8b\x08\x00", message("notebook.gzip")),
    "7-Zip": (b"7z\xbc\xaf\x27\x1c", message("notebook.seven_zip")),
    "RAR": (b"Rar!\x1a\x07\x00", message("notebook.rar")),
    "a picture": (b"\x89PNG\r\n\x1a\n\xff", message("notebook.picture")),
    "Word": (b"\xd0\xcf\x11\xe0\xa1", message("notebook.office")),
    "a word processor's text": (b"{\\rtf1\\ansi}", message("notebook.word_processor")),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid x", message("notebook.git_lfs")),
    "a web page": (b"\n<!DOCTYPE html>\n<html>", message("notebook.web_page")),
    "an XML page": (b'<?xml version="1.0"?>', message("notebook.web_page")),
    "merge conflict": (CONFLICT.encode(), message("notebook.conflict", line=6)),
    "merge conflict above all": (b"<<<<<<< HEAD\n{}", message("notebook.conflict", line=1)),
    "cut off in a text": (TEXT.encode()[:60], message("notebook.cut_off", line=6)),
    "cut off between": (TEXT.encode()[:-20], message("notebook.cut_off", line=TEXT[:-20].count("\n") + 1)),
    "two in one": (TEXT.encode() * 2, message("notebook.goes_on", line=len(LINES))),
    "a comma too many": (
        TEXT.replace('"y = 2\\n"', '"y = 2\\n",').encode(),
        message("notebook.damaged", line=8, problem="Expecting value"),
    ),
    "smart quotes": (
        TEXT.replace('"', "\u201c").encode(),
        message("notebook.damaged", line=2, problem="Expecting property name enclosed in double quotes"),
    ),
    "a script": (b"import numpy as np\nprint(1)", message("notebook.script")),
    "a script with a heading": (b"# My answers\n\ndef f(x):\n    return x", message("notebook.script")),
    "a letter": (
        b"Dear instructor,\nhere it is.",
        message("notebook.other_text", beginning="Dear instructor, here it is."),
    ),
    "bytes": (b"\x93\xff\x00\x01", message("notebook.no_text", line=1)),
    "a damaged byte": (TEXT.encode().replace(b"y = 2", b"y = \xe9"), message("notebook.no_text", line=7)),
    "UTF-16 cut off": (TEXT.encode("utf-16")[:-1], message("notebook.no_text", line=len(LINES))),
    "brackets": (b"[" * 100_000, message("notebook.other_text", beginning=one_line("[" * 100, 40))),
    "objects": (b'{"cells":' * 50_000, message("notebook.endless")),
    "a number without end": (b'{"cells": ' + b"9" * 5_000 + b"}", message("notebook.endless")),
    "JSON": (b'"x"', message("notebook.no_cells_in_json")),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_file_that_is_no_notebook_is_called_what_it_is(name):
    data, said = KINDS[name]
    with pytest.raises(SubmissionError) as caught:
        read_submission(data)
    text = str(caught.value)
    assert caught.value.said == said
    assert "\n" not in text and len(text) < 250 and text.endswith(".")


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
