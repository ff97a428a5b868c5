import errno
import json

import pytest

from grader.authoring.build import _keep_files, _text, build, executed_text, learner_text, reference_notebook, stale
from grader.core.errors import FileError, FullDiskError, SourceError
from tests.grader.ordinary import give, ordinary_user
from tests.grader.said import sentence
from tests.grader.toy import TOY, write_source


@pytest.fixture
def built(toy, sandbox, monkeypatch):
    """The toy course with its three files; the reference notebook's outputs are not made, which takes a kernel."""
    monkeypatch.setattr("grader.authoring.build.executed_text", lambda unit, folder: _text(reference_notebook(unit)))
    build(toy.unit("toy"), toy, sandbox)
    return toy


def sources(text: str) -> str:
    return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])


def test_what_was_built_is_not_stale(built):
    assert stale(built.unit("toy"), built) == []
    assert not list(built.root.rglob("*.part"))


def test_the_same_source_gives_the_same_bytes(built, sandbox):
    unit = built.unit("toy")
    before = [path.read_bytes() for path in (built.learner_notebook("toy"), built.checks("toy"))]
    build(unit, built, sandbox)
    assert [path.read_bytes() for path in (built.learner_notebook("toy"), built.checks("toy"))] == before


def test_a_learner_finds_no_answer_no_task_and_no_output(toy):
    text = learner_text(toy.unit("toy"))
    assert "referenced" not in text and "SOLUTION" not in text and "987654" not in text and "Task(" not in text
    assert "squared" not in text and 'lab.answer("quiz", "b")' not in sources(text)
    assert sources(text).count("raise NotImplementedError") == 2
    assert all(cell.get("outputs", []) == [] for cell in json.loads(text)["cells"])


def test_the_learners_notebook_is_valid(toy):
    import nbformat

    notebook = nbformat.reads(learner_text(toy.unit("toy")), as_version=4)
    nbformat.validate(notebook)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells) == 7


def test_the_checks_hold_the_public_probes_and_nothing_hidden(built):
    text = built.checks("toy").read_text()
    form = json.loads(text)["tasks"]["double"]
    assert [probe["name"] for probe in form["probes"]] == ["on_fixed", "on_drawn"]
    assert "on_hidden" not in text
    assert form["expectation"]["reference"].keys() == {"on_fixed", "on_drawn"}


