"""Notebooks from anywhere are read or refused in one sentence; solutions leave without a trace."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.core.errors import SubmissionError
from grader.core.messages import message
from grader.core.text import one_line
from grader.notebooks.cells import checked_tasks, may_ask
from grader.notebooks.notebook_file import MAX_CELLS, MAX_NOTEBOOK_BYTES, read_submission, unit_in, unit_of
from grader.units.marks import cell_ids, without_marks, without_solution


def code_cell(source, **more):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], **more}


def notebook(*cells, metadata=None) -> bytes:
    return json.dumps({"cells": list(cells), "metadata": metadata or {}, "nbformat": 4}).encode()


def test_cells_come_in_order_with_their_type_and_their_text():
    text = {"cell_type": "markdown", "source": ["# Title\n", "text"]}
    cells = read_submission(notebook(text, code_cell("x = 1"), {"cell_type": "raw", "source": "r"}))
    assert cells == [
        {"cell_type": "markdown", "source": "# Title\ntext"},
        {"cell_type": "code", "source": "x = 1"},
        {"cell_type": "raw", "source": "r"},
    ]


def test_a_byte_order_mark_is_no_obstacle():
    assert read_submission(b"\xef\xbb\xbf" + notebook(code_cell("x = 1")))[0]["source"] == "x = 1"


def test_duplicate_ids_and_other_peoples_outputs_are_left_behind():
    outputs = [{"output_type": "stream", "text": "100 points"}]
    cells = read_submission(notebook(code_cell("a", id="same", outputs=outputs), code_cell("b", id="same")))
    assert cells == [{"cell_type": "code", "source": "a"}, {"cell_type": "code", "source": "b"}]


def test_a_notebook_of_format_three_is_read():
    cells = [{"cell_type": "code", "input": ["x = 1\n", "y"], "language": "python"}, {"cell_type": "heading"}]
    document = {"worksheets": [{"cells": cells}, {"cells": None}, 5], "nbformat": 3}
    assert read_submission(json.dumps(document).encode()) == [
        {"cell_type": "code", "source": "x = 1\ny"},
        {"cell_type": "markdown", "source": ""},
    ]


def test_half_of_a_surrogate_pair_becomes_something_that_can_be_stored():
    (cell,) = read_submission(notebook(code_cell("s = '\ud83d'")))
    assert cell["source"] == "s = '?'"
    assert read_submission(notebook(code_cell("s = '😀'")))[0]["source"] == "s = '😀'"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", message("notebook.empty")),
        (b"print('hello')", message("notebook.script")),
        (b"[" * 100_000, message("notebook.other_text", beginning=one_line("[" * 100, 40))),
        (b"[]", message("notebook.no_cells_in_json")),
        (b'{"a": 1}', message("notebook.no_cells_in_json")),
        (b'{"cells": {"a": 1}}', message("notebook.no_cells_in_json")),
        (b'{"worksheets": [{"cells": 5}]}', message("notebook.no_cells")),
        (b'{"cells": []}', message("notebook.no_cells")),
        (b'{"cells": [1]}', message("notebook.no_cell", cell=1)),
        (b'{"cells": [{"source": ["a", 1]}]}', message("notebook.no_source", cell=1)),
        (b'{"cells": [{"source": null}]}', message("notebook.no_source", cell=1)),
        (notebook(*[{}] * (MAX_CELLS + 1)), message("notebook.many_cells", count=2001, most=2000)),
        (b" " * (MAX_NOTEBOOK_BYTES + 1), message("notebook.large", size=MAX_NOTEBOOK_BYTES + 1, most=50 * 2**20)),
    ],
)
def test_what_is_no_notebook_is_refused_in_one_sentence(data, said):
    with pytest.raises(SubmissionError) as caught:
        read_submission(data)
    assert caught.value.said == said
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"name": "ir", "language": "R"}}, "R"),
        ({"kernelspec": {"name": "ir", "display_name": "R"}}, "R"),
        ({"kernelspec": {"name": "julia-1.10"}}, "julia"),
        ({"language_info": {"name": "scala"}}, "scala"),
        ({"kernelspec": {"language": "R\n\x1b[2J\ud800"}}, r"R\n\x1b[2J\ud800"),
    ],
)
def test_another_languages_kernel_is_named(metadata, language):
    with pytest.raises(SubmissionError) as caught:
        read_submission(notebook(code_cell("1"), metadata=metadata))
    assert caught.value.said == message("notebook.language", language=language)
    assert str(caught.value).encode()


@pytest.mark.parametrize(
    "metadata",
    [{}, {"kernelspec": {"name": "python3"}}, {"language_info": {"name": "ipython"}}, {"kernelspec": 5}, [1]],
)
def test_a_python_notebook_is_read_whatever_its_metadata_look_like(metadata):
    assert len(read_submission(notebook(code_cell("1"), metadata=metadata))) == 1


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "code", "x", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "worksheets", "source", "cell_type", "metadata", "kernelspec", "language"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=10,
)


@given(st.binary(max_size=100) | anything.map(lambda document: json.dumps(document).encode()))
@example(b'{"cells": [{"source": "", "cell_type": []}], "metadata": {"language_info": {"name": ""}}}')
@example(b"9" * 5_000)
@settings(deadline=None, max_examples=120)
def test_whatever_comes_is_cells_or_a_submission_error(data):
    try:
        cells = read_submission(data)
    except SubmissionError as error:
        assert str(error).encode()
        return
    assert all(cell.keys() == {"cell_type", "source"} and cell["source"].encode() is not None for cell in cells)


@given(st.data())
@settings(deadline=None, max_examples=120)
def test_a_damaged_notebook_is_cells_or_a_submission_error(data):
    damaged = bytearray(notebook(code_cell("x = 'é'"), {"cell_type": "markdown", "source": ["a"]}, metadata={"k": {}}))
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert 1 <= len(read_submission(bytes(damaged))) <= 2
    except SubmissionError as error:
        assert "\n" not in str(error)


def test_checked_tasks_come_in_the_order_of_the_text_each_once():
    source = 'if True:\n    lab.check("a")\nlab.answer("b", "x"); lab.check("c")\nlab.check("a")'
    assert checked_tasks(source) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "source", ['lab.check("a")', 'lab.\\\n  answer("a", ...)', 'lab.\uff43heck("a")', '[l.check("a") for l in [lab]]']
)
def test_a_cell_that_asks_for_a_verdict_may_ask_for_one(source):
    assert checked_tasks(source) == ["a"] and may_ask(source)


def test_most_cells_cannot_ask_for_a_verdict():
    assert not may_ask("def softmax(x):\n    return x")


@pytest.mark.parametrize(
    "source", ["lab.check(", "lab.check(name)", "check('a')", "\0", "(" * 500, "'lab.check(\"a\")'"]
)
def test_what_is_no_check_asks_for_no_verdict(source):
    assert checked_tasks(source) == []


def test_a_careless_escape_in_a_learners_text_hides_no_check():
    assert checked_tasks('path = "C:\\data"\nlab.check("a")') == ["a"]


def test_an_answer_in_a_function_leaves_an_error_that_says_it_is_missing():
    source = "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION"
    assert without_solution(source) == "def f(x):\n    # Your code here.\n    raise NotImplementedError"
    assert without_marks(source) == "def f(x):\n    return x"


def test_an_answer_at_the_top_level_leaves_a_comment():
    source = "a = 1\n### BEGIN SOLUTION\nb = 2\n### END SOLUTION\nc = 3"
    assert without_solution(source) == "a = 1\n# Your code here.\nc = 3"
    assert without_marks(source) == "a = 1\nb = 2\nc = 3"


STARTER_SOURCE = """\
def train(batches):
    for batch in batches:
        ### BEGIN SOLUTION
        step(batch)
        ### STARTER
        # for x in batch:
        #     if x:
        #         ...  # one step
        #
        # # What comes then?
        ### END SOLUTION
    return 1
