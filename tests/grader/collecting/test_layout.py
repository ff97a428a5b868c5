"""Whose a submission is: folders as platforms, tools and people lay them out, and what is refused as ambiguous."""

import os
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.collecting.collect import collect, find_submissions
from grader.collecting.layout import Layout
from grader.collecting.problems import Kind, Left, kind_of, learner_of, of_kind
from grader.units.course import Course
from tests.grader.toy import RIGHT, notebook, write_source

NUMBER = iter(range(10**9))


@pytest.fixture
def course(tmp_path) -> Course:
    """A course of two units."""
    write_source(tmp_path / "course")
    return write_source(tmp_path / "course", name="other_unit")


def text(unit: str = "toy") -> bytes:
    """A notebook unlike every other one."""
    metadata = {"deep_learning_labs": {"unit": unit}}
    return notebook(*RIGHT, f"x = {next(NUMBER)}", metadata=metadata).replace("'toy'", f"'{unit}'").encode()


def laid_out(root: Path, *names: str, **files: bytes) -> Path:
    """A folder with notebooks of these names, which begin with the learner who wrote each, and other files."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        unit = "other_unit" if "other_unit" in path.name else "toy"
        path.write_bytes(text(unit) if path.suffix in (".ipynb", "") else b"x")
    for name, data in files.items():
        (root / name).write_bytes(data)
    return root


def whose(course, *paths: Path, known=()) -> dict[tuple[str, str], str]:
    """The path of each submission by its learner and unit, from the folder of all."""
    submissions, _ = find_submissions(paths, course, known)
    top = os.path.commonpath([path if path.is_dir() else path.parent for path in paths])
    return {(s.learner, s.unit): os.path.relpath(s.path / s.entry if s.entry else s.path, top) for s in submissions}


def refused(course, *paths: Path, known=()) -> list[str]:
    return of_kind(find_submissions(paths, course, known)[1], Kind.REFUSED)


LAYOUTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "plain": {"001/toy.ipynb": ("001", "toy"), "002/other_unit.ipynb": ("002", "other_unit")},
    "nbgrader": {"001/lab1/toy.ipynb": ("001", "toy"), "002/lab1/toy.ipynb": ("002", "toy")},
    "nbgrader, called like units": {"001/toy/toy.ipynb": ("001", "toy"), "002/toy/toy.ipynb": ("002", "toy")},
    "GitHub Classroom": {
        "lab01-learner1/labs/toy.ipynb": ("lab01-learner1", "toy"),
        "lab01-learner1/solutions/toy.ipynb": ("", ""),
        "lab01-learner1/tests/sample_class/001/toy.ipynb": ("", ""),
        "lab01-learner2/labs/toy.ipynb": ("lab01-learner2", "toy"),
    },
    "attempts": {
        "001/attempt1/toy.ipynb": ("", ""),
        "001/attempt2/toy.ipynb": ("001", "toy"),
        "002/attempt10/toy (1).ipynb": ("002", "toy"),
        "002/attempt9/toy.ipynb": ("", ""),
    },
    "a bundle that Safari unpacked": {"001/toy/toy.ipynb": ("001", "toy"), "001/toy/manifest.json": ("", "")},
    "unpacked twice": {"001/toy/toy.ipynb": ("", ""), "001/toy (1)/toy.ipynb": ("001", "toy")},
    "a backup": {"001/toy.ipynb": ("001", "toy"), "001/old/toy.ipynb": ("", ""), "002/toy.ipynb": ("002", "toy")},
    "deep": {"001/a/b/c/toy.ipynb": ("001", "toy")},
    "Moodle, folders": {
        "Learner One_12345_assignsubmission_file_/toy.ipynb": ("Learner One_12345", "toy"),
        "Learner One_12346_assignsubmission_file_/toy.ipynb": ("Learner One_12346", "toy"),
    },
    "Moodle, flat": {
        "Learner One_12345_assignsubmission_file_toy.ipynb": ("Learner One_12345", "toy"),
        "Learner One_12346_assignsubmission_file_toy.ipynb": ("Learner One_12346", "toy"),
    },
    "Canvas": {
        "learner1_12345_678_toy.ipynb": ("learner1_12345", "toy"),
        "learner1_12345_679_other_unit.ipynb": ("learner1_12345", "other_unit"),
        "learner2_LATE_12346_680_toy-1.ipynb": ("learner2_12346", "toy"),
        "learner2_12347_681_toy.ipynb": ("learner2_12347", "toy"),
    },
    "Blackboard": {
        "Lab 1_learner1_attempt_2024-02-01-10-30-00_toy.ipynb": ("", ""),
        "Lab 1_learner1_attempt_2024-02-02-10-30-00_toy.ipynb": ("learner1", "toy"),
        "Lab 1_jane_doe_attempt_2024-02-01-10-30-00_toy.ipynb": ("jane_doe", "toy"),
        "Lab 1_jane_doe_attempt_2024-02-01-10-30-00.txt": ("", ""),
    },
    "flat": {"anna_toy.ipynb": ("anna", "toy"), "Bo Li - toy.ipynb": ("Bo Li", "toy"), "12_toy.ipynb": ("12", "toy")},
    "Google Classroom": {
        "Learner One - Copy of toy.ipynb": ("Learner One", "toy"),
        "Learner Two - toy.ipynb": ("Learner Two", "toy"),
    },
    "Teams": {
        "Learner One/Lab 01/Version 1/toy.ipynb": ("", ""),
        "Learner One/Lab 01/Version 2/toy.ipynb": ("Learner One", "toy"),
    },
    "Sakai": {
        "One, Learner(learner1)/Submission attachment(s)/toy.ipynb": ("One, Learner(learner1)", "toy"),
        "One, Learner(learner1)/timestamp.txt": ("", ""),
        "grades.csv": ("", ""),
    },
    "Gradescope": {"submission_111/toy.ipynb": ("submission_111", "toy"), "submission_metadata.yml": ("", "")},
    "a folder for each unit": {
        "toy/001/toy.ipynb": ("001", "toy"),
        "other_unit/001/other_unit.ipynb": ("001", "other_unit"),
    },
    "a folder for each week": {"week 1/001/toy.ipynb": ("001", "toy"), "week 1/002/toy.ipynb": ("002", "toy")},
    "a hidden folder in a learner's": {"001/toy.ipynb": ("001", "toy"), "001/.Trash/toy.ipynb": ("", "")},
    "a learner who is called oddly": {".x/toy.ipynb": (".x", "toy"), "=1/toy.ipynb": ("\\x3d1", "toy")},
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_learner_of_a_submission_is_found_in_each_layout(course, tmp_path, name):
    folder = laid_out(tmp_path / "class", *LAYOUTS[name])
    wanted = {whose: path for path, whose in LAYOUTS[name].items() if whose[0]}
    assert (whose(course, folder), refused(course, folder)) == (wanted, [])


def test_a_learners_own_folder_may_be_given_alone_or_several_of_them(course, tmp_path):
    folder = laid_out(
        tmp_path / "class", "l1/toy.ipynb", "l2/stuff/toy.ipynb", "l3/labs/toy.ipynb", "l3/solutions/toy.ipynb"
    )
    assert whose(course, folder / "l1") == {("l1", "toy"): "toy.ipynb"}
    assert whose(course, folder / "l3") == {("l3", "toy"): "labs/toy.ipynb"}
    assert whose(course, *sorted(folder.iterdir())) == {
        ("l1", "toy"): "l1/toy.ipynb", ("l2", "toy"): "l2/stuff/toy.ipynb", ("l3", "toy"): "l3/labs/toy.ipynb",
    }  # fmt: skip


def test_of_several_learners_one_without_a_notebook_is_told(course, tmp_path):
    folder = laid_out(tmp_path / "class", "l1/toy.ipynb", "l2/essay.pdf")
    (folder / "l3").mkdir()
    told = refused(course, *sorted(folder.iterdir()))
    assert [learner_of(problem) for problem in told] == ["l3", "l2"]
    assert told[0] == f"{folder}/l3: no notebooks in this folder."
    assert "`essay.pdf` is a PDF" in told[1]


def test_a_file_is_its_folders_learners_and_in_a_folder_of_the_course_nobodys(course, tmp_path):
    folder = laid_out(tmp_path / "class", "l1/toy.ipynb", "l2/labs/toy.ipynb", "l3/toy/toy.ipynb")
    assert whose(course, folder / "l1" / "toy.ipynb") == {("l1", "toy"): "toy.ipynb"}
    for inner in ("l2/labs", "l3/toy"):
        name = Path(inner).name
        assert refused(course, folder / inner / "toy.ipynb") == [
            f"{folder}/{inner}/toy.ipynb: it is in {name!r}, which is not a learner's name: give the learner's folder."
        ]
        assert "is not a learner's name. Give the learner's folder" in refused(course, folder / inner)[0]


def test_what_may_be_a_learners_folder_or_a_class_with_one_learner_is_asked(course, tmp_path):
    folder = laid_out(tmp_path / "class", "toy.ipynb", "stuff/toy.ipynb")
    assert whose(course, folder) == {}
    assert "is it a learner's folder or a class's?" in refused(course, folder)[0]
    assert whose(course, folder, known=["class"]) == {("class", "toy"): "toy.ipynb"}
    assert whose(course, folder, known=["stuff"]) == {("stuff", "toy"): "stuff/toy.ipynb"}


def test_a_notebook_that_strayed_into_the_folder_of_a_class_is_told_and_costs_nobody_anything(course, tmp_path):
    folder = laid_out(tmp_path / "class", "toy.ipynb", "l1/toy.ipynb", "l2/toy.ipynb")
    assert set(whose(course, folder)) == {("l1", "toy"), ("l2", "toy")}
    (told,) = refused(course, folder)
    assert told.startswith(f"{folder}/toy.ipynb: its name contains no learner, and it is in no learner's folder.")


def test_a_class_in_a_folder_too_many_is_no_learner(course, tmp_path):
    folder = laid_out(tmp_path / "class", "export/l1/toy.ipynb", "export/l2/toy.ipynb")
    assert whose(course, folder) == {}
    (told,) = refused(course, folder)
    assert told.startswith(f"{folder}/export: learner 'export' has 'toy' in several folders ({folder}/export/l1, ")
    assert "give the folder that holds them" in told
    assert set(whose(course, folder / "export")) == {("l1", "toy"), ("l2", "toy")}


def test_a_platforms_export_that_is_still_packed_is_no_learner(course, tmp_path):
    laid_out(tmp_path / "class" / "l1")
    folder = laid_out(tmp_path / "class", "l2/toy.ipynb")
    (folder / "l1").mkdir()
    with zipfile.ZipFile(folder / "l1" / "submissions.zip", "w") as archive:
        for name in ("l3/toy.ipynb", "l4/toy.ipynb"):
            archive.writestr(name, text())
    assert set(whose(course, folder)) == {("l2", "toy")}
    assert "unpack the zip file and give the folder" in refused(course, folder)[0]


def test_a_folder_of_the_course_among_learners_is_told(course, tmp_path):
    folder = laid_out(tmp_path / "class", "l1/toy.ipynb", "labs/toy.ipynb")
    assert set(whose(course, folder)) == {("l1", "toy")}
    assert refused(course, folder) == [f"{folder}/labs: its name is not a learner's: its contents were not graded."]


def test_the_course_itself_is_nobodys(course, tmp_path):
    laid_out(course.root / "labs", "toy.ipynb")
    folder = laid_out(tmp_path, "l1/toy.ipynb")
    assert set(whose(course, folder)) == {("l1", "toy")}
    assert refused(course, course.root) == [
        f"{course.root}: it is the course itself: give the folder with what learners handed in."
    ]


def test_names_in_the_folder_of_a_class_that_say_learners_are_told_once(course, tmp_path):
    folder = laid_out(tmp_path / "class", "anna_toy.ipynb", "bob_toy.ipynb", "bob_other_unit.ipynb")
    problems = find_submissions([folder], course)[1]
    assert [kind_of(problem) for problem in problems] == [Kind.CHOICE]
    said = "learners are taken from file names (2): 'anna_toy.ipynb' counts for learner 'anna'."
    assert problems == [f"{folder}: {said}"]


def test_a_platform_whose_names_do_not_say_for_certain_who_it_was_is_told(course, tmp_path):
    names = [f"123-45 - Learner {who} - 15 January, 2024 1030 AM - toy.ipynb" for who in ("One", "Two")]
    folder = laid_out(tmp_path / "class", *names)
    assert whose(course, folder) == {}
    assert [told.split(": its name contains no learner")[0] for told in refused(course, folder)] == [
        f"{folder}/{name}" for name in names
    ]


def test_what_a_platform_adds_for_each_learner_is_noise_unless_there_is_nothing_else(course, tmp_path):
    names = [f"Lab_{who}_attempt_2024-01-01-00-00-00" for who in ("one", "two")]
    folder = laid_out(tmp_path / "class", f"{names[0]}_toy.ipynb", f"{names[0]}.txt", f"{names[1]}.txt")
    found = collect([folder], course)
    assert ([s.learner for s in found.submissions], found.left) == (["one"], [])
    (told,) = of_kind(found.problems, Kind.REFUSED)
    assert told.startswith(f"{folder}: learner 'two' handed in nothing that can be graded. `{names[1]}.txt` is a text.")


def test_in_a_learners_own_folder_names_say_nobody(course, tmp_path):
    folder = laid_out(tmp_path / "class", "l1/anna_toy.ipynb", "l2/learner9_12_34_toy.ipynb", "l3/toy.ipynb")
    assert {learner for learner, _ in whose(course, folder)} == {"l1", "l2", "l3"}
    assert {learner for learner, _ in whose(course, folder / "l1", folder / "l2")} == {"l1", "l2"}
    assert {learner for learner, _ in whose(course, folder / "l1", known=["l1"])} == {"l1"}


def test_flat_files_of_one_learner_belong_together(course, tmp_path):
    folder = laid_out(tmp_path / "class", "a_1_2_helper.py", "a_1_3_toy.ipynb", "b_2_4_helper.py", "b_2_5_toy.ipynb")
    (folder / "a_1_2_helper.py").write_bytes(b"A = 1")
    (folder / "a_1_3_toy.ipynb").write_text(notebook("import helper"))
    submissions, _ = find_submissions([folder], course)
    assert {s.learner: dict(s.read().files) for s in submissions} == {"a_1": {"helper.py": b"A = 1"}, "b_2": {}}


@pytest.mark.parametrize("pair", [("Zoë", "Zoe\u0308"), ("x\u212b", "x\u00c5")])
def test_names_that_would_be_one_id_are_refused_both(course, tmp_path, pair):
    folder = laid_out(tmp_path / "class", *(f"{name}/toy.ipynb" for name in (*pair, "l1")))
    assert set(whose(course, folder)) == {("l1", "toy")}
    (told,) = refused(course, folder)
    assert "would belong to the same learner: rename one." in told and told.isprintable()


def test_learners_who_look_alike_are_two_and_are_told(course, tmp_path):
    twins = ["victim", "victim ", " victim", "victim\xa0", "vіctim", "Victim", "a\u202eb", "a\\u202eb"]
    folder = laid_out(tmp_path / "class", *(f"{name}/toy.ipynb" for name in twins))
    assert len({learner for learner, _ in whose(course, folder)}) == len(twins)
    problems = find_submissions([folder], course)[1]
    assert [kind_of(problem) for problem in problems] == [Kind.CHOICE]
    assert "look alike: are they different ones?" in problems[0]


def test_a_new_learner_who_looks_like_one_of_the_gradebook_is_told(course, tmp_path):
    folder = laid_out(tmp_path / "class", "Anna/toy.ipynb")
    assert any(
        "`Anna`, `anna` look alike" in problem for problem in find_submissions([folder], course, ["anna", "b"])[1]
    )
    assert find_submissions([folder], course, ["Anna", "bob", "Bob"])[1] == []


LEFT_ALONE = [".ipynb_checkpoints/toy-checkpoint.ipynb", "._toy.ipynb", ".DS_Store", "Thumbs.db", "desktop.ini",
              "__MACOSX/._toy.ipynb", ".git/config", "__pycache__/helper.pyc", ".gitignore", "._x/a"]  # fmt: skip


def test_what_systems_leave_is_no_word_worth(course, tmp_path):
    folder = laid_out(tmp_path / "class", "l1/toy.ipynb", *(f"l1/{name}" for name in LEFT_ALONE), *LEFT_ALONE)
    found = collect([folder], course)
    assert ([s.learner for s in found.submissions], found.problems, found.left) == (["l1"], [], [])


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("toy.py", "is a Python script"),
        ("toy.html", "is a web page"),
        ("toy.pdf", "is a PDF"),
        ("toy.7z", "is an archive that is not read; a .zip is"),
        ("toy.tar.gz", "is an archive that is not read; a .zip is"),
        ("homework.rar", "is an archive that is not read; a .zip is"),
        ("answers.docx", "is a text document"),
        ("onlinetext.html", "is a text typed into the platform"),
        ("toy", "is no notebook"),
        ("toy.json", "is no notebook"),
    ],
)
def test_who_handed_in_nothing_that_can_be_graded_is_told_in_one_line(course, tmp_path, name, what):
    folder = laid_out(tmp_path / "class", "l1/toy.ipynb")
    (folder / "l2").mkdir()
    (folder / "l2" / name).write_bytes(b"x")
    (told,) = refused(course, folder)
    assert learner_of(told) == "l2"
    assert told == (
        f"{folder}/l2: learner 'l2' handed in nothing that can be graded. `{name}` {what}. Hand in the notebook itself."
    )


def test_a_unit_that_was_handed_in_as_something_else_is_told_though_another_was_not(course, tmp_path):
    folder = laid_out(tmp_path / "class", "l1/toy.ipynb", "l1/other_unit.pdf", "l1/toy.pdf", "l1/notes.txt")
    refusals = refused(course, folder)
    assert refusals == [f"{folder}/l1/other_unit.pdf: it is a PDF. Hand in the notebook itself."]
    (left,) = collect([folder], course).left
    assert isinstance(left, Left) and left.files == ("notes.txt", "toy.pdf")


def test_files_beside_a_submission_are_one_line_for_each_learner(course, tmp_path):
    files = [f"l1/{number:02}.txt" for number in range(30)]
    folder = laid_out(tmp_path / "class", "l1/toy.ipynb", *files, "l2/toy.ipynb", "l2/Untitled.ipynb", "l2/a/b.csv")
    (folder / "l2" / "Untitled.ipynb").write_text(notebook("1"))
    assert refused(course, folder) == []
    first, second = collect([folder], course).left
    named = ", ".join(f"`{number:02}.txt`" for number in range(5))
    assert first == f"{folder}/l1: 30 other files were not taken: {named} and 25 more."
    assert second == f"{folder}/l2: 2 other files were not taken: `Untitled.ipynb`, `a/b.csv`."


def test_a_folder_that_cannot_be_read_is_its_learners_problem(course, tmp_path, monkeypatch):
    folder = laid_out(tmp_path / "class", "l1/toy.ipynb", "l2/a/toy.ipynb")
    scan = os.scandir

    def closed(path):
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr("grader.collecting.folder_walk.os.scandir", closed)
    (told,) = refused(course, folder)
    assert (told, learner_of(told)) == (f"{folder}/l2/a: this folder cannot be read (Permission denied).", "l2")


def test_a_class_of_a_thousand_is_found_in_seconds(course, tmp_path):
    for number in range(1_000):
        (tmp_path / "class" / f"{number:04}" / "data").mkdir(parents=True)
        (tmp_path / "class" / f"{number:04}" / "toy.ipynb").write_bytes(text())
        for name in ("notes.txt", "data/a.csv", "data/b.csv", "other_unit-Copy1.ipynb"):
            (tmp_path / "class" / f"{number:04}" / name).write_bytes(b"1")
    started = time.process_time()
    found = collect([tmp_path / "class"], course)
    assert time.process_time() - started < 10
    assert (len(found.submissions), found.problems, len(found.left)) == (2_000, [], 1_000)


people = st.sampled_from(["001", "anna", "Doe Jane", "o'neil", "李", "x.y", "a-b"])
inner = st.sampled_from(["", "lab1/", "toy/", "attempt1/", "a/b/", "labs/", "my work/"])


@given(st.lists(st.tuples(people, inner), min_size=1, max_size=5, unique_by=lambda pair: pair[0]))
def test_however_deep_it_lies_the_learner_is_the_folder_beneath_the_one_that_was_given(tmp_path_factory, rows):
    root = tmp_path_factory.mktemp("class")
    laid_out(root, *(f"{person}/{folders}toy.ipynb" for person, folders in rows))
    layout = Layout(["toy", "other_unit"])
    layout.add([root])
    assert {share.learner for share in layout.shares} == {person for person, _ in rows}
    assert layout.problems == []