ALTERED = {
    "learner": [lambda t: t.replace("Twice", "Thrice"), lambda t: "", lambda t: "{", lambda t: t + " "],
    "checks": [
        lambda t: t.replace("What is x + x?", "What?"), lambda t: "[]", lambda t: "", lambda t: "null",
        lambda t: t.replace('"value"', '"no value"'),
        lambda t: t.replace('"misconceptions": {', '"misconceptions": [], "x": {'),
        lambda t: t.replace('"npy"', '"pickle"'), lambda t: t.replace('"points": 2', '"points": 9'),
    ],
    "reference": [
        lambda t: t.replace("2 * x", "3 * x"), lambda t: "no JSON", lambda t: "{}", lambda t: '{"cells": {"a": 1}}',
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("which", "number"), [(which, n) for which, changes in ALTERED.items() for n in range(len(changes))]
)
def test_a_file_that_was_altered_is_stale(built, grader, which, number):
    path = {"learner": built.learner_notebook, "checks": built.checks, "reference": built.reference_notebook}[which](
        "toy"
    )
    before = path.read_text()
    path.write_text(ALTERED[which][number](before))
    assert path.read_text() != before
    assert stale(built.unit("toy"), built) == [f"{path} is stale: run `grader build toy`"]


@pytest.mark.parametrize("which", ["learner_notebook", "checks", "reference_notebook"])
def test_a_file_that_is_missing_or_no_text_is_named(built, grader, which):
    path = getattr(built, which)("toy")
    path.write_bytes(b"\xff\xfe")
    assert grader("build", "--check", "--course", built.root)[:2] == (1, f"{path} is stale: run `grader build toy`\n")
    path.unlink()
    assert grader("build", "--check", "--course", built.root)[:2] == (1, f"{path} is missing: run `grader build toy`\n")


def test_a_source_that_was_changed_makes_all_three_stale(built):
    write_source(built.root, TOY.replace("# # A toy", "# # A better toy"))
    findings = stale(built.unit("toy"), built)
    assert [finding.split(" is ")[0].rsplit("/", 1)[1] for finding in findings] == [
        "toy.ipynb",
        "toy.json",
        "toy.ipynb",
    ]


@pytest.mark.slow
def test_build_makes_three_files_that_its_check_finds_clean(grader, toy):
    progress = toy.reference_notebook("toy").parent / ".progress" / "toy.json"
    progress.parent.mkdir()
    progress.write_text('{"an author": "tried it"}')
    status, out, _ = grader("build", "--course", toy.root)
    assert "an author" not in progress.read_text()
    paths = [toy.checks("toy"), toy.learner_notebook("toy"), toy.reference_notebook("toy")]
    assert (status, out.splitlines()) == (0, [str(path) for path in paths])
    outputs = [
        cell["outputs"] for cell in json.loads(paths[2].read_text())["cells"] if "lab.check" in "".join(cell["source"])
    ]
    assert all(sentence("state.public_passed") in json.dumps(output) for output in outputs) and len(outputs) == 2
    said = "1 unit(s): every file is what its source gives.\n"
    assert grader("build", "--check", "--course", toy.root)[:2] == (0, said)


def test_a_reference_that_fails_in_a_kernel_is_a_source_error(toy, monkeypatch):
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    def fails(self, **_: object) -> None:
        raise CellExecutionError("", "ValueError", "no")

    monkeypatch.setattr(NotebookClient, "execute", fails)
    with pytest.raises(SourceError, match="toy.py: the reference fails in a Jupyter kernel: ValueError: no"):
        executed_text(toy.unit("toy"), toy.root)


def _file_for_labs(course):
    course.learner_notebook("toy").parent.write_text("a file")
    return course.learner_notebook("toy").parent


def _file_for_checks(course):
    course.checks("toy").parent.parent.mkdir()
    course.checks("toy").parent.write_text("a file")
    return course.checks("toy").parent


def _folder_for_a_notebook(course):
    course.learner_notebook("toy").mkdir(parents=True)
    return course.learner_notebook("toy")


def _folder_for_the_reference(course):
    course.reference_notebook("toy").mkdir()
    return course.reference_notebook("toy")


@pytest.mark.parametrize("block", [_file_for_labs, _file_for_checks, _folder_for_a_notebook, _folder_for_the_reference])
def test_a_file_that_cannot_be_written_is_told_before_anything_runs(toy, sandbox, monkeypatch, block):
    blocked = block(toy)
    monkeypatch.setattr("grader.authoring.build.observe_reference", lambda *_: pytest.fail("the reference ran"))
    with pytest.raises(FileError, match=r"cannot be written \(.+\)$") as caught:
        build(toy.unit("toy"), toy, sandbox)
    assert str(caught.value).startswith(str(blocked)) or f"({blocked} is no folder)" in str(caught.value)


def test_a_file_that_is_handed_in_and_cannot_be_kept_is_told(tmp_path):
    text = TOY + '\n# %%\n### BEGIN SOLUTION\nnp.save("x.npy", 1)\n### END SOLUTION\n\n# %% tags=["task"]\n'
    text += 'x_task = Task("x", file="x.npy")\n\n\n@x_task.probe()\ndef opened(x):\n    return 1\n'
    text += '\n\n# %%\nlab.check("x")\n'
    course = write_source(tmp_path, text)
    (tmp_path / "solutions" / "handed_in").write_text("a file")
    with pytest.raises(FileError, match=r"handed_in/toy/x\.npy cannot be written"):
        build(course.unit("toy"), course, None)
    (tmp_path / "solutions" / "x.npy").write_bytes(b"made")
    with pytest.raises(FileError, match=r"handed_in/toy/x\.npy cannot be written"):
        _keep_files(course.unit("toy"), tmp_path / "solutions")


@pytest.mark.parametrize("closed", ["labs/.checks", "labs", "solutions"])
def test_a_folder_that_is_closed_is_told_to_an_ordinary_user(toy, sandbox, closed):
    toy.checks("toy").parent.mkdir(parents=True)
    for folder in (toy.root / "labs" / ".checks", toy.root / "labs", toy.root / "solutions"):
        give(folder)
    unit = toy.unit("toy")
    (toy.root / closed).chmod(0o555)
    with ordinary_user(), pytest.raises(FileError, match=r"toy\.(json|ipynb) cannot be written \(Permission denied\)"):
        build(unit, toy, sandbox)


def test_a_full_disk_is_told_as_such(toy, sandbox, monkeypatch):
    def full(path, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("grader.authoring.build.atomic_write", full)
    with pytest.raises(FullDiskError, match="make room"):
        build(toy.unit("toy"), toy, sandbox)


def test_the_other_units_are_built(grader, toy, monkeypatch):
    monkeypatch.setattr("grader.authoring.build.executed_text", lambda unit, folder: _text(reference_notebook(unit)))
    write_source(toy.root, name="closed")
    write_source(toy.root, TOY.replace('Lab("toy")', 'Lab("tony")'), "a_broken_one")
    (toy.root / "labs" / "closed.ipynb").mkdir(parents=True)
    status, out, err = grader("build", "--course", toy.root)
    assert status == 2
    assert out.splitlines() == [
        str(p) for p in (toy.checks("toy"), toy.learner_notebook("toy"), toy.reference_notebook("toy"))
    ]
    broken, closed = (line for line in err.splitlines() if line.startswith("grader: "))
    assert 'a_broken_one.py, line 9: Lab("tony") is no Lab of this unit' in broken
    assert closed == f"grader: {toy.root}/labs/closed.ipynb cannot be written (Is a directory)."
    status, out, err = grader("build", "--check", "a_broken_one", "toy", "--course", toy.root)
    assert (status, out, err.splitlines()) == (2, "", [broken])


def test_a_file_that_cannot_be_read_is_told_by_its_check(built):
    unit = built.unit("toy")
    for folder in (built.root, built.root / "labs"):
        give(folder)
    built.learner_notebook("toy").chmod(0)
    with ordinary_user(), pytest.raises(FileError, match=r"labs/toy\.ipynb cannot be read \(Permission denied\)"):
        stale(unit, built)


def test_nothing_is_written_where_the_reference_fails(grader, toy):
    write_source(toy.root, TOY.replace('lab.check("double")', '1 / 0\nlab.check("double")'))
    status, out, err = grader("build", "--course", toy.root)
    assert (status, out) == (2, "")
    assert "the reference fails in cell 4 ('1 / 0'): ZeroDivisionError: division by zero." in err
    assert not (toy.root / "labs").exists()
