"""Fixtures around the toy course, and one sandbox for all tests: it starts in a blink."""

import json
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from grader.classroom.grade_class import Tally
from grader.cli.main import main
from grader.gradebook.gradebook import Gradebook
from grader.judging.expectation import FORMAT
from grader.learner import jupyter as kernel
from grader.sandbox import Run, Sandbox, slots
from grader.sandbox.walls.memory_groups import new_group
from grader.units.course import Course
from tests.grader.grading import Kept, grader_of
from tests.grader.postgresql import Server, running
from tests.grader.toy import RIGHT, notebook, runner, write_source

EMPTY = {"reference": {}, "starter": {}, "misconceptions": {}, "alternatives": {}}
TASK = {"points": 1, "hints": [], "solution": "", "probes": [], "misconceptions": {}, "expectation": EMPTY}


@pytest.fixture
def toy(tmp_path: Path) -> Course:
    """The toy course."""
    return write_source(tmp_path / "course")


@pytest.fixture
def hand_in(tmp_path: Path) -> Callable[..., Path]:
    """Writes a learner's file and returns the folder of all; `cells` may be a whole file's bytes."""

    def write(learner: str, *cells: str | bytes, unit: str = "toy", folder: str = "class") -> Path:
        path = tmp_path / folder / learner / f"{unit}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cells[0] if isinstance(cells[0], bytes) else notebook(*cells).encode())
        return tmp_path / folder

    return write


@pytest.fixture
def grader(monkeypatch, capsys) -> Callable[..., tuple[int, str, str]]:
    """Runs the command line in this process: exit status, stdout and stderr. No traceback ever comes out of it."""

    def command(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["grader", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
            sys.exit(0)
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return int(end.value.code or 0), said.out, said.err

    return command


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox that imports NumPy and no more."""
    with Sandbox(["numpy"], jobs=2) as opened:
        yield opened


@pytest.fixture(scope="session")
def run(sandbox: Sandbox) -> Callable[..., Run]:
    """Runs code cells in the sandbox; `task` is observed as what `task()` returns."""
    return runner(sandbox)


COUNTING = {"added up": False, **({"by the kernel": True} if (group := new_group()) else {})}
if group is not None:
    group.remove()


@pytest.fixture(scope="session", params=COUNTING)
def run_counting(request: pytest.FixtureRequest) -> Iterator[Callable[..., Run]]:
    """Runs code cells in a sandbox for each way to count memory that this machine has."""
    with pytest.MonkeyPatch.context() as patch:
        if not COUNTING[request.param]:
            patch.setattr(slots, "new_group", lambda: None)
        with Sandbox(["numpy"], jobs=2) as opened:
            yield runner(opened)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server, started when the first test asks for it."""
    with running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes an empty database and returns its URL. A test that takes it is run on every kind of database."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql").url
    numbers = count()
    return lambda: f"sqlite:///{tmp_path}/grades_{next(numbers)}.db"


@pytest.fixture
def book() -> Iterator[Gradebook]:
    """A gradebook in memory."""
    opened = Gradebook("sqlite://")
    yield opened
    opened.close()


@pytest.fixture
def graded(toy: Course, book: Gradebook, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Tally]:
    """Grades a folder in the sandbox of all tests; returns the tally."""
    monkeypatch.setattr("grader.classroom.grade_class.Sandbox", lambda *_, **__: Kept(sandbox))
    return grader_of(toy, book)


@pytest.fixture
def labs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of labs of a course, in which the learner works; `toy` asks for a model, too."""
    monkeypatch.setattr(kernel, "_ran", {})
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    folder = tmp_path / "labs"
    (folder / ".checks").mkdir(parents=True)
    tasks = {"double": TASK, "total": TASK, "quiz": TASK, "model": {**TASK, "file": "model.keras"}}
    form = {"format": FORMAT, "unit": "toy", "title": "A toy", "digest": "d" * 64, "tasks": tasks}
    (folder / ".checks" / "toy.json").write_text(json.dumps(form))
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "labs"\nversion = "1.2"\n')
    (folder / "toy.ipynb").write_text(notebook(*RIGHT))
    (folder / "model.keras").write_bytes(b"weights")
    monkeypatch.chdir(folder)
    return folder
