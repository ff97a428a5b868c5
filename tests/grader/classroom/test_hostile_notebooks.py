"""Notebooks that are broken, odd or made to do harm: each gives verdicts, and pages that do nothing."""

import gzip
import json
import time

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from grader.core.errors import SubmissionError
from grader.core.values import dumps
from grader.judging.run_record import RunJob
from grader.notebooks.cells import checked_tasks
from grader.notebooks.notebook_file import MAX_CELLS, MAX_NOTEBOOK_BYTES, MAX_SOURCE, read_submission
from grader.units.run_plan import marked_cells
from tests.grader.hostile import ATTACKS, Way, assert_one_line, follow, hostile, mutate, nested, texts
from tests.grader.said import words
from tests.grader.toy import RIGHT, TOY

SOURCES = [
    *RIGHT, *ATTACKS, "%%bash\nrm -rf /", "!ls", "%timeit 1", "%load_ext x", "?", "x = 1\rprint(x)\r", "\ufeffx = 1",
    "lab.check('double'", "(" * 300, "-" * 3_000 + "1", "'''", "\tif", "lab.check('double')\0",
    "def double(x): return x",
    "lab.check('double')" * 30, "# coding: latin-1\nx", "\\", "await x", "f'{", "0" * 5_000, "é" * 1_000, "$$" * 500,
    "[" * 900 + "](", "> " * 400 + "x", "* " * 500, "|a" * 400 + "\n" + "|-" * 400, "`" * 999, "#" * 99, "\n" * 900,
    "**_" * 900,
]  # fmt: skip
sources = st.sampled_from(SOURCES) | texts
OUTPUTS = [
    {"output_type": "stream", "name": "stdout", "text": ["a", 1]},
    {"output_type": "display_data", "data": {"text/html": "<script>", "image/png": "AAAA"}, "metadata": []},
    {"output_type": "execute_result", "data": [], "execution_count": "x"},
    {"output_type": "error", "traceback": "no list", "ename": 1},
    {},
    [],
    None,
]
CELL_METADATA = [{}, {"tags": ["task"], "x": "<script>"}, {"nbgrader": {"points": 99}}, 7]
METADATA = [
    {"kernelspec": {"name": "python3", "language": "python", "display_name": "<script>"}},
    {"kernelspec": {"name": "ir", "language": "R"}},
    {"kernelspec": {"name": "julia-1.10"}},
    {"kernelspec": {"language": "R\n\x1b[2J"}},
    {"language_info": {"name": "=cmd"}, "kernelspec": None},
    {"title": "<script>", "celltoolbar": {"a": [1]}},
    [],
    None,
    {},
]


@st.composite
def notebooks(draw) -> dict:
    """A notebook that somebody could have saved, in a format from 1 to 4."""
    kinds = st.sampled_from(["code", "code", "code", "markdown", "raw", "heading", "html", 7])
    cells = []
    for source in draw(st.lists(sources, min_size=1, max_size=6)):
        lines = draw(st.booleans())
        cells.append(
            {
                "cell_type": draw(kinds),
                "id": draw(st.sampled_from(["same", "a", "", 7])),
                "metadata": draw(st.sampled_from(CELL_METADATA)),
                "outputs": [draw(st.sampled_from(OUTPUTS))],
                "source": source.splitlines(keepends=True) if lines else source,
                "attachments": {"x.svg": {"image/svg+xml": "<svg onload=alert(1)>"}},
            }
        )  # fmt: skip
    metadata = draw(st.sampled_from(METADATA))
    if draw(st.integers(0, 5)):
        return {
            "cells": cells,
            "metadata": metadata,
            "nbformat": 4,
            "nbformat_minor": draw(st.sampled_from([0, 5, 99])),
        }
    for cell in cells:
        cell["input"] = cell.pop("source")
    sheets = [{"cells": cells}, draw(st.sampled_from([{"cells": []}, {"cells": None}, 7, {}]))]
    return {"worksheets": sheets, "metadata": metadata, "nbformat": draw(st.integers(1, 3))}


