import datetime
import hashlib
import os
from pathlib import Path

import pytest

from grader.bundle import new_bundle, pack
from grader.errors import SubmissionError
from grader.notebook import MAX_NOTEBOOK_BYTES
from grader.submissions import HandedIn, digest, find_submissions
from tests.grader.toy import notebook, write_source


def found(course, *paths: Path) -> tuple[list[tuple[str, str]], list[str]]:
    submissions, problems = find_submissions(paths, course)
    return [(submission.learner, submission.unit) for submission in submissions], problems


def test_a_folder_gives_each_learners_units(toy, hand_in):
    write_source(toy.root, name="other")
    for learner, unit in [("002", "toy"), ("001", "toy"), ("001", "other")]:
        folder = hand_in(learner, "1", unit=unit)
    assert found(toy, folder) == ([("001", "other"), ("001", "toy"), ("002", "toy")], [])


def test_a_file_is_its_folders_learners(toy, hand_in, monkeypatch):
    path = hand_in("001", "1") / "001" / "toy.ipynb"
    monkeypatch.chdir(path.parent)
    assert found(toy, Path("toy.ipynb")) == ([("001", "toy")], [])
    assert found(toy, path, path.parent, Path("../001/toy.ipynb")) == ([("001", "toy")], [])


def test_checkpoints_are_no_submissions(toy, hand_in):
    folder = hand_in("001", "1")
    hand_in("001/.ipynb_checkpoints", "1", unit="toy-checkpoint")
    assert found(toy, folder) == ([("001", "toy")], [])


def test_an_unknown_unit_is_told_with_the_nearest_name(toy, hand_in):
    folder = hand_in("001", "1", unit="toi")
    submissions, (problem,) = found(toy, folder)
    assert submissions == []
    assert problem.endswith(
        "toi.ipynb: this course has no unit 'toi'; did you mean 'toy'? Name the file after its unit."
    )
    assert "it has toy." in found(toy, hand_in("002", "1", unit="quite else"))[1][1]


def test_two_folders_for_one_learner_are_told_and_the_first_is_graded(toy, hand_in):
    first, second = hand_in("001", "1"), hand_in("001", "2", folder="more")
    submissions, problems = find_submissions([first, second], toy)
    assert [submission.path for submission in submissions] == [first / "001" / "toy.ipynb"]
    assert problems == [
        f"{second}/001/toy.ipynb: learner '001' handed in 'toy' twice; {first}/001/toy.ipynb is graded."
    ]


def test_a_link_is_refused_wherever_it_leads(toy, hand_in):
    folder = hand_in("001", "1")
    (folder / "002").mkdir()
    (folder / "002" / "toy.ipynb").symlink_to(toy.sources["toy"])
    (folder / "003").symlink_to(folder / "001")
    submissions, problems = found(toy, folder)
    assert submissions == [("001", "toy")]
    assert [problem.split(": it is a link; a link is not followed")[0] for problem in problems] == [
        str(folder / "003"), str(folder / "002" / "toy.ipynb"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "it cannot be read (No such file or directory)."),
        (lambda path: path.mkdir(), "no notebooks in this folder. Lay it out as <learner>/<unit>.ipynb."),
        (lambda path: os.mkfifo(path), "it is not a file."),
        (
            lambda path: path.write_text("x"),
            "it is no notebook: its name must be <unit>.ipynb, or of a bundle <unit>.zip.",
        ),
    ],
)
def test_what_is_no_submission_is_told_in_a_line(toy, tmp_path, make, reason):
    path = tmp_path / "toy.py"
    make(path)
    assert found(toy, path) == ([], [f"{path}: {reason}"])


def test_a_folder_named_like_a_notebook_is_none(toy, hand_in):
    folder = hand_in("001", "1")
    (folder / "002" / "toy.ipynb").mkdir(parents=True)
    submissions, (problem,) = found(toy, folder)
    assert (submissions, problem.endswith("it is not a file.")) == ([("001", "toy")], True)


def test_a_learners_name_that_is_no_unicode_is_written_out(toy, tmp_path):
    for name in (b"\xff", b"\xfe"):
        path = Path(os.fsdecode(os.fsencode(tmp_path / "class") + b"/" + name)) / "toy.ipynb"
        path.parent.mkdir(parents=True)
        path.touch()
    assert found(toy, tmp_path / "class") == ([("\\xfe", "toy"), ("\\xff", "toy")], [])


def test_a_file_too_large_is_read_far_enough_to_say_so(tmp_path):
    path = tmp_path / "toy.ipynb"
    with path.open("wb") as file:
        file.truncate(MAX_NOTEBOOK_BYTES * 2)
    assert len(HandedIn("001", "toy", path).read().notebook) == MAX_NOTEBOOK_BYTES + 1


def test_a_digest_is_that_of_the_bytes():
    assert digest(b"a") == hashlib.sha256(b"a").hexdigest() != digest(b"a ")


def bundle(path: Path, text: str = "1", unit: str = "toy", **files: bytes) -> Path:
    """Writes a bundle and returns the folder of all."""
    named = {f"{unit}.ipynb": notebook(text).encode(), **{f"{name}.npy": data for name, data in files.items()}}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pack(new_bundle(unit, named, datetime.datetime.now(datetime.UTC), {})))
    return path


