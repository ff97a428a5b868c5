"""Code that would cost the grader itself minutes and gigabytes to read, before or after it ran behind the walls."""

import ast
import time

import pytest

from grader.notebooks.cells import MOST_CODE, tree_of
from grader.notebooks.mentions import problem_of
from grader.notebooks.needed_files import needs_of
from grader.notebooks.training_cells import without_training
from grader.notebooks.unanswered import answers_given
from grader.notebooks.verdict_places import asked_in

NAME = "a." * 20_000 + "a"  # CPython takes 400 MB for it, and four times as much for one twice as long
CODE = {
    "import": f"import {NAME}",
    "from": f"from {NAME} import a",
    "blanks": "import " + "a\t . " * 20_000 + "a",
    "lines": "import " + "a.\\\n" * 20_000 + "a",
    "other letters": "import " + "é\u0301\u00b7." * 15_000 + "a",
    "among others": f"lab.check('total')\nif a:\n    import b, {NAME} as c",
    "long": "f'" + "{a}" * 1_000_000 + "'",
}
READERS = {
    "needs": lambda source: needs_of(source, {}),
    "places": asked_in,
    "problems": problem_of,
    "training": lambda source: without_training([source]),
    "answers": answers_given,
}


@pytest.mark.parametrize("source", CODE.values(), ids=CODE)
def test_it_is_not_read(source):
    with pytest.raises(ValueError, match="too long"):
        tree_of(source)


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize("source", CODE.values(), ids=CODE)
def test_whoever_reads_a_notebook_is_soon_done_with_it(reader, source):
    started = time.process_time()
    reader(source)
    assert time.process_time() - started < 2.0


def test_what_people_write_is_read():
    chain = "a" + ".fit(x).layers[0]" * 200
    lines = "np.pi\n" * 500
    for source in ("import a.b.c.d.e", chain, lines, "x = 1\n" * (MOST_CODE // 6)):
        assert ast.dump(tree_of(source)) == ast.dump(ast.parse(source))
    assert asked_in(f"lab.check('total')\nimport {NAME}") == ["total"]
