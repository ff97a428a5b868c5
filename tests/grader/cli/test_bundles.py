"""`grader submit` and `grader receipt`, as a learner and an instructor type them."""

import pytest

from grader.bundles.bundle import read_manifest
from grader.collecting.collect import read_bundle_file
from grader.core.messages import message, refused
from tests.grader.toy import SETUP, notebook


def test_a_notebook_becomes_a_bundle_whose_receipt_is_printed(labs, grader):
    status, out, err = grader("submit", labs / "toy.ipynb")
    code = read_bundle_file(labs / "toy.zip").manifest.code
    assert (status, err) == (0, "")
    assert out.startswith(f"{labs}/toy.zip\nunit     toy\n") and out.endswith(f"receipt  {code}\n")


def test_a_notebook_outside_its_course_says_how_to_name_that(labs, grader, tmp_path_factory, monkeypatch):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (labs / "toy.ipynb").rename(elsewhere / "toy.ipynb")
    monkeypatch.chdir(elsewhere)
    status, out, err = grader("submit", "toy.ipynb")
    assert (status, out) == (2, "")
    assert err == (
        f"! toy.ipynb: the course that unit 'toy' belongs to was not found from {elsewhere}: name its folder with "
        "--course DIR\n"
    )
    for course in (labs.parent, labs):
        assert grader("submit", "toy.ipynb", "--course", course)[0] == 1  # its model is not there
        assert (elsewhere / "toy.zip").is_file()


def test_what_is_missing_is_told_beside_the_bundle(labs, grader):
    (labs / "toy.ipynb").write_text(notebook(SETUP))
    status, out, err = grader("submit", "toy.ipynb")
    assert status == 1 and "receipt  " in out
    assert err == "! toy.ipynb: Not attempted, as the notebook was saved: double, total, quiz.\n"


def test_of_several_notebooks_a_bad_one_stops_no_other(labs, grader):
    (labs / "bad.ipynb").write_text("[")
    status, out, err = grader("submit", "none.ipynb", "bad.ipynb", "toy.ipynb")
    assert status == 2 and out.count("receipt  ") == 1
    first, second = err.splitlines()
    assert first.startswith("! none.ipynb: ") and "No such file" in first
    assert second == f"! bad.ipynb: {refused(message('notebook.other_text', beginning='['))}"


def test_the_receipt_of_what_was_handed_in_is_the_learners(labs, grader):
    _, out, _ = grader("submit", "toy.ipynb")
    printed = out.split("\n", 1)[1]
    code = printed.split()[-1]
    handed_in = (labs / "toy.zip").rename(labs / "032_toy.zip")
    assert grader("receipt", handed_in) == (0, printed, "")
    assert grader("receipt", handed_in, code.lower()) == (0, f"{printed}The code belongs to this bundle.\n", "")
    assert grader("receipt", handed_in, "AAAA" + code[4:])[:2] == (
        1,
        f"{printed}The code does not belong to this bundle.\n",
    )


def test_another_bundle_of_the_same_notebook_has_another_receipt(labs, grader):
    codes = []
    for weights in (b"one", b"two"):
        (labs / "model.keras").write_bytes(weights)
        codes.append(grader("submit", "toy.ipynb")[1].split()[-1])
    assert len(set(codes)) == 2
    with (labs / "toy.zip").open("rb") as file:
        assert read_manifest(file).code == codes[1]


@pytest.mark.parametrize("data", [b"", b"PK", b"\x1b[2J" * 20])
def test_what_is_no_bundle_has_no_receipt(labs, grader, data):
    (labs / "toy.zip").write_bytes(data)
    status, out, err = grader("receipt", "toy.zip")
    assert (status, out) == (1, "")
    assert err.startswith("toy.zip: this is no bundle") and err.count("\n") == 1


def test_a_bundle_that_is_not_there_is_wrong_use(labs, grader):
    assert grader("receipt", "none.zip") == (2, "", "grader: none.zip cannot be read (No such file or directory).\n")
