"""What `import grader` gives, and what it does not bring with it."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import grader
from tests.grader.toy import RIGHT

ROOT = Path(grader.__file__).parent


ERRORS = {"FileError", "FullDiskError", "GradebookError", "GraderError", "MissingWallError", "NotPassedError",
          "SandboxError", "SourceError", "SubmissionError", "UsageError", "ValuesError"}  # fmt: skip
LEARNERS = {"Course", "Lab"}
AUTHORS = {"FreeText", "Limits", "Quiz", "Task", "accuracy", "array", "by", "by_hand", "close", "drawn", "equal",
           "integers", "labelled", "normal", "one_hot", "perplexity", "probabilities", "uniform"}  # fmt: skip
INSTRUCTORS = {"Gradebook", "Progress", "Tally", "grade"}


def test_the_public_words_are_these_and_tab_shows_them_alone():
    assert set(dir(grader)) == ERRORS | LEARNERS | AUTHORS | INSTRUCTORS | {"__version__"}
    assert all(hasattr(grader, name) for name in dir(grader))


def test_import_star_gives_what_labs_and_sources_use():
    assert set(grader.__all__) == ERRORS | LEARNERS | AUTHORS


def test_the_version_is_the_projects():
    project = tomllib.loads((ROOT.parent / "pyproject.toml").read_text())["project"]
    assert grader.__version__ == project["version"]


def test_a_class_is_graded_from_python(tmp_path, hand_in, toy):
    hand_in("001", *RIGHT)
    folder = hand_in("002", *RIGHT[:3])
    (folder / "002" / "notes.txt").write_text("not a notebook")
    tally = grader.grade([folder], course=toy.root, gradebook=str(tmp_path / "grades.db"), jobs=2)
    assert (tally.graded, tally.problems, len(tally.left)) == (2, [], 1)
    with grader.Gradebook(str(tmp_path / "grades.db")) as book:
        points = {(row.learner, row.task): row.points for row in book.score_rows()}
    assert points["001", "total"] > points["002", "total"] == 0.0
    with pytest.raises(grader.UsageError, match="is no course"):
        grader.grade([folder], course=tmp_path)


def test_the_grader_is_imported_without_anything_heavy():
    code = "import sys; from grader import *; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT.parent, capture_output=True, text=True, check=True)
    heavy = {"tensorflow", "keras", "matplotlib", "scipy", "sklearn", "sqlalchemy", "typer", "rich", "jinja2"}
    heavy |= {"IPython", "jupytext", "nbformat", "nbconvert", "nbclient", "psutil", "labkit"}
    assert "numpy" in loaded.stdout.split()
    assert not heavy & set(loaded.stdout.split())


WRONG = [
    ({"jobs": 0}, "jobs is how many"), ({"jobs": "2"}, "jobs is how many"),
    ({"limits": {"second": 3}}, "no limit 'second'"),
    ({"limits": {"seconds": -3}}, "the limit seconds"), ({"limits": {"memory": "3GB"}}, "the limit memory"),
    ({"course": "nowhere"}, "is no course"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "said"), WRONG)
def test_wrong_use_is_a_sentence(toy, hand_in, tmp_path, more, said):
    folder = hand_in("001", *RIGHT)
    with pytest.raises(grader.UsageError, match=said):
        grader.grade([folder], **{"course": toy.root, "gradebook": tmp_path / "grades.db", **more})


def test_one_path_alone_and_paths_of_either_kind_are_taken(toy, hand_in, tmp_path):
    folder = hand_in("001", *RIGHT)
    for paths in (folder, str(folder), [str(folder)]):
        tally = grader.grade(paths, course=str(toy.root), gradebook=tmp_path / "grades.db", limits={"memory": 2.0**30})
        assert tally.graded + tally.kept == 1
