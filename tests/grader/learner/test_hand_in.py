"""`lab.submit()` and what it makes: a bundle of what was saved, a receipt, and a word on whatever is missing."""

import re
import shutil
import tempfile
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from grader import Lab
from grader.bundles.bundle import MAX_FILES_BYTES, read_bundle
from grader.core.errors import SubmissionError, UsageError
from grader.core.messages import message
from grader.learner import jupyter as kernel
from grader.learner.hand_in import receipt_text, submit_file
from grader.notebooks.notebook_file import MAX_NOTEBOOK_BYTES
from grader.units.course import Course
from grader.units.public_checks import recorded_text
from tests.grader.ordinary import ordinary_user
from tests.grader.toy import DOUBLE, RIGHT, SETUP, notebook


def opened(path):
    with path.open("rb") as file:
        return read_bundle(file)


def ran(source: str, cell_id: str = "", at: float = 0.0) -> None:
    """A cell came to its end, by default a second after everything was saved."""
    kernel.remember(SimpleNamespace(info=SimpleNamespace(
        raw_cell=source, cell_id=cell_id, store_history=True, silent=False)))  # fmt: skip
    key = cell_id or source
    kernel._ran[key] = kernel.Ran(source, at or time.time() + 1)


def test_a_bundle_holds_the_notebook_and_the_files_that_the_unit_asks_for(labs):
    (labs / "other.keras").write_bytes(b"not asked for")
    card = Lab("toy", {}).submit()
    bundle = opened(labs / "toy.zip")
    assert card.title.startswith("toy: ") and card.passed
    assert dict(bundle.files) == {"toy.ipynb": (labs / "toy.ipynb").read_bytes(), "model.keras": b"weights"}
    assert bundle.manifest.versions["course"] == "labs 1.2"
    assert bundle.manifest.versions["source"] == "d" * 12
    names = sorted(path.name for path in labs.iterdir())
    assert names == [".checks", "model.keras", "other.keras", "toy.ipynb", "toy.zip"]


def test_a_bundle_holds_the_files_beside_the_notebook_that_its_code_needs(labs):
    cells = [SETUP, "from helper import stable", "open('data/x.csv'), open('model.keras'), open('.checks/toy.json')"]
    (labs / "toy.ipynb").write_text(notebook(*cells))
    (labs / "data").mkdir()
    beside = {"helper.py": b"import deeper", "deeper.py": b"", "data/x.csv": b"1,2", "unused.csv": b"3"}
    for name, data in beside.items():
        (labs / name).write_bytes(data)
    card = Lab("toy", {}).submit()
    files = opened(labs / "toy.zip").files
    assert set(files) == {"toy.ipynb", "model.keras", "helper.py", "deeper.py", "data/x.csv"}
    assert files["data/x.csv"] == b"1,2"
    assert any("`.checks/toy.json`" in text and "hidden" in text for text in card.paragraphs)
    assert "file     data/x.csv   3 bytes" in card.blocks[0][1]


def test_what_the_code_needs_and_is_too_large_is_left_out_and_told(labs):
    (labs / "toy.ipynb").write_text(notebook(*RIGHT, "open('x.csv')"))
    with (labs / "x.csv").open("wb") as file:
        file.truncate(MAX_FILES_BYTES)
    first, *_ = Lab("toy", {}).submit().paragraphs
    assert "`x.csv`" in first and "64 MiB" in first


def test_the_receipt_names_unit_time_files_sizes_and_a_code(labs):
    card = Lab("toy", {}).submit()
    ((label, shown),) = card.blocks
    manifest = opened(labs / "toy.zip").manifest
    assert (label, shown) == ("Receipt", receipt_text(manifest))
    words = shown.split("\n")
    assert words[0] == "unit     toy"
    assert words[1].startswith("made     20") and words[1][-6] in "+-"
    assert words[2].startswith("with     Keras 3.") and "Python 3." in words[2]
    assert words[3].startswith("file     toy.ipynb    ") and words[4] == "file     model.keras  7 bytes"
    assert words[5] == f"receipt  {manifest.code}"