@pytest.mark.parametrize(
    ("name", "learner"),
    [
        ("001/toy.zip", "001"),
        ("001/toy (1).zip", "001"),
        ("001/toy-2.ZIP", "001"),
        ("001/my_toy.zip", "001"),
        ("002_toy.zip", "002"),
        ("Doe Jane_12345_assignsubmission_file_toy.zip", "Doe Jane_12345_assignsubmission_file"),
        ("_toy.zip", "class"),
    ],
)
def test_a_bundle_is_its_folders_learners_and_in_the_folder_that_is_given_its_names(toy, tmp_path, name, learner):
    bundle(tmp_path / "class" / name)
    assert found(toy, tmp_path / "class") == ([(learner, "toy")], [])


def test_nobody_hands_in_as_another_from_a_folder_of_their_own(toy, tmp_path):
    path = bundle(tmp_path / "001" / "032_toy.zip")
    assert found(toy, tmp_path) == ([("001", "toy")], [])
    assert found(toy, tmp_path / "001", tmp_path / "001") == ([("001", "toy")], [])  # as a shell gives submissions/*
    assert found(toy, path) == (
        [], [f"{path}: its name and its folder may name a learner: give the folder, or name it toy.zip."],
    )  # fmt: skip


def test_a_bundle_in_a_folder_is_found_beside_notebooks(toy, hand_in):
    folder = hand_in("001", "1")
    bundle(folder / "002" / "toy.zip")
    bundle(folder / "003_toy.zip")
    assert found(toy, folder) == ([("001", "toy"), ("002", "toy"), ("003", "toy")], [])


def test_a_bundle_is_read_like_the_notebook_and_the_files_in_it(tmp_path):
    path = bundle(tmp_path / "toy.zip", "1", model=b"weights", other=b"not asked for")
    (tmp_path / "toy.ipynb").write_text(notebook("1"))
    (tmp_path / "model.npy").write_bytes(b"weights")
    content = HandedIn("001", "toy", path).read(["model.npy", "missing.npy"])
    assert content.files == {"model.npy": b"weights"}
    assert content.digest == HandedIn("001", "toy", tmp_path / "toy.ipynb").read(["model.npy"]).digest


def test_a_bundle_unlike_the_notebook_beside_it_is_told_and_the_first_is_graded(toy, hand_in):
    folder = hand_in("001", "1")
    bundle(folder / "001" / "toy.zip", "2")
    submissions, (problem,) = found(toy, folder)
    assert submissions == [("001", "toy")]
    assert problem == (f"{folder}/001/toy.zip: learner '001' handed in 'toy' twice; {folder}/001/toy.ipynb is graded.")


def test_a_bundle_of_the_notebook_and_the_files_beside_it_is_the_same(toy, hand_in):
    folder = hand_in("001", "1")
    (folder / "001" / "model.npy").write_bytes(b"weights")
    bundle(folder / "001" / "toy.zip", "1", model=b"weights")
    assert found(toy, folder) == ([("001", "toy")], [])
    (folder / "001" / "model.npy").write_bytes(b"trained on")
    assert "handed in 'toy' twice" in found(toy, folder)[1][0]


def test_a_bundle_whose_name_does_not_say_its_unit_is_told_how_to_name_it(toy, tmp_path):
    path = bundle(tmp_path / "001" / "homework.zip")
    assert found(toy, path) == (
        [], [f"{path}: it is a bundle for 'toy': name it toy.zip, or <learner>_toy.zip."],
    )  # fmt: skip


def test_a_bundle_of_another_course_is_told(toy, tmp_path):
    path = bundle(tmp_path / "001" / "toi.zip", unit="toi")
    _, (problem,) = found(toy, path)
    assert "this course has no unit 'toi'; did you mean 'toy'?" in problem


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x05\x06" + bytes(18), b"Dear instructor"])
def test_a_zip_file_that_is_no_bundle_is_told_and_the_rest_is_found(toy, hand_in, data):
    folder = hand_in("001", "1")
    bundle(folder / "002" / "toy.zip").write_bytes(data)
    submissions, (problem,) = found(toy, folder)
    assert submissions == [("001", "toy")]
    assert problem.startswith(f"{folder}/002/toy.zip: ") and problem.endswith("as `lab.submit()` made it.")


def test_a_link_to_a_bundle_is_refused(toy, tmp_path):
    path = tmp_path / "001" / "toy.zip"
    path.parent.mkdir()
    path.symlink_to(bundle(tmp_path / "002" / "toy.zip"))
    assert "it is a link; a link is not followed" in found(toy, path)[1][0]


def test_a_bundle_that_was_changed_is_found_and_told_when_it_is_read(toy, tmp_path):
    path = bundle(tmp_path / "001" / "toy.zip", model=b"weights")
    path.write_bytes(path.read_bytes().replace(b"weights", b"another"))
    (submission,), _ = find_submissions([path], toy)
    with pytest.raises(SubmissionError, match="damaged|was changed"):
        submission.read()


def test_a_bundle_exchanged_for_another_units_is_told(toy, tmp_path):
    path = bundle(tmp_path / "001" / "toy.zip")
    (submission,), _ = find_submissions([path], toy)
    bundle(path, unit="other")
    with pytest.raises(SubmissionError, match="it is for 'other' by now"):
        submission.read()
