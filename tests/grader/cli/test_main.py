import csv
import json
import os
import platform
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

import grader as package
from grader.core.messages import message, render
from grader.core.text import one_line
from tests.grader.said import sentence
from tests.grader.toy import DOUBLE, RIGHT, SETUP, TOTAL, TOY, notebook, write_source

ROOT = Path(package.__file__).parents[1]
PASSED, FAILED = sentence("state.passed"), sentence("state.failed")


def shell(*words: object, **more: object) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "grader", *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False, **more)


@pytest.fixture
def book(tmp_path) -> Path:
    return tmp_path / "grades.db"


@pytest.fixture
def grade(grader, toy, book):
    """`grader grade` in the toy course."""
    return lambda *words: grader("grade", "--timeout", 20, "--course", toy.root, "--gradebook", book, *words)


def rows(text: str) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Points, verdict and message by learner and task."""
    return {
        (r["learner"], r["task"]): (r["points"], r["verdict"], r["message"]) for r in csv.DictReader(text.splitlines())
    }


def test_help_imports_nothing_that_is_heavy():
    code = "import sys\nsys.argv = ['grader', '--help']\nfrom grader.cli.main import main\ntry:\n    main()\n"
    code += "finally:\n    print('LOADED', *sorted({name.split('.')[0] for name in sys.modules}))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False).stdout
    loaded = said.split("LOADED")[1].split()
    assert {"grade", "verify", "build", "scores", "doctor"} <= set(re.findall(r"[a-z]+", said.split("LOADED")[0]))
    assert "typer" in loaded
    assert not {"numpy", "tensorflow", "keras", "sqlalchemy", "IPython", "matplotlib", "jupytext", "jinja2"} & set(
        loaded
    )


@pytest.mark.parametrize("words", [["-h"], ["--help"], ["grade", "-h"], ["key", "-h"], ["key", "new", "-h"]])
def test_help_is_one_letter_long_everywhere(grader, words):
    status, out, _ = grader(*words)
    assert status == 0 and "Usage: " in out


def test_the_help_of_a_limit_names_its_unit_and_no_number_that_nobody_reaches(grader):
    out = grader("grade", "-h")[1]
    assert "000000" not in out and "float range" not in out
    assert re.search(r"--timeout +S ", out) and re.search(r"--memory +GIB ", out)


def test_the_version_is_that_of_the_package(grader):
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)[1]
    assert grader("--version")[:2] == (0, f"grader {version}, Python {platform.python_version()}\n")


@pytest.mark.parametrize(
    "words",
    [
        ["grade"],
        ["grade", "x", "--jobs", "0"],
        ["grade", "x", "--jobs", "many"],
        ["nonsense"],
        ["build", "--nonsense"],
        ["grade", "x", "--memory", "inf"],
        ["grade", "x", "--timeout", "nan"],
        ["grade", "x", "--file-size", "1e99"],
    ],
)
def test_wrong_use_is_status_two(grader, words):
    assert grader(*words)[0] == 2


def test_a_class_is_graded_and_its_scores_printed(grade, grader, hand_in, book):
    folder = hand_in("001", *RIGHT)
    hand_in("002", SETUP, "def double(x):\n    return x**2", "lab.check('double')", TOTAL, "lab.answer('quiz', 'a')")
    status, out, err = grade(folder)
    assert (status, out) == (0, "2 of 2 submissions graded now.\n")
    assert "Starting the sandbox for toy …" in err and "!" not in err
    got = rows(grader("scores", "--csv", "--gradebook", book)[1])
    assert {key[1]: value[:2] for key, value in got.items() if key[0] == "001"} == {
        "double": ("2", PASSED), "total": ("3", PASSED), "quiz": ("1", PASSED),
    }  # fmt: skip
    assert got["002", "double"] == ("0", FAILED, "That is the square: add x to itself.")
    assert (got["002", "total"][0], got["002", "quiz"]) == ("3", ("0", FAILED, "Not a: read again."))
    table = grader("scores", "--gradebook", book)[1]
    assert "6/6" in table and "3/6" in table


def test_a_second_grade_of_the_same_bytes_grades_nothing_and_exits_alike(grade, hand_in):
    folder = hand_in("001", *RIGHT)
    hand_in("002", b"no notebook")
    first, _, _ = grade(folder)
    status, out, err = grade(folder)
    assert (first, status, out) == (1, 1, "0 of 2 submissions graded now; 2 had been graded before.\n")
    assert "sandbox" not in err
    assert grade(folder, "--again")[1] == "2 of 2 submissions graded now.\n"


def test_the_report_is_a_table_and_pages_and_without_it_there_are_none(grade, grader, hand_in, tmp_path, book):
    folder, report = hand_in("001", *RIGHT), tmp_path / "report"
    before = sorted(tmp_path.iterdir())
    grade(folder)
    assert sorted({*tmp_path.iterdir()} - {*before}) == sorted(tmp_path.glob("grades.db*"))
    status, out, _ = grade(folder, "--report", report)
    assert (status, out.splitlines()[-1]) == (0, f"Report: {report / 'index.html'}")
    files = sorted(str(path.relative_to(report)) for path in report.rglob("*") if path.is_file())
    assert files == ["feedback/001/toy.html", "index.html", "scores.csv"]
    text = (report / "scores.csv").read_text()
    assert text.splitlines()[0] == "learner,unit,task,points,max_points,verdict,message"
    assert text == grader("scores", "--csv", "--gradebook", book)[1]


def test_a_file_alone_is_graded_for_its_folders_learner(grade, grader, hand_in, book):
    folder = hand_in("001", *RIGHT)
    hand_in("002", *RIGHT)
    assert grade(folder / "001" / "toy.ipynb")[1] == "1 of 1 submissions graded now.\n"
    assert {learner for learner, _ in rows(grader("scores", "--csv", "--gradebook", book)[1])} == {"001"}


BAD = {
    "no JSON": (b"Dear instructor", message("notebook.other_text", beginning="Dear instructor")),
    "no cells": (notebook().encode(), message("notebook.no_cells")),
    "no list": (b'{"a": 1}', message("notebook.no_cells_in_json")),
    "another language": (
        notebook("1", metadata={"kernelspec": {"name": "ir", "language": "R"}}).encode(),
        message("notebook.language", language="R"),
    ),
    "nested": (b"[" * 99_999, message("notebook.other_text", beginning=one_line("[" * 100, 40))),
    "a damaged cell": (b'{"cells": [1]}', message("notebook.no_cell", cell=1)),
    "empty": (b"", message("notebook.empty")),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_notebook_could_not_be_graded_and_the_rest_is(grade, grader, hand_in, book, name):
    data, reason = BAD[name]
    folder = hand_in("001", *RIGHT)
    hand_in("002", data)
    assert grade(folder)[0] == 1
    got = rows(grader("scores", "--csv", "--gradebook", book)[1])
    assert {value[1] for key, value in got.items() if key[0] == "001"} == {PASSED}
    ungraded = [value for key, value in got.items() if key[0] == "002"]
    assert [value[:2] for value in ungraded] == [("0", sentence("state.ungraded"))] * 3
    assert {value[2] for value in ungraded} == {render(reason)}


def nbformat_3() -> bytes:
    cells = [
        f'{{"cell_type": "code", "language": "python", "input": {json_text}, "outputs": []}}'
        for json_text in map(json.dumps, RIGHT)
    ]
    return f'{{"nbformat": 3, "metadata": {{"name": ""}}, "worksheets": [{{"cells": [{", ".join(cells)}]}}]}}'.encode()


def same_ids() -> bytes:
    form = json.loads(notebook(*RIGHT))
    return json.dumps({**form, "cells": [{**cell, "id": "same"} for cell in form["cells"]]}).encode()


@pytest.mark.parametrize(
    "data",
    [nbformat_3(), b"\xef\xbb\xbf" + notebook(*RIGHT).encode(), same_ids()],
    ids=["nbformat 3", "BOM", "same ids"],
)
def test_a_notebook_that_is_merely_unusual_is_graded(grade, grader, hand_in, book, data):
    assert grade(hand_in("001", data))[0] == 0
    assert {value[1] for value in rows(grader("scores", "--csv", "--gradebook", book)[1]).values()} == {PASSED}


def test_text_on_stderr_costs_nothing(grade, grader, hand_in, book):
    noise = (
        "import sys, warnings\nprint('error', file=sys.stderr)\nwarnings.warn('no')\nimport logging; logging.error('x')"
    )
    assert grade(hand_in("001", RIGHT[0], noise, *RIGHT[1:]))[0] == 0
    assert {value[1] for value in rows(grader("scores", "--csv", "--gradebook", book)[1]).values()} == {PASSED}


def test_problems_are_lines_and_the_rest_is_graded(grade, hand_in, tmp_path):
    folder = hand_in("001", *RIGHT)
    hand_in("002", "1", unit="toi")
    (folder / "003").mkdir()
    (folder / "003" / "toy.ipynb").symlink_to(folder / "001" / "toy.ipynb")
    status, out, err = grade(folder, tmp_path / "nothing")
    assert (status, out) == (1, "1 of 1 submissions graded now.\n")
    said = re.sub(r"\s+", " ", err)
    assert "did you mean 'toy'?" in said and "it is a link" in said and "No such file" in said


def test_what_lies_beside_submissions_is_noted_and_costs_no_exit_status(grade, hand_in):
    folder = hand_in("001", *RIGHT, "open('data.csv')")
    hand_in("001", b'{"cells": [{"cell_type": "code", "source": "1"}]}', unit="scratch")
    hand_in("001", *RIGHT[:3], unit="toy-Copy1")
    hand_in("001", *RIGHT[:4], unit="anna_toy")
    for name in ("data.csv", "plot.png", "._toy.ipynb", ".DS_Store"):
        (folder / "001" / name).write_bytes(b"x")
    status, out, err = grade(folder)
    assert (status, out) == (0, "1 of 1 submissions graded now.\n")
    assert [line for line in err.splitlines() if line.startswith(("!", "-"))] == [
        f"- {folder}/001/anna_toy.ipynb: learner '001' handed in 'toy' twice; {folder}/001/toy.ipynb is graded.",
        f"- {folder}/001: 3 other files were not taken: `plot.png`, `scratch.ipynb`, `toy-Copy1.ipynb`.",
    ]
    assert err.startswith("1 submission of 1 learner: 001.\n")


def test_who_handed_in_nothing_that_can_be_graded_stands_in_the_report(grade, hand_in, tmp_path):
    folder, report = hand_in("001", *RIGHT), tmp_path / "report"
    for learner, name in (("002", "toy.pdf"), ("003", "toy.ipynb.7z"), ("004", "onlinetext.html")):
        (folder / learner).mkdir()
        (folder / learner / name).write_bytes(b"x")
    status, out, err = grade(folder, "--report", report)
    assert (status, out.splitlines()[0]) == (1, "1 of 1 submissions graded now.")
    assert [line.split(": ")[1] for line in err.splitlines() if line.startswith("! ")] == [
        f"learner '{learner}' handed in nothing that can be graded. `{name}` is {what}. Hand in the notebook itself."
        for learner, name, what in (
            ("002", "toy.pdf", "a PDF"),
            ("003", "toy.ipynb.7z", "an archive that is not read; a .zip is"),
            ("004", "onlinetext.html", "a text typed into the platform"),
        )
    ]
    page = (report / "index.html").read_text()
    assert "3 problems: handed in, not graded" in page
    assert all(f'<strong><bdi class="id">{learner}</bdi></strong>' in page for learner in ("002", "003", "004"))


def test_why_a_submission_could_not_be_graded_is_a_line_each_time(grade, hand_in):
    hand_in("001", *RIGHT)
    hand_in("002", b"%PDF-1.7")
    folder = hand_in("003", SETUP, DOUBLE, "lab.check('double')", "import os\nos._exit(0)", TOTAL)
    for _ in range(2):
        status, _, err = grade(folder)
        assert status == 1
        first, second = [line for line in err.splitlines() if line.startswith("!")]
        assert first.startswith("! learner '002': toy ") and first.endswith(sentence("notebook.pdf"))
        assert second.startswith("! 1 ")


def test_a_class_of_which_nothing_can_be_graded_has_a_report_all_the_same(grade, tmp_path):
    for learner in ("001", "002"):
        (tmp_path / "class" / learner).mkdir(parents=True)
        (tmp_path / "class" / learner / "toy.pdf").write_bytes(b"%PDF")
    status, out, _ = grade(tmp_path / "class", "--report", tmp_path / "report")
    assert (status, out.splitlines()[0]) == (1, "0 of 0 submissions graded now.")
    assert "2 problems: handed in, not graded" in (tmp_path / "report" / "index.html").read_text()


def test_a_file_uploaded_again_that_is_no_notebook_leaves_the_grade_and_is_told(grade, grader, hand_in, book):
    folder = hand_in("001", *RIGHT)
    assert grade(folder)[0] == 0
    status, _, err = grade(hand_in("001", b"<!DOCTYPE html>"))
    assert status == 1
    assert "! " in err and "learner '001' had 6 of 6 points for 'toy' before. That grade stays" in err
    assert {value[1] for value in rows(grader("scores", "--csv", "--gradebook", book)[1]).values()} == {PASSED}


def test_a_learner_of_the_gradebook_is_graded_again_from_that_folder_alone(grade, grader, hand_in, book):
    """However it is given: a name in it says nobody, and neither does a folder in it."""
    folder = hand_in("001", *RIGHT, unit="002_toy")
    hand_in("002", *RIGHT[:3])
    grade(folder)
    hand_in("001/more", *RIGHT[:1])
    assert grade(folder / "001", "--again")[0] == 0
    found = {learner for learner, _ in rows(grader("scores", "--csv", "--gradebook", book)[1])}
    assert found == {"001", "002"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["grade", "EMPTY"], "no notebooks in this folder. Lay it out as <learner>/<unit>.ipynb."),
        (["grade", "../nothing"], "../nothing: it cannot be read (No such file or directory)."),
        (["grade", "class", "--gradebook", "postgresql://a:SECRET@h:p/x"], "cannot be opened: it is no SQLAlchemy URL"),
        (["grade", "class", "--course", "class"], "class is no course: it has no folder 'solutions'"),
        (
            ["grade", "class", "--report", "/proc/nothing"],
            "the report cannot be written to /proc/nothing: No such file",
        ),
        (
            ["grade", "class", "--report", "class/001/toy.ipynb"],
            "cannot be written to class/001/toy.ipynb: File exists",
        ),
        (["grade", "class", "--course", "a" * 300], "is no course: it has no folder 'solutions'"),
        (["grade", "class", "--gradebook", "EMPTY"], "the gradebook EMPTY cannot be opened: "),
        (["grade", "class", "--gradebook", "class/001/toy.ipynb"], "cannot be opened: file is not a database"),
        (["scores", "--gradebook", "EMPTY"], "the gradebook EMPTY cannot be opened: "),
        (["scores", "--gradebook", "a" * 300], "there is no gradebook aaa"),
        (["scores", "--gradebook", "nonsense://x"], "cannot be opened: it is no SQLAlchemy URL"),
        (["verify", "toi"], "this course has no unit 'toi'; did you mean 'toy'?\n"),
        (["verify", "--seed", "a", "--gradebook", "b.db"], "--seed or --gradebook, not both.\n"),
        (["build", "--check", "toi"], "this course has no unit 'toi'; did you mean 'toy'?\n"),
    ],
)
def test_wrong_use_is_one_message_that_says_what_to_do(grader, hand_in, toy, tmp_path, monkeypatch, words, said):
    hand_in("001", b"no notebook, and no database either" * 9)
    (tmp_path / "EMPTY").mkdir()
    monkeypatch.chdir(tmp_path)
    course = [] if "--course" in words or words[0] == "scores" else ["--course", toy.root]
    status, _, err = grader(*words, *course)
    assert status == 2
    assert said in err and "SECRET" not in err
    assert len([line for line in err.splitlines() if line.startswith("grader: ")]) == 1


def test_a_broken_source_is_told_and_the_other_units_are_graded(grade, toy, hand_in):
    write_source(toy.root, TOY.replace('Task("total", points=3)', 'Task("totals", points=3)'), "broken")
    folder = hand_in("001", *RIGHT)
    hand_in("002", *RIGHT, unit="broken")
    status, out, err = grade(folder)
    assert (status, out) == (1, "1 of 2 submissions graded now.\n")
    said = re.sub(r"\s+", " ", err)
    assert "task 'totals'" in said and "did you mean 'total'?" in said
    assert "'broken'" in said


def test_a_reference_that_raises_is_told_and_the_other_units_are_graded(grade, toy, hand_in):
    write_source(
        toy.root,
        TOY.replace("referenced = 2 * x", "referenced = 2 * x\n    1 / 0").replace(
            'lab.check("double")', 'double(1)\nlab.check("double")'
        ),
        "broken",
    )
    folder = hand_in("001", *RIGHT)
    hand_in("002", *RIGHT, unit="broken")
    status, out, err = grade(folder)
    assert (status, out) == (1, "1 of 2 submissions graded now.\n")
    assert "cell 4 ('double(1)'): ZeroDivisionError" in re.sub(r"\s+", " ", err)


def test_a_name_in_a_message_commands_no_terminal(grader, toy, tmp_path):
    path = tmp_path / "\x1b[2Jx"
    path.mkdir()
    status, _, err = grader("grade", path, "--course", toy.root, "--gradebook", tmp_path / "g.db")
    assert status == 2 and "\x1b" not in err


def test_names_that_are_no_unicode_are_graded_like_any_other(grade, grader, tmp_path, book):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/class/\xff"))
    folder.mkdir(parents=True)
    (folder / "toy.ipynb").write_text(notebook(*RIGHT))
    assert grade(tmp_path / "class", "--report", tmp_path / "report")[0] == 0
    assert {learner for learner, _ in rows(grader("scores", "--csv", "--gradebook", book)[1])} == {"\\xff"}
    assert len(list((tmp_path / "report" / "feedback").glob("*/toy.html"))) == 1


@pytest.mark.slow
def test_an_interrupted_grade_says_so_and_goes_on_where_it_stopped(grader, toy, hand_in, book):
    folder = hand_in("001", *RIGHT)
    hand_in("002", *RIGHT, "import time\ntime.sleep(4)")
    words = ["grade", folder, "--course", toy.root, "--gradebook", book, "--jobs", "2"]
    command = [sys.executable, "-m", "grader", *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True,
        # As in a terminal: who is started in the background ignores it, and so would all that is started by it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    with process:
        wait_for_scores(book)
        os.killpg(process.pid, signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 130 and "Traceback" not in said
    assert said.splitlines()[-1] == "grader: stopped; finished grades are kept. The same command continues from here."
    assert grader(*words)[:2] == (0, "1 of 2 submissions graded now; 1 had been graded before.\n")


def wait_for_scores(book: Path) -> None:
    """Until one run has come to its end, and the other is on its way."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with (
            suppress(sqlite3.OperationalError),
            closing(sqlite3.connect(f"file:{book}?mode=ro", uri=True)) as connection,
        ):
            if connection.execute("SELECT count(*) FROM runs WHERE finished").fetchone()[0]:
                return
        time.sleep(0.05)


