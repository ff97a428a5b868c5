"""Which unit a notebook is of: two of three witnesses decide, and where they differ it is said."""

import json

import pytest

from grader.collecting.file_names import read_name
from grader.collecting.unit_evidence import Finding, lab_units, unit_of_notebook
from grader.core.errors import SubmissionError

UNITS = ["toy", "other", "third"]


def data(metadata: str = "", *labs: str, call: str = "lab = Lab({!r})") -> bytes:
    cells = [{"cell_type": "code", "source": ["import numpy as np\n", call.format(lab)]} for lab in labs]
    form = {"deep_learning_labs": {"digest": "x", "unit": metadata}} if metadata else {}
    return json.dumps(
        {"cells": [*cells, {"cell_type": "markdown", "source": "t"}], "metadata": form}, indent=1
    ).encode()


def found(name: str, content: bytes) -> Finding:
    return unit_of_notebook(read_name(name, UNITS), content, UNITS)


@pytest.mark.parametrize(
    ("name", "content", "unit"),
    [
        ("toy.ipynb", data("toy", "toy"), "toy"),
        ("toy.ipynb", data(), "toy"),
        ("toy.ipynb", data("", "toy"), "toy"),
        ("toy.ipynb", data("other", "toy"), "toy"),
        ("toy.ipynb", data("toy", "other"), "toy"),
        ("toy.ipynb", data("elsewhere", "elsewhere"), "toy"),
        ("toy.ipynb", b"no notebook", "toy"),
        ("homework.ipynb", data("toy"), "toy"),
        ("homework.ipynb", data("", "toy"), "toy"),
        ("homework.ipynb", data("", "toy", "toy"), "toy"),
        ("homework.ipynb", data("", "toy", "other"), ""),
        ("homework.ipynb", data("elsewhere"), ""),
        ("homework.ipynb", data(), ""),
        ("homework.ipynb", b"no notebook", ""),
        ("toy and other.ipynb", data("other", "other"), "other"),
    ],
)
def test_where_the_witnesses_agree_the_unit_is_certain(name, content, unit):
    assert found(name, content) == Finding(unit)


def test_metadata_and_code_together_outweigh_the_name():
    assert found("toy.ipynb", data("other", "other")) == Finding(
        "other", "it is named after 'toy', but its metadata and its `Lab` say 'other': it counts as 'other'."
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (data("other"), "its metadata says 'other'"),
        (data("", "other"), "its `Lab` says 'other'"),
        (data("other", "third"), "its metadata says 'other' and its `Lab` says 'third'"),
    ],
)
def test_one_witness_against_the_name_does_not_and_is_told(content, said):
    assert found("toy.ipynb", content) == Finding("toy", f"it is named after 'toy', but {said}: it counts as 'toy'.")


def test_without_a_name_two_witnesses_that_differ_are_not_enough():
    with pytest.raises(
        SubmissionError, match="it is unclear which unit it belongs to: its metadata says 'toy', its `Lab` 'o"
    ):
        found("homework.ipynb", data("toy", "other"))


def test_a_text_that_looks_like_metadata_is_none():
    text = 'print(\'"deep_learning_labs": {"unit": "other"}\')'
    assert found("toy.ipynb", data("", text, call="{}")) == Finding("toy")


@pytest.mark.parametrize(
    "call",
    [
        "lab = Lab('toy')",
        "grader.Lab('toy')",
        "%time lab = Lab('toy')",
        "%%time\nlab = Lab('toy')",
        "!ls\nlab = Lab(unit='toy')",
        "Lab('toy').check('x')",
    ],
)
def test_a_call_is_found_however_it_stands(call):
    assert lab_units([{"cell_type": "code", "source": call}]) == ["toy"]


@pytest.mark.parametrize("call", ["# Lab('toy')", "'Lab(\"toy\")'", "Lab(toy)", "Lab('toy", "Label('toy')", "Lab()"])
def test_what_is_no_call_is_none(call):
    assert lab_units([{"cell_type": "code", "source": call}, {"cell_type": "markdown", "source": "Lab('toy')"}]) == []


def test_lists_without_end_are_not_parsed_for_a_unit():
    assert found("homework.ipynb", b"[" * 6_000_000) == Finding("")