def test_what_is_missing_is_named_and_the_bundle_is_made(labs):
    (labs / "model.keras").unlink()
    (labs / "toy.ipynb").write_text(notebook(SETUP, DOUBLE, "lab.answer('quiz', ...)"))
    card = Lab("toy", {}).submit()
    assert card.title.startswith("toy: ") and not card.passed
    file, tasks = card.paragraphs[:2]
    assert "`model.keras`" in file and '`model.save("model.keras")`' in file
    assert tasks.endswith(": total, quiz.")
    assert list(opened(labs / "toy.zip").files) == ["toy.ipynb"]


def test_a_file_too_large_is_left_out_and_told(labs):
    with (labs / "model.keras").open("wb") as file:
        file.truncate(MAX_FILES_BYTES + 1)
    first, *_ = Lab("toy", {}).submit().paragraphs
    assert "`model.keras`" in first and "64 MiB" in first
    assert list(opened(labs / "toy.zip").files) == ["toy.ipynb"]


def test_a_cell_that_ran_after_the_notebook_was_saved_must_be_saved_first(labs):
    changed = DOUBLE.replace("2 * x", "x + x")
    ran(SETUP, "a")
    ran(changed, "b")
    card = Lab("toy", {}).submit()
    assert "Ctrl+S" in card.title and not card.passed
    assert re.search(r"`toy\.ipynb`.* 1 ", card.paragraphs[0])
    assert card.blocks == [("Not in the saved notebook", "def double(x):")]
    assert not (labs / "toy.zip").exists()
    (labs / "toy.ipynb").write_text(notebook(SETUP, changed))
    assert "Ctrl+S" not in Lab("toy", {}).submit().title
    assert (labs / "toy.zip").exists()


def test_an_earlier_text_of_a_cell_and_what_ran_before_it_was_saved_do_not_matter(labs):
    ran("def double(x):\n    return x", "b")
    ran(DOUBLE, "b")
    ran("a_cell = 'deleted since'", "c", at=time.time() - 60)
    assert Lab("toy", {}).submit().passed


def test_many_cells_that_were_not_saved_are_not_all_listed(labs):
    for number in range(8):
        ran(f"x = {number}\ny = 1", str(number))
    ((_, shown),) = Lab("toy", {}).submit().blocks
    assert shown.split("\n") == ["x = 0", "x = 1", "x = 2", "x = 3", "x = 4", "and 3 more"]


def test_silent_and_empty_cells_are_not_remembered(labs):
    for source, history, silent in (("x", False, False), ("x", True, True), ("  ", True, False)):
        info = SimpleNamespace(raw_cell=source, cell_id=None, store_history=history, silent=silent)
        kernel.remember(SimpleNamespace(info=info))
    assert kernel._ran == {}


@pytest.mark.parametrize("how", ["front end", "server", "session", "argument", "renamed since"])
def test_the_notebooks_file_is_found_whatever_it_is_called(labs, monkeypatch, how):
    mine = labs / "toy-Copy1.ipynb"
    mine.write_text(notebook(SETUP, DOUBLE))
    namespace = {"front end": {"__vsc_ipynb_file__": str(mine)}, "session": {"__session__": f"labs/{mine.name}"}}
    if how == "server":
        monkeypatch.setenv("JPY_SESSION_NAME", str(mine))
    if how == "renamed since":
        monkeypatch.setenv("JPY_SESSION_NAME", str(labs / "gone.ipynb"))
    lab = Lab("toy", namespace.get(how, {}))
    lab.submit(mine if how == "argument" else "")
    expected = labs / "toy.ipynb" if how == "renamed since" else mine
    assert opened(labs / "toy.zip").files["toy.ipynb"] == expected.read_bytes()


def test_without_its_file_the_card_says_how_to_name_it(labs):
    (labs / "toy.ipynb").unlink()
    card = Lab("toy", {}).submit()
    assert card.title == "toy: nothing was saved to hand in"
    assert not card.passed and '`lab.submit("my_notebook.ipynb")`' in card.paragraphs[0]
    assert Lab("toy", {}).submit("mine.ipynb").paragraphs[0].startswith("The notebook mine.ipynb cannot be read (No su")