DAMAGES = {
    "none": lambda text: text.encode("utf-8", "surrogatepass"),
    "BOM": lambda text: b"\xef\xbb\xbf" + text.encode("utf-8", "replace"),
    "UTF-16": lambda text: text.encode("utf-16", "replace"),
    "UTF-32": lambda text: text.encode("utf-32-be", "replace"),
    "Latin-1": lambda text: text.encode("latin-1", "replace"),
    "cut": lambda text: text.encode("utf-8", "replace")[: len(text) * 2 // 3],
    "two": lambda text: (text + text).encode("utf-8", "replace"),
    "lines": lambda text: (text + "\n" + text + "\n").encode("utf-8", "replace"),
    "gzip": lambda text: gzip.compress(text.encode("utf-8", "replace")),
    "CR": lambda text: json.dumps(json.loads(text), indent=1).replace("\n", "\r").encode("utf-8", "replace"),
    "NaN": lambda text: text.replace("4", "NaN").replace("1", "-Infinity").encode("utf-8", "replace"),
    "number": lambda text: text.replace(" 4", "9" * 5_000, 1).encode("utf-8", "replace"),
    "NUL": lambda text: text.replace("a", "\0").encode("utf-8", "replace"),
    "quotes": lambda text: text.replace('"', "'").encode("utf-8", "replace"),
    "keys twice": lambda text: text.replace('"metadata"', '"cells"').encode("utf-8", "replace"),
    "HTML": lambda text: b"<!doctype html><pre>" + text.encode("utf-8", "replace"),
}


@st.composite
def files(draw) -> bytes:
    """The bytes of a notebook in which a few things are wrong."""
    document = draw(notebooks())
    if draw(st.booleans()):
        document = mutate(draw, document)
    text = json.dumps(document, ensure_ascii=draw(st.booleans()))
    damage = draw(st.sampled_from(["none", "none", "none", *DAMAGES]))
    event(damage)
    data = bytearray(DAMAGES[damage](text))
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 3]))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data)


@pytest.fixture(scope="module")
def way(tmp_path_factory) -> Way:
    return Way(tmp_path_factory.mktemp("course"), TOY)


@hostile("files read")
@given(files())
def test_a_file_is_cells_that_can_be_run_or_an_error_of_one_line(way, data):
    try:
        cells = read_submission(data)
    except SubmissionError as error:
        event("refused")
        assert_one_line(str(error), 250)
        return
    event("read")
    marked = marked_cells(way.unit, cells)
    dumps({"cells": marked})
    assert all(cell["source"].encode() is not None for cell in marked)
    assert all(isinstance(task, str) for cell in cells for task in checked_tasks(cell["source"]))


@pytest.mark.slow
@hostile("files graded")
@given(files(), st.lists(st.sampled_from(OUTPUTS[:5]), max_size=3))
def test_a_file_gives_verdicts_and_pages_that_do_nothing(way, data, outputs):
    frames = [{"kind": "cell", "cell": number, "outputs": outputs, "seconds": 0.1} for number in range(3)]
    way.grade(data, [{"kind": "begin", "cell": 0}, *frames, {"kind": "end"}])
    way.check()


LARGE = {
    "a cell of 1 MB": json.dumps({"cells": [{"cell_type": "code", "source": "x = 1\n" * 170_000}]}).encode(),
    "a text of 1 MB": json.dumps({"cells": [{"cell_type": "markdown", "source": "*[`<" * 250_000}]}).encode(),
    "cells without end": json.dumps({"cells": [{}] * 200_000}).encode(),
    "as many cells as there may be": json.dumps({"cells": [{"cell_type": "code",
    "source": "*x*"}] * MAX_CELLS}).encode(),
    "as much text as there may be": json.dumps({"cells": [{"source": "é" * MAX_SOURCE}]}).encode(),
    "text without end": json.dumps({"cells": [{"source": "é" * MAX_SOURCE}, {"source": "x"}]}).encode(),
    "astral text": json.dumps({"cells": [{"cell_type": "code", "source": "😀" * MAX_SOURCE}]},
    ensure_ascii=False).encode(),
    "lists without end": b"[" + b"[]," * (MAX_NOTEBOOK_BYTES // 3 - 1) + b"[]]",
    "brackets": b"[" * 1_000_000,
    "objects": b'{"cells":' * 1_000_000,
    "nested": json.dumps({"cells": [{"source": "x", "metadata": nested(900)}]}).encode(),
    "nested source": json.dumps({"cells": [{"source": nested(900)}]}).encode(),
    "a number": b'{"cells": ' + b"9" * 1_000_000 + b"}",
    "spaces": b" " * MAX_NOTEBOOK_BYTES,
    "NULs": b"\0" * MAX_NOTEBOOK_BYTES,
    "lines of text": json.dumps({"cells": [{"source": ["x"] * 1_000_000}]}).encode(),
    "keys twice": b'{"cells": [], ' * 1 + b", ".join([b'"cells": [{"source": "x"}]'] * 10_000) + b"}",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_a_large_file_is_dealt_with_in_seconds(way, name):
    started = time.process_time()
    way.grade(LARGE[name], [{"kind": "end"}])
    way.check()
    assert time.process_time() - started < 8


def test_as_much_text_as_may_be_run_fits_into_one_frame(way):
    cells = marked_cells(way.unit, read_submission(LARGE["astral text"]))
    assert words(follow([{"kind": "end"}], RunJob(cells, {}, {}, way.unit.limits))) == ""
