import json

import pytest

from grader.units.course import open_course

NAME = "10_my_first_unit"


@pytest.mark.slow
def test_a_new_unit_builds_verifies_and_lets_no_mutant_pass_as_it_is(grader, tmp_path):
    words = (NAME, "--course", tmp_path)
    status, out, _ = grader("new", *words)
    assert status == 0 and f"grader build {NAME}" in out
    assert grader("build", *words)[0] == 0
    status, out, _ = grader("verify", *words)
    assert (status, out) == (0, f"{NAME}: 2 tasks, 1 alternative, 7 misconceptions: all hold.\n")
    assert ": passes" not in grader("mutants", *words)[1]
    opened = json.loads((tmp_path / "labs" / f"{NAME}.ipynb").read_text())
    assert "raise NotImplementedError" in "".join("".join(cell["source"]) for cell in opened["cells"])


def test_its_title_is_made_of_its_name(grader, tmp_path):
    for name, title in ((NAME, "My first unit"), ("assessment_3_lane_keeping", "Lane keeping"), ("x", "X"), ("7", "7")):
        assert grader("new", name, "--course", tmp_path)[0] == 0
        assert open_course(tmp_path).unit(name).title == title


def test_a_source_that_is_there_is_never_overwritten(grader, tmp_path):
    grader("new", NAME, "--course", tmp_path)
    path = tmp_path / "solutions" / f"{NAME}.py"
    path.write_text("mine")
    status, _, error = grader("new", NAME, "--course", tmp_path)
    assert (status, path.read_text()) == (2, "mine") and "never overwritten" in error


@pytest.mark.parametrize("name", ["", "a b", "../x", "x.py", "_hidden", "ü", "x" * 100, "-rf"])
def test_a_name_that_no_unit_can_have_is_refused_in_a_line(grader, tmp_path, name):
    status, _, error = grader("new", "--course", tmp_path, "--", name)
    assert status == 2 and len(error.splitlines()) == 1
    assert not (tmp_path / "solutions").exists()


def test_a_folder_that_cannot_be_written_is_told(grader, tmp_path):
    (tmp_path / "solutions").write_text("a file")
    status, _, error = grader("new", NAME, "--course", tmp_path)
    assert status == 2 and "cannot be written" in error