def test_python_m_grader_is_the_command(tmp_path):
    said = shell("scores", "--gradebook", tmp_path / "grades.db")
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.startswith(f"grader: there is no gradebook {tmp_path}/grades.db: `grader grade` makes one")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "bomb", "named"),
    [
        (["--file-size", 1], "open('a', 'wb').write(b'x' * 2**21)", message("limit.file", size=2**20)),
        (
            ["--output", 0.1], "for _ in range(9000): display(1)",
            message("limit.output", cell=256 * 2**10, notebook=0.1 * 2**20),
        ),
        (["--memory", 0.2], "b'x' * 2**30", message("limit.memory", memory=0.2 * 2**30)),
        (["--timeout", 1], "while True: pass", message("limit.cell_seconds", seconds=0.5)),
        (["--cpu", 1], "os.fork(), os.fork()\nwhile True: pass", message("limit.cpu", seconds=1)),
    ],
    ids=["file size", "output", "memory", "time", "cpu"],
)  # fmt: skip
def test_a_limit_by_flag_is_named_and_what_stands_before_it_keeps_its_points(
    grade, grader, hand_in, book, words, bomb, named
):
    graded = f"{DOUBLE}\nlab.check('double')"
    grade(hand_in("001", f"{SETUP}\nimport os\n{graded}", f"{bomb}\n{TOTAL}"), *words)
    found = rows(grader("scores", "--csv", "--gradebook", book)[1])
    assert found["001", "double"][1] == PASSED
    stopped = message("task.stopped_in_cell" if named.code == "limit.cpu" else "cell.stopped", cell=2)
    assert found["001", "total"][2].endswith(render([stopped, named]))


def test_a_units_own_limits_hold_where_no_flag_is_given(grader, toy, hand_in, book):
    own = '# %% tags=["task"]\nfrom grader import Limits\nlimits = Limits(seconds=1)\n'
    source = toy.root / "solutions" / "toy.py"
    source.write_text(source.read_text(encoding="utf-8") + "\n" + own, encoding="utf-8")
    folder = hand_in("001", SETUP, "while True: pass\n" + TOTAL)
    said = {}
    for words in ([], ["--again", "--timeout", 2]):
        grader("grade", folder, "--course", toy.root, "--gradebook", book, *words)
        said[len(words)] = rows(grader("scores", "--csv", "--gradebook", book)[1])["001", "total"][2]
    assert said[0].endswith(sentence("limit.cell_seconds", seconds=0.5))
    assert said[3].endswith(sentence("limit.cell_seconds", seconds=1))
