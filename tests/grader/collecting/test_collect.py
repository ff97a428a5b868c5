import datetime
import hashlib
import os
from pathlib import Path

import pytest

from grader.bundles.bundle import new_bundle, pack
from grader.collecting.collect import collect, digest, find_submissions
from grader.collecting.problems import Kind, Left, in_full, kind_of, learner_of, of_kind
from grader.core.errors import SubmissionError
from tests.grader.toy import RIGHT, notebook, write_source


def found(course, *paths: Path) -> tuple[list[tuple[str, str]], list[str]]:
    """Learner and unit of each submission, and what was refused."""
    submissions, problems = find_submissions(paths, course)
    return [(submission.learner, submission.unit) for submission in submissions], of_kind(problems, Kind.REFUSED)


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


def test_a_notebook_of_no_unit_is_told_with_the_nearest_name(toy, hand_in):
    folder = hand_in("001", "1", unit="toi")
    submissions, (problem,) = found(toy, folder)
    assert submissions == []
    assert problem == (
        f"{folder}/001: learner '001' handed in nothing that can be graded. `toi.ipynb` is a notebook of no unit (this "
        "course has no unit 'toi'; did you mean 'toy'?). Hand in the notebook itself."
    )
    assert "it has toy)" in found(toy, hand_in("002", "1", unit="quite else"))[1][1]


def test_two_folders_for_one_learner_are_told_and_the_first_is_graded(toy, hand_in):
    first, second = hand_in("001", "1"), hand_in("001", "2", folder="more")
    submissions, problems = find_submissions([first, second], toy)
    assert [submission.path for submission in submissions] == [first / "001" / "toy.ipynb"]
    assert [kind_of(problem) for problem in problems] == [Kind.CHOICE]
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
    path = tmp_path / "notes.py"
    make(path)
    assert found(toy, path) == ([], [f"{path}: {reason}"])


def test_a_folder_named_like_a_notebook_is_none(toy, hand_in):
    folder = hand_in("001", "1")
    (folder / "002" / "toy.ipynb").mkdir(parents=True)
    submissions, (problem,) = found(toy, folder)
    assert (submissions, problem.endswith("it is a folder, not a file.")) == ([("001", "toy")], True)


def test_a_learners_name_that_is_no_unicode_is_written_out(toy, tmp_path):
    for name in (b"\xff", b"\xfe"):
        path = Path(os.fsdecode(os.fsencode(tmp_path / "class") + b"/" + name)) / "toy.ipynb"
        path.parent.mkdir(parents=True)
        path.touch()
    assert found(toy, tmp_path / "class") == ([("\\xfe", "toy"), ("\\xff", "toy")], [])


def test_a_digest_is_that_of_the_bytes():
    assert digest(b"a") == hashlib.sha256(b"a").hexdigest() != digest(b"a ")


TIME = datetime.datetime(2026, 3, 1, 12, 30, tzinfo=datetime.UTC)


def bundle(path: Path, text: str = "1", unit: str = "toy", time: datetime.datetime = TIME, **files: bytes) -> Path:
    """Writes a bundle and returns its path."""
    named = {f"{unit}.ipynb": notebook(text).encode(), **{f"{name}.npy": data for name, data in files.items()}}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pack(new_bundle(unit, named, time, {})))
    return path


def chosen(course, folder: Path) -> tuple[str, list[str]]:
    """The path of the only submission in a folder, and those that the notes say it was chosen from."""
    found = collect([folder], course)
    (submission,), problems = found.submissions, found.problems + found.left
    told = [p for p in problems if "handed in" in p and kind_of(p) is Kind.CHOICE]
    assert all(problem.endswith(f"; {submission} is graded.") for problem in told)
    others = [problem.split(": ")[0].removeprefix(f"{folder}/") for problem in told]
    aside = [str(p.at / name).removeprefix(f"{folder}/") for p in problems if isinstance(p, Left) for name in p.files]
    return str(submission).removeprefix(f"{folder}/"), [*others, *(name for name in aside if name.endswith("b"))]