"""


def test_a_starter_takes_the_answers_place_at_its_own_indentation():
    assert without_solution(STARTER_SOURCE) == (
        "def train(batches):\n    for batch in batches:\n        for x in batch:\n            if x:\n"
        "                ...  # one step\n\n        # What comes then?\n    return 1\n"
    )


def test_the_reference_shows_the_answer_and_not_the_starter():
    expected = "def train(batches):\n    for batch in batches:\n        step(batch)\n    return 1\n"
    assert without_marks(STARTER_SOURCE) == expected


def test_each_of_several_regions_gets_its_own_starter():
    region = "### BEGIN SOLUTION\n{} = 1\n### STARTER\n# {} = ...\n### END SOLUTION\n"
    source = region.format("a", "a") + "print(a)\n" + region.format("b", "b")
    assert without_solution(source) == "a = ...\nprint(a)\nb = ...\n"
    assert without_marks(source) == "a = 1\nprint(a)\nb = 1\n"


@given(st.text(st.sampled_from("ab =\n"), max_size=40))
def test_a_cell_without_marks_is_left_as_it_is(source):
    assert without_solution(source) == source
    assert without_marks(source) == source


def test_cell_ids_are_the_same_for_the_same_texts_and_never_twice():
    sources = ["a", "b", "a", "a"]
    ids = cell_ids(sources)
    assert ids == cell_ids(sources)
    assert len(set(ids)) == 4
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell_id) for cell_id in ids)


@pytest.mark.parametrize(
    ("document", "unit"),
    [
        ({"metadata": {"deep_learning_labs": {"unit": "01_softmax"}}}, "01_softmax"),
        ({"metadata": {"deep_learning_labs": {"unit": "../x"}}}, ""),
        ({"metadata": {"deep_learning_labs": {"unit": 5}}}, ""),
        ({"metadata": []}, ""),
        ({}, ""),
    ],
)
def test_the_metadata_name_a_unit_or_none(document, unit):
    assert unit_in(document) == unit


def test_a_units_name_is_its_files():
    assert unit_of(Path("inbox/anna/01_softmax.ipynb")) == "01_softmax"
