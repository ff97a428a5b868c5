"""A course in the cloud: notebooks that install what they need, and links that lead to them."""

import csv
import json
import re

import pytest

from grader.authoring import build
from grader.authoring.cloud import first_cell, for_colab
from grader.notebooks.notebook_file import read_submission
from tests.grader.toy import RIGHT, text

PROJECT = '[project]\nname = "toys"\nversion = "2.1"\n'


@pytest.fixture
def course(toy):
    """The toy course with a learner's notebook and a name."""
    (toy.root / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    path = toy.learner_notebook("toy")
    path.parent.mkdir(exist_ok=True)
    path.write_text(build.learner_text(toy.unit("toy")), encoding="utf-8")
    return toy


def cells(path):
    return read_submission(path.read_bytes())


def test_a_notebook_for_colab_has_one_cell_more_between_title_and_code(course, grader):
    status, out, err = grader("cloud", "me/toys", "--course", course.root)
    assert (status, out.strip(), err) == (0, str(course.root.resolve() / "cloud" / "README.md"), "")
    before, after = cells(course.learner_notebook("toy")), cells(course.root / "cloud" / "toy.ipynb")
    assert [cell for cell in after if cell not in before] == [after[1]]
    assert after[1] == {"cell_type": "code", "source": first_cell(course)}
    assert len(after) == len(before) + 1 and after[0] == before[0]


def test_the_first_cell_installs_the_courses_own_name_and_version_and_names_no_address(course):
    assert first_cell(course).endswith("except ModuleNotFoundError:\n    %pip install -q --no-deps toys==2.1")
    assert "://" not in first_cell(course)


def test_the_page_leads_to_binder_and_to_every_copy(course, grader):
    grader("cloud", "me/toys", "--branch", "spring term/1", "--course", course.root)
    links = re.findall(r"\]\((https://[^)]+)\)", (course.root / "cloud" / "README.md").read_text(encoding="utf-8"))
    assert [link for link in links if "badge" not in link] == [
        "https://mybinder.org/v2/gh/me/toys/spring%20term%2F1?urlpath=lab/tree/labs",
        "https://colab.research.google.com/github/me/toys/blob/spring%20term/1/cloud/toy.ipynb",
    ]


def test_a_link_to_a_file_beside_the_notebook_is_made_whole_and_others_stay():
    text = "[glossary](glossary.md), [a](#part), [b](https://b.example/), `f(x)`"
    notebook = {"cells": [{"cell_type": "markdown", "source": [text]}]}
    (cell, _) = for_colab(notebook, "import x", "https://github.com/me/toys/blob/main/labs")["cells"]
    assert cell["source"] == [text.replace("(glossary", "(https://github.com/me/toys/blob/main/labs/glossary")]


def test_the_same_course_gives_the_same_bytes(course, grader):
    grader("cloud", "me/toys", "--course", course.root)
    first = {path.name: path.read_bytes() for path in (course.root / "cloud").iterdir()}
    grader("cloud", "me/toys", "--course", course.root)
    assert {path.name: path.read_bytes() for path in (course.root / "cloud").iterdir()} == first
    assert json.loads(first["toy.ipynb"])["metadata"]["deep_learning_labs"]["unit"] == "toy"


@pytest.mark.parametrize(
    ("spoil", "repository", "sentence"),
    [
        ("", "https://github.com/me/toys", "the repository must be OWNER/NAME as on GitHub, not 'https://"),
        ("pyproject.toml", "me/toys", "holds no pyproject.toml with a name and a version: Colab installs a course"),
        ("labs/toy.ipynb", "me/toys", "has no learner's notebook: `grader build` makes them."),
    ],
)
def test_what_is_missing_is_told_in_a_sentence_and_nothing_is_written(course, grader, spoil, repository, sentence):
    if spoil:
        (course.root / spoil).unlink()
    status, out, err = grader("cloud", repository, "--course", course.root)
    assert (status, out, (course.root / "cloud").exists()) == (2, "", False)
    assert sentence in err


def test_a_damaged_notebook_is_told(course, grader):
    course.learner_notebook("toy").write_text('{"cells": []}', encoding="utf-8")
    status, _, err = grader("cloud", "me/toys", "--course", course.root)
    assert (status, "toy.ipynb is no notebook: run `grader build` again." in err) == (2, True)


@pytest.mark.slow
def test_what_was_written_on_colab_is_graded_like_any_other(course, grader, hand_in, tmp_path):
    hand_in("plain", *RIGHT)
    folder = hand_in("colab", first_cell(course), *RIGHT)
    words = ("--course", course.root, "--gradebook", tmp_path / "grades.db", "--report", tmp_path / "report")
    status, _, err = grader("grade", folder, *words)
    rows = csv.DictReader((tmp_path / "report" / "scores.csv").read_text(encoding="utf-8").splitlines())
    points = {}
    for row in rows:
        points.setdefault(row["learner"], {})[row["task"]] = row["points"], row["verdict"]
    assert (status, [line for line in err.splitlines() if line.startswith(("!", "-"))]) == (0, [])
    assert points["colab"] == points["plain"]


@pytest.mark.slow
def test_in_the_sandbox_the_first_cell_prints_nothing(course, run):
    assert text(run(first_cell(course))) == ""
