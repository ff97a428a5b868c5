import ast

from hypothesis import given
from hypothesis import strategies as st

from grader.judging.observe import Failure
from grader.units.source_lines import failing_line, first_lines, place, task_line

lines = st.lists(st.text("ab #=%(", max_size=4), min_size=1, max_size=3).map("\n".join)
cells = st.lists(st.tuples(st.booleans(), lines.filter(lambda text: text.split("\n")[0].strip())), max_size=6)


@given(cells)
def test_each_cell_is_found_where_it_stands(cells):
    """Each begins with a line that no other has, as a source's cells mostly do."""
    text, firsts, sources = "", [], []
    for number, (code, source) in enumerate(cells):
        source = f"begin {number} {source}"
        marker = "# %%\n" if code else "# %% [markdown]\n"
        firsts.append((text + marker).count("\n") + 1)
        text += marker + (source if code else "\n".join(f"# {line}" for line in source.split("\n"))) + "\n\n"
        sources.append(source)
    assert first_lines(text, sources) == firsts


@given(st.text(), st.lists(st.text()))
def test_whatever_the_texts_each_cell_has_a_line_of_the_file_or_none(text, sources):
    found = first_lines(text, sources)
    assert len(found) == len(sources)
    assert all(0 <= line <= text.count("\n") + 1 for line in found)


def test_equal_cells_are_found_one_after_another():
    assert first_lines("# %%\nx\n\n# %%\nx\n", ["x", "x"]) == [2, 5]
    assert first_lines("# %%\nx\n", ["y"]) == [0]


def test_a_task_is_found_by_the_name_that_is_written_out():
    tree = ast.parse("import grader\na = grader.Task('a')\nb = Quiz(\n    name='b', wrong={})\nc = Task(x)\nd('c')")
    assert [task_line(tree, name) for name in "abc"] == [2, 3, 0]


def test_the_line_with_the_name_that_an_error_tells_is_found():
    source = (
        "def f(x):\n    import scipy.nothing\n    from scipy import none\n    y = np.exo(x)\n    z = ones\n"
        "    k = k + 1\n    return z\n"
    )
    definition = ast.parse(source).body[0]

    def line(kind: str, message: str) -> int:
        return failing_line(definition, Failure(kind, message))

    assert line("ModuleNotFoundError", "No module named 'scipy.nothing'") == 2
    assert line("ImportError", "cannot import name 'none' from 'scipy'") == 3
    assert line("AttributeError", "module 'numpy' has no attribute 'exo'") == 4
    assert line("NameError", "name 'ones' is not defined. Did you mean: 'none'?") == 5
    assert line("UnboundLocalError", "cannot access local variable 'k' where it is not associated with a value") == 6
    assert line("NameError", "name 'elsewhere' is not defined") == line("ValueError", "no") == 1


def test_a_place_has_its_line_where_it_is_known(tmp_path):
    assert (place(tmp_path, 3), place(tmp_path, 0)) == (f"{tmp_path}, line 3", str(tmp_path))