@pytest.mark.parametrize(
    ("name", "learner"),
    [
        ("001/toy.zip", "001"),
        ("001/toy (1).zip", "001"),
        ("001/toy-2.ZIP", "001"),
        ("001/my_toy.zip", "001"),
        ("002_toy.zip", "002"),
        ("Doe Jane_12345_assignsubmission_file_toy.zip", "Doe Jane_12345"),
        ("doejane_12345_678_toy-1.zip", "doejane_12345"),
        ("_toy.zip", "class"),
    ],
)
def test_a_bundle_is_its_folders_learners_and_in_the_folder_that_is_given_its_names(toy, tmp_path, name, learner):
    bundle(tmp_path / "class" / name)
    assert found(toy, tmp_path / "class") == ([(learner, "toy")], [])


def test_nobody_hands_in_as_another_from_a_folder_of_their_own(toy, tmp_path):
    path = bundle(tmp_path / "class" / "001" / "032_toy.zip")
    assert found(toy, path.parents[1]) == ([("001", "toy")], [])
    assert found(toy, path.parent, path.parent) == ([("001", "toy")], [])  # as a shell gives submissions/*
    assert found(toy, path) == (
        [], [f"{path}: its name and its folder may name a learner: give the folder, or name it after its unit."],
    )  # fmt: skip


def test_a_learner_of_the_gradebook_is_no_other_one_where_the_folder_is_given_alone(toy, tmp_path):
    """Names in the folder that is given say learners; a learner could name a file after another one."""
    path = bundle(tmp_path / "001" / "032_toy.zip")
    for given in (path, path.parent):
        (submission,), _ = find_submissions([given], toy, ["001", "032"])
        assert submission.learner == "001"


def test_a_bundle_in_a_folder_is_found_beside_notebooks(toy, hand_in):
    folder = hand_in("001", "1")
    bundle(folder / "002" / "toy.zip")
    bundle(folder / "003_toy.zip")
    assert found(toy, folder) == ([("001", "toy"), ("002", "toy"), ("003", "toy")], [])


def test_a_bundle_is_what_its_learner_meant_to_hand_in_and_goes_before_the_notebook_beside_it(toy, hand_in):
    folder = hand_in("001", "1")
    bundle(folder / "001" / "toy.zip", "2")
    assert chosen(toy, folder) == ("001/toy.zip", ["001/toy.ipynb"])


def test_of_two_bundles_the_later_one_is_graded(toy, tmp_path):
    later = bundle(tmp_path / "class" / "001" / "toy.zip", "2", time=TIME + datetime.timedelta(seconds=1))
    bundle(later.with_name("toy (1).zip"), "1")
    assert chosen(toy, tmp_path / "class") == ("001/toy.zip", ["001/toy (1).zip"])


def test_a_bundle_of_the_notebook_and_the_files_beside_it_is_the_same(toy, hand_in):
    folder = hand_in("001", "1")
    (folder / "001" / "model.npy").write_bytes(b"weights")
    bundle(folder / "001" / "toy.zip", "1", model=b"weights")
    assert chosen(toy, folder) == ("001/toy.zip", [])
    (folder / "001" / "model.npy").write_bytes(b"trained on")
    assert chosen(toy, folder) == ("001/toy.zip", ["001/toy.ipynb"])


def test_a_notebook_that_shows_other_outputs_is_the_same(toy, hand_in):
    """Whoever runs `lab.submit()` and saves has another file than the one in the bundle."""
    folder = hand_in("001", "1")
    bundle(folder / "001" / "toy.zip", "1")
    shown = notebook("1").replace('"outputs": []', '"outputs": [{"output_type": "stream", "text": "saved"}]')
    (folder / "001" / "toy.ipynb").write_text(shown)
    assert chosen(toy, folder) == ("001/toy.zip", [])


def test_a_bundle_of_any_name_is_found_in_its_learners_folder(toy, tmp_path):
    path = bundle(tmp_path / "001" / "homework.zip")
    assert found(toy, path) == ([("001", "toy")], [])


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
    assert problem.startswith(f"{folder}/002") and "toy.zip" in problem and learner_of(problem) == "002"


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


# Names for the same unit in one folder: the one that is graded, and those that are told.
COPIES = [
    (["toy", "toy (1)"], "toy (1)"),
    (["toy (2)", "toy (10)", "toy"], "toy (10)"),
    (["toy", "toy-Copy1"], "toy"),
    (["toy", "toy copy 2", "toy - Copy", "old_toy"], "toy"),
    (["homework", "toy-Copy1"], "homework"),
    (["toy copy"], "toy copy"),
    (["toy", "Copy of toy"], "Copy of toy"),
    (["toy", "toy_final", "toy (3)"], "toy_final"),
    (["toy_v1", "toy_v2"], "toy_v2"),
    (["toy", "toy_play", "toy_notes", "anna_toy"], "toy"),
    (["toy_name", "homework"], "toy_name"),
    (["toy", "homework"], "toy"),
    (["homework"], "homework"),
]


