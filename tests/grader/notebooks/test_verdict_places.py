"""Where a verdict stands: the notebook's own text decides, the process that ran it may only choose among its cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.notebooks.verdict_places import asked_in, asking_cells, place_of


def cells(*sources: str, kind: str = "code") -> list[dict[str, str]]:
    return [{"cell_type": kind, "source": source} for source in sources]


def test_a_verdict_stands_below_the_cell_that_asks_for_it():
    asking = asking_cells(cells("x = 1", "lab.check('a')", "lab.answer('b', 'c')", "lab.check('a')"))
    assert asking == {"a": [1, 3], "b": [2]}


@pytest.mark.parametrize(
    ("asking", "said", "place"),
    [
        ([1, 3], 1, 1),
        ([1, 3], 3, 3),
        ([1, 3], 2, 3),
        ([1, 3], 10, 3),  # it was observed at the end, or somebody says so
        ([1, 3], 100_000, 3),
        ([], 1, 10),
        ([], 10, 10),
    ],
)
def test_of_the_cells_that_ask_the_run_may_name_one_and_else_it_is_the_last(asking, said, place):
    assert place_of(asking, said, 10) == place


@given(st.lists(st.integers(0, 9), max_size=4), st.integers(), st.just(10))
def test_no_word_of_a_run_moves_a_verdict_away_from_the_cells_that_ask(asking, said, end):
    assert place_of(asking, said, end) in (asking or [end])


@pytest.mark.parametrize(
    "source",
    [
        "lab.check('a')",
        'lab.check("a")',
        "lab.check(\n    'a',\n)",
        "for _ in range(2):\n    print(lab.check('a'))",
        "%matplotlib inline\nlab.check('a')",
        "%%time\nlab.check('a')",
        "%time lab.check('a')",
        "!ls\nlab . check ( 'a' )",
        "    %time lab.check('a')",
        "files = !ls\nlab.answer('a', 'b')",
        "lab.check('a')  # \u00e9\n?lab",
        "def f(:\n    lab.check('a')",  # what is wrong is shown there, too
        "lab.\uff43heck('a')",  # Python reads these letters as the plain ones
    ],
)
def test_a_check_is_found_between_magics_too(source):
    assert asked_in(source) == ["a"]
    assert asking_cells(cells(source)) == {"a": [0]}


@pytest.mark.parametrize(
    "source",
    ["", "lab.check(name)", "check('a')", "# lab.check('a')", "text = \"lab.check('a')\"", "lab.hint('a')", "\0"],
)
def test_what_asks_for_nothing_by_name_asks_for_nothing(source):
    assert asked_in(source) == []


def test_what_is_no_code_asks_for_nothing():
    assert asking_cells(cells("lab.check('a')", kind="markdown")) == {}


@given(st.text(alphabet="lab.check(answer'\"a)\n%! ", max_size=40))
def test_any_text_gives_names(source):
    assert all(name.isidentifier() or name for name in asked_in(source))
