"""Files beside a notebook are there when it runs, and take the place of nothing that is the grader's."""

import numpy as np
import pytest

from grader.collecting.problems import Kind, kind_of, learner_of
from grader.judging.verdict import State
from tests.grader.grading import LIMITS, states
from tests.grader.toy import RIGHT, SETUP

PASSED, FAILED = State.PASSED, State.FAILED


HELPER = "def stable(x):\n    return 2 * x\n"
USES = (SETUP, "from helper import stable\nfactor = np.load('data/factor.npy')", "def double(x):\n    return stable(x)",
        "lab.check('double')", "def total(x):\n    return float(np.sum(x) * factor)", "lab.check('total')")  # fmt: skip


def test_a_module_and_data_beside_a_notebook_are_there_when_it_runs(graded, book, hand_in):
    folder = hand_in("001", *USES)
    (folder / "001" / "helper.py").write_text(HELPER)
    (folder / "001" / "data").mkdir()
    np.save(folder / "001" / "data" / "factor.npy", np.ones(()))
    tally = graded(folder)
    assert (states(book)["double"], states(book)["total"], tally.problems) == (PASSED, PASSED, [])
    assert tally.taken == {folder / "001" / "helper.py", folder / "001" / "data" / "factor.npy"}
    (folder / "001" / "helper.py").write_text(HELPER.replace("2", "3"))
    assert graded(folder).graded == 1 and states(book)["double"] == FAILED


def test_a_file_that_a_notebook_needs_and_that_is_not_taken_is_told(graded, hand_in):
    folder = hand_in("001", *USES)
    (folder / "001" / "helper.py").symlink_to("/etc/passwd")
    (problem,) = graded(folder).problems
    assert problem.startswith(f"{folder}/001/helper.py: it was not taken: it is a link; a link is not followed")
    assert (kind_of(problem), learner_of(problem)) == (Kind.CHOICE, "001")


SHADOWS = [
    "numpy.py", "grader.py", "labkit.py", "sitecustomize.py", "usercustomize.py", "conftest.py", "json.py", "base64.py",
    "random.py", "IPython.py", "importlib.py", "grader/judging/observe.py", "grader/core/values.py",
    "encodings/utf_8.py", "tabnanny.py", "_signal.py",
]  # fmt: skip


def test_files_called_like_the_graders_own_modules_and_libraries_change_no_verdict(graded, book, hand_in):
    """All modules of the run are loaded before it begins; what a learner's process loads later harms that alone."""
    imports = "".join(f"try:\n    import {name[:-3].replace('/', '.')}\nexcept ImportError: pass\n" for name in SHADOWS)
    folder = hand_in("001", SETUP, imports, *RIGHT[1:])
    hand_in("002", *RIGHT, "2")
    for name in SHADOWS:
        path = folder / "001" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            "import builtins\nbuiltins.shadowed = getattr(builtins, 'shadowed', 0) + 1\nload = loads = dumps = None\n"
        )
    tally = graded(folder)
    assert len(tally.taken) == len(SHADOWS) and tally.graded == 2
    assert set(states(book, "001").values()) == set(states(book, "002").values()) == {PASSED}


@pytest.mark.parametrize("name", [".checks/toy.json", ".handed_in/model.npy", "tmp", "tmp/x.py", ".ipython/startup.py"])
def test_no_file_takes_the_place_of_the_graders_own(graded, book, hand_in, name):
    folder = hand_in("001", SETUP, f"open({name!r})", *RIGHT[1:])
    path = folder / "001" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("{}")
    (problem,) = graded(folder).problems
    assert problem.startswith(f"{path}: it was not taken: its name is hidden, reserved")
    assert set(states(book).values()) == {PASSED}


def test_many_files_beside_a_notebook_find_room_whatever_one_file_may_have(graded, book, hand_in):
    sizes = "import os\nsizes = [os.path.getsize(f'data/{name}') for name in os.listdir('data')]"
    folder = hand_in("001", SETUP, sizes, *RIGHT[1:], "print(sum(sizes))")
    (folder / "001" / "data").mkdir()
    for number in range(40):
        (folder / "001" / "data" / f"{number}.bin").write_bytes(bytes(2**20))
    tally = graded(folder, {**LIMITS, "file_bytes": 2**20})
    assert (tally.problems, set(states(book).values())) == ([], {PASSED})
    (printed,) = book.outcome("001", "toy").executed["cells"][-1]["outputs"]
    assert printed["text"] == f"{40 * 2**20}\n"
