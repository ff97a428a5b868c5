"""A text that uses a name which nobody defines is refused before anything runs."""

import pytest

from grader.core.errors import SourceError
from tests.grader.toy import TOY, write_source

WORD = 'double_task = Task("double", points=2, hints=["What is x + x?"])\n'


def refused(tmp_path, more: str, text: str = TOY) -> str:
    """How the toy source with some more words is refused, without the path; "" if it is not."""
    course = write_source(tmp_path, text.replace(WORD, WORD + more))
    try:
        course.unit("toy")
    except SourceError as error:
        return str(error).removeprefix(str(course.sources["toy"]))
    return ""


LINE = TOY[: TOY.index(WORD)].count("\n") + 2


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ('double_task.calls("seen", "double(x) + one", x=normal(3))\n', "probe 'seen'"),
        ('double_task.misconceptions(halved=("one / 2", "Twice is more."))\n', "misconception 'halved'"),
        ('double_task.misconceptions(halved=("2 * x -> one * x", "Twice is more."))\n', "misconception 'halved'"),
        ('double_task.alternatives(other="x + one * x")\n', "alternative 'other'"),
    ],
)
def test_a_name_that_nobody_defines_is_told_with_its_line(tmp_path, more, what):
    assert refused(tmp_path, more) == (
        f", line {LINE}: the {what} of task 'double' uses the name 'one', which neither a task cell nor the notebook "
        "defines"
    )


@pytest.mark.parametrize(
    "text",
    [
        "[np.add(x, i) for i in range(2)][0]",  # imported, bound by itself, built in
        "total(x) and lab",  # of the notebook
        "(lambda y: y)(x)",
        "double(x)",
        "import math; return math.pi * x",
        "display(x)",
        "squared_of(x)",  # of a task cell
    ],
)
def test_what_task_cells_the_notebook_and_python_define_may_be_used(tmp_path, text):
    assert refused(tmp_path, f'squared_of = np.square\ndouble_task.alternatives(other="{text}")\n') == ""


def test_after_an_import_of_everything_nobody_can_tell(tmp_path):
    everything = TOY.replace(
        "import numpy as np\n\nfrom grader import Lab", "from numpy import *\nfrom grader import Lab"
    )
    assert refused(tmp_path, 'double_task.alternatives(other="x + one * x")\n', everything) == ""