@pytest.mark.parametrize("data", [b"", b"{}", b'{"cells": []}', b"\xff"])
def test_a_file_that_is_no_notebook_is_a_card(labs, data):
    (labs / "toy.ipynb").write_bytes(data)
    card = Lab("toy", {}).submit()
    assert card.title == "toy: nothing was saved to hand in" and card.paragraphs[0].endswith(".")


def test_a_notebook_too_large_is_a_card(labs):
    with (labs / "toy.ipynb").open("wb") as file:
        file.truncate(MAX_NOTEBOOK_BYTES + 1)
    assert "Clear large outputs" in Lab("toy", {}).submit().paragraphs[0]


def test_a_folder_that_cannot_be_written_is_a_card(labs, monkeypatch):
    with tempfile.TemporaryDirectory() as open_folder:  # pytest's own may be entered by nobody else
        Path(open_folder).chmod(0o755)
        closed = shutil.copytree(labs, Path(open_folder) / "labs")
        monkeypatch.chdir(closed)
        closed.chmod(0o555)
        try:
            with ordinary_user():
                card = Lab("toy", {}).submit()
        finally:
            closed.chmod(0o755)
            monkeypatch.undo()
    assert "The bundle cannot be written to" in card.paragraphs[0]


def test_a_folder_where_the_bundle_would_be_is_a_card_and_leaves_nothing(labs):
    (labs / "toy.zip").mkdir()
    assert "The bundle cannot be written to" in Lab("toy", {}).submit().paragraphs[0]
    assert list(labs.glob("*.part")) == []


def test_a_later_bundle_replaces_the_earlier_one(labs):
    (labs / "toy.zip").write_bytes(b"old")
    Lab("toy", {}).submit()
    assert zipfile.is_zipfile(labs / "toy.zip")


def test_where_the_judge_stands_elsewhere_nothing_is_written(labs, toy):
    (labs / ".checks" / "toy.json").write_text(recorded_text(toy.unit("toy")))
    assert Lab("toy", {}).submit().title == "toy: handed in"
    assert not (labs / "toy.zip").exists()


def test_without_checks_it_says_so(labs):
    (labs / ".checks" / "toy.json").unlink()
    assert Lab("toy", {}).submit().title == "This lab cannot check anything"


def test_a_file_of_another_name_is_known_by_its_metadata(labs):
    path = labs / "mine.ipynb"
    path.write_text(notebook(*RIGHT, metadata={"deep_learning_labs": {"unit": "toy"}}))
    assert submit_file(path).path == labs / "toy.zip"


def test_a_file_that_names_no_unit_is_told(labs):
    path = labs / "mine.ipynb"
    path.write_text(notebook(*RIGHT, metadata={"deep_learning_labs": {"unit": "../toy"}}))
    with pytest.raises(UsageError, match="the course that unit 'mine' belongs to was not found"):
        submit_file(path)


def test_what_the_learner_hands_in_is_what_the_grader_reads(labs):
    from grader.collecting.collect import find_submissions

    Lab("toy", {}).submit()
    course = Course(labs.parent)
    (labs.parent / "solutions").mkdir()
    (labs.parent / "solutions" / "toy.py").touch()
    (labs.parent / "class" / "001").mkdir(parents=True)
    (labs / "toy.zip").rename(labs.parent / "class" / "001" / "toy.zip")
    (submission,), problems = find_submissions([labs.parent / "class"], course)
    assert (submission.unit, problems) == ("toy", [])
    assert submission.read(["model.keras"]).files == {"model.keras": b"weights"}


def test_errors_of_the_command_are_the_projects_own(labs):
    with pytest.raises(UsageError, match=r"the notebook .* cannot be read"):
        submit_file(labs / "none.ipynb")
    (labs / "toy.ipynb").write_text("[")
    with pytest.raises(SubmissionError) as caught:
        submit_file(labs / "toy.ipynb")
    assert caught.value.said == message("notebook.other_text", beginning="[")