@pytest.mark.parametrize(("names", "graded"), COPIES)
def test_of_several_copies_the_same_one_is_always_graded_and_the_others_are_told(toy, hand_in, names, graded):
    for number, name in enumerate(names):
        folder = hand_in("001", *RIGHT, str(number), unit=name)
    path, _ = chosen(toy, folder)
    assert path == f"001/{graded}.ipynb"
    found = collect([folder], toy)
    told = "".join(map(in_full, found.problems + found.left))
    backups = [name for name in names if "opy" in name and "of" not in name or "old" in name]
    others = [name for name in names if name != graded and name not in backups]
    assert all(f"`{name}.ipynb`" in told for name in backups if name != graded)
    assert all(f"{folder}/001/{name}.ipynb" in told for name in others)
    assert (f"handed in 'toy' {'twice' if len(others) == 1 else f'{len(others) + 1} times'}; " in told) == bool(others)


def test_the_reference_of_a_course_that_was_forked_is_never_graded_for_the_notebook_beside_it(toy, hand_in):
    folder = hand_in("001/labs", *RIGHT[:2])
    hand_in("001/solutions", *RIGHT)
    hand_in("001/tests/sample_class/001", *RIGHT)
    assert chosen(toy, folder) == (
        "001/labs/toy.ipynb", ["001/solutions/toy.ipynb", "001/tests/sample_class/001/toy.ipynb"]
    )  # fmt: skip


def test_a_named_notebook_goes_before_one_that_only_its_contents_name_however_deep_it_lies(toy, hand_in):
    hand_in("001", *RIGHT[:2], unit="scratch")
    assert chosen(toy, hand_in("001/labs", *RIGHT))[0] == "001/labs/toy.ipynb"


def test_copies_with_the_same_code_are_one(toy, hand_in):
    hand_in("001", *RIGHT, unit="toy (1)")
    assert chosen(toy, hand_in("001", *RIGHT)) == ("001/toy (1).ipynb", [])


@pytest.mark.parametrize("broken", [b"", b"{", b"<html>", b"PK\x03\x04"])
def test_a_copy_that_cannot_be_read_goes_after_one_that_can(toy, hand_in, broken):
    hand_in("001", broken, unit="toy (1)")
    assert chosen(toy, hand_in("001", *RIGHT)) == ("001/toy.ipynb", ["001/toy (1).ipynb"])


@pytest.mark.parametrize("name", ["toy.ipynb.txt", "toy.ipynb.json", "toy.json", "toy.ipynb ", "TOY.IPYNB"])
def test_a_notebook_under_another_ending_is_found(toy, tmp_path, name):
    (tmp_path / "001").mkdir()
    (tmp_path / "001" / name).write_text(notebook(*RIGHT))
    assert found(toy, tmp_path / "001") == ([("001", "toy")], [])


def test_a_notebook_of_any_name_and_ending_is_found_beside_others(toy, hand_in):
    folder = hand_in("001", *RIGHT)
    (folder / "002").mkdir()
    (folder / "002" / "homework.json").write_text(notebook(*RIGHT))
    (folder / "002" / "package.json").write_text('{"name": "toy"}')
    assert found(toy, folder) == ([("001", "toy"), ("002", "toy")], [])


def test_a_notebook_under_another_units_name_counts_for_its_own_and_is_told(toy, hand_in):
    write_source(toy.root, name="other")
    text = notebook(*RIGHT, metadata={"deep_learning_labs": {"unit": "toy"}}).encode()
    folder = hand_in("001", text, unit="other")
    submissions, (problem,) = find_submissions([folder], toy)
    assert [submission.unit for submission in submissions] == ["toy"]
    assert kind_of(problem) is Kind.CHOICE
    said = "it is named after 'other', but its metadata and its `Lab` say 'toy': it counts as 'toy'."
    assert problem == f"{folder}/001/other.ipynb: {said}"
