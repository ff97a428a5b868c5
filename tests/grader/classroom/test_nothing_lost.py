"""Whatever dies or fills up while a class is graded: after a restart each submission is graded once, with its scores.

`NOTHING_LOST_SEED` repeats the moments of an earlier run, which each test prints.
"""

import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

import grader as package
from tests.grader.disk import Disk, small_disk
from tests.grader.hostile import WHOLE
from tests.grader.toy import DOUBLE, RIGHT, SETUP, TOTAL, notebook, write_source

ROOT = Path(package.__file__).parents[1]
CLASS, MOMENTS = (200, 20) if WHOLE else (80, 8)
FULL = re.compile(r"grader: the disk holding .+ is full: make room, then give the same command again\.")
# What a notebook computes: were it too fast, the class would be done before the last blow.
WORK = "import time\ntime.sleep(0.1)"
ANSWERS = (
    RIGHT,
    (SETUP, "def double(x):\n    return x**2", "lab.check('double')", TOTAL, "lab.answer('quiz', 'a')"),
    (SETUP, DOUBLE, "lab.check('double')", "1 / 0"),
    (SETUP, DOUBLE, "lab.check('double')", "import os\nos._exit(3)", TOTAL),
    (SETUP, "print('\\0 \\ud83d')", TOTAL),
)
AUDIT = {
    "sqlite": [
        "CREATE TABLE audit (what TEXT, run INTEGER)",
        "CREATE TRIGGER finished AFTER UPDATE ON runs WHEN NEW.finished "
        "BEGIN INSERT INTO audit VALUES ('finished', NEW.id); END",
        "CREATE TRIGGER begun AFTER INSERT ON claims BEGIN INSERT INTO audit VALUES ('begun', NEW.run); END",
    ],
    "postgresql": [
        "CREATE TABLE audit (what TEXT, run INTEGER)",
        "CREATE FUNCTION finished() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN INSERT INTO audit VALUES (''finished'', NEW.id); RETURN NEW; END'",
        "CREATE FUNCTION begun() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN INSERT INTO audit VALUES (''begun'', NEW.run); RETURN NEW; END'",
        "CREATE TRIGGER finished AFTER UPDATE ON runs FOR EACH ROW WHEN (NEW.finished) EXECUTE FUNCTION finished()",
        "CREATE TRIGGER begun AFTER INSERT ON claims FOR EACH ROW EXECUTE FUNCTION begun()",
    ],
}

# Asks the database: only inside is a file on the small disk what its path says.
ASK = """
import json, sys
from sqlalchemy import create_engine
from grader.gradebook.gradebook import Gradebook
Gradebook(sys.argv[1]).close()
engine = create_engine(sys.argv[1])
for line in sys.stdin:
    try:
        with engine.begin() as connection:
            results = [connection.exec_driver_sql(statement) for statement in json.loads(line)]
            rows = [list(row) for row in results[-1]] if results[-1].returns_rows else []
    except Exception as error:
        rows = str(error)
    engine.dispose()
    print(json.dumps(rows), flush=True)
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """The toy course, and a class of many notebooks, no two of them alike."""
    root = write_source(tmp_path_factory.mktemp("course")).root
    for number in range(CLASS):
        path = root / "class" / f"{number:03}" / "toy.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(notebook(WORK, *ANSWERS[number % len(ANSWERS)], f"# {number}"))
    return root


@pytest.fixture(scope="module")
def undisturbed(course, tmp_path_factory) -> Iterator[str]:
    """The scores of the class where nothing happens."""
    arena = Arena(course, f"sqlite:///{tmp_path_factory.mktemp('undisturbed')}/grades.db", None)
    assert arena.grade()[0] == 1  # one of the answers ends its process
    yield arena.scores()
    arena.end()


@pytest.fixture
def disk(tmp_path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk") as mounted:
        yield mounted


@pytest.fixture(params=["sqlite", "postgresql"])
def arena(request, course, disk) -> Iterator["Arena"]:
    """A gradebook on a small disk, where the commands' temporary files are, too."""
    if request.param == "sqlite":
        made = Arena(course, f"sqlite:///{disk.folder}/grades.db", disk)
    else:
        server = request.getfixturevalue("postgresql")
        made = Arena(course, server.url(small=True), disk)
        made.fill, made.make_room = server.fill, server.make_room
    yield made
    made.make_room()
    made.end()


class Arena:
    """A class, a gradebook, and commands at work on them."""

    def __init__(self, course: Path, url: str, disk: Disk | None) -> None:
        self.course, self.url, self.disk = course, url, disk
        self._commands: list[subprocess.Popen[str]] = []
        self._found: set[psutil.Process] = set()
        self.fill: Callable[[], None] = disk.fill if disk else lambda: None
        self.make_room: Callable[[], None] = disk.make_room if disk else lambda: None
        self._asked = self._run(sys.executable, "-c", ASK, url)
        kind = url.partition(":")[0].partition("+")[0]
        self.execute("UPDATE settings SET value = 'the same for all' WHERE name = 'seed'", *AUDIT[kind])

    def start(self, *words: object) -> subprocess.Popen[str]:
        """A `grade` command."""
        options = ("--jobs", 2, "--timeout", 20, "--course", self.course, "--gradebook", self.url)
        return self._run(sys.executable, "-m", "grader", "grade", *words, *options)

    def _run(self, *words: object) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        if self.disk:
            environment["TMPDIR"] = str(self.disk.folder)
        command = self.disk.inside(*words) if self.disk else [*map(str, words)]
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            command, env=environment, text=True, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT
        )
        self._commands.append(process)
        return process

    def grade(self, *words: object) -> tuple[int, str]:
        """Grade the class to the end: exit status, and what was said."""
        command = self.start(self.course / "class", *words)
        said = command.communicate(timeout=200)[0]
        return command.returncode, said

    def execute(self, *statements: str) -> list:
        """Run statements beside the commands; the rows of the last."""
        assert self._asked.stdin is not None and self._asked.stdout is not None
        print(json.dumps(statements), file=self._asked.stdin, flush=True)
        answer = json.loads(self._asked.stdout.readline())
        if isinstance(answer, str):
            raise RuntimeError(answer)
        return answer

    def finished(self) -> int:
        """How many runs are finished. It is asked again where a full disk does not answer."""
        while True:
            with suppress(RuntimeError):
                return self.execute("SELECT count(*) FROM runs WHERE finished")[0][0]
            time.sleep(0.05)

    def counted(self, what: str) -> Counter[int]:
        """How often each run was finished, or begun."""
        return Counter(run for kind, run in self.execute("SELECT what, run FROM audit") if kind == what)

    def scores(self) -> str:
        """The scores as CSV."""
        return self._run(sys.executable, "-m", "grader", "scores", "--csv", "--gradebook", self.url).communicate()[0]

    def server(self, command: subprocess.Popen[str]) -> psutil.Process | None:
        """A command's fork server, once there is one."""
        with suppress(psutil.Error):
            for child in psutil.Process(command.pid).children():
                if "grader.sandbox.inside.server" in child.cmdline():
                    return child
        return None

    def below(self, command: subprocess.Popen[str]) -> list[psutil.Process]:
        """All processes that a command started."""
        with suppress(psutil.Error):
            found = psutil.Process(command.pid).children(recursive=True)
            self._found.update(found)
            return found
        return []

    def left(self) -> list[psutil.Process]:
        """What still runs of all that was ever seen."""
        return [process for process in self._found if process.is_running()]

    def end(self) -> None:
        """End the commands that are left."""
        for command in self._commands:
            self.below(command)
            command.kill()
            command.communicate()
        for process in self.left():
            with suppress(psutil.Error):
                process.kill()


def eventually(condition: Callable[[], object], seconds: float = 10.0) -> object:
    """What a condition gives once it is true, or at last."""
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


class Chaos:
    """Hits a command in one way or another, and starts it again where it ended."""

    def __init__(self, arena: Arena, dice: random.Random) -> None:
        self._arena, self._dice = arena, dice
        self.hits: Counter[str] = Counter()
        self.command = self._start()

    def hit(self, kind: str) -> None:
        getattr(self, kind)()
        self.hits[kind] += 1

    def kill_command(self) -> None:
        self._arena.below(self.command)
        self.command.kill()
        self.command.communicate()
        assert eventually(lambda: not self._arena.left()), "what a killed command started ends by itself"
        self.command = self._start()

    def kill_server(self) -> None:
        server = eventually(self.server, 60.0)
        assert isinstance(server, psutil.Process)
        server.kill()

    def kill_child(self) -> None:
        def kill() -> bool:
            server = self.server()
            with suppress(psutil.Error):
                below = server.children(recursive=True) if server else []
                self._dice.choice(below).kill() if below else None
                return bool(below)
            return False

        assert eventually(kill, 60.0)  # a server begins anew in between, on a busy machine
        time.sleep(0.5)  # another SIGKILL for the same notebook would be its own

    def fill_disk(self) -> None:
        self._arena.fill()
        with suppress(subprocess.TimeoutExpired):
            self.command.wait(3)
        self._arena.make_room()

    def wait_for(self, moment: int, seconds: float = 60.0) -> None:
        """Until so many runs are finished."""
        deadline = time.monotonic() + seconds
        while self._arena.finished() < moment:
            assert time.monotonic() < deadline, f"{moment} should be finished by now"
            self.revive()
            time.sleep(0.05)

    def revive(self) -> None:
        """Start a command again that a full disk has stopped meanwhile."""
        if self.command.poll() is not None:
            last = self.command.communicate()[0].splitlines()[-1]
            assert (self.command.returncode, bool(FULL.fullmatch(last))) == (1, True), last
            self.hits["stopped by a full disk"] += 1
            self.command = self._start()

    def server(self) -> psutil.Process | None:
        """The fork server, once there is one."""
        self.revive()
        return self._arena.server(self.command)

    def _start(self) -> subprocess.Popen[str]:
        return self._arena.start(self._arena.course / "class")


def test_random_blows_lose_nothing(arena, undisturbed):
    seed = int(os.environ.get("NOTHING_LOST_SEED") or random.randrange(10**6))
    print("NOTHING_LOST_SEED:", seed)
    dice = random.Random(seed)
    kinds = ["kill_command", "kill_server", "kill_child", "fill_disk"] * (MOMENTS // 4)
    dice.shuffle(kinds)
    chaos = Chaos(arena, dice)
    for moment, kind in zip(sorted(dice.sample(range(CLASS * 9 // 10), MOMENTS)), kinds, strict=True):
        chaos.wait_for(moment)
        time.sleep(dice.uniform(0, 0.3))
        print(f"{kind} when {arena.finished()} of {CLASS} are finished")
        chaos.hit(kind)
    chaos.wait_for(CLASS, 120)
    said = chaos.command.communicate(timeout=20)[0]
    print(said, chaos.hits)
    assert chaos.hits["stopped by a full disk"] >= 1
    assert arena.scores() == undisturbed
    finished = arena.counted("finished")
    assert len(finished) == CLASS and set(finished.values()) == {1}
    assert not arena.left() and not list(arena.disk.seen.glob("grader-*"))


def first(arena: Arena, number: int) -> list[Path]:
    """The first few learners of the class."""
    return sorted((arena.course / "class").iterdir())[:number]


def scores_of(learners: list[Path], scores: str) -> list[str]:
    names = {learner.name for learner in learners}
    return [line for line in scores.splitlines() if line.partition(",")[0] in names | {"learner"}]


def test_two_commands_at_once_share_the_work(arena, undisturbed):
    learners = first(arena, 60)
    commands = [arena.start(*learners) for _ in range(2)]
    said = [command.communicate(timeout=120)[0].splitlines()[-1] for command in commands]
    assert sum(int(line.split(" of 60 submissions graded now")[0]) for line in said) == 60, said
    assert arena.counted("begun") == arena.counted("finished") == dict.fromkeys(arena.counted("begun"), 1)
    assert len(arena.counted("finished")) == 60
    assert arena.scores().splitlines() == scores_of(learners, undisturbed)


def test_what_a_killed_command_was_at_is_taken_over_by_the_one_beside_it(arena, undisturbed):
    learners = first(arena, 60)
    killed, other = [arena.start(*learners) for _ in range(2)]
    assert eventually(lambda: arena.finished() >= 10, 60)
    killed.kill()
    said = other.communicate(timeout=120)[0]
    assert other.returncode == 1, said  # one of the answers ends its process
    assert arena.counted("finished") == dict.fromkeys(arena.counted("begun"), 1)
    assert len(arena.counted("finished")) == 60
    assert arena.scores().splitlines() == scores_of(learners, undisturbed)


def test_a_gradebook_on_a_full_disk_is_told_in_a_line_and_goes_on_with_room(arena, undisturbed):
    learners = first(arena, 5)
    arena.fill()
    full = arena.start(*learners)
    said = full.communicate(timeout=60)[0].splitlines()
    assert (full.returncode, len([line for line in said if FULL.fullmatch(line)])) == (1, 1), said
    arena.make_room()
    arena.start(*learners).communicate(timeout=60)
    assert arena.scores().splitlines() == scores_of(learners, undisturbed)


def test_a_report_on_a_full_disk_has_no_half_page_and_goes_on_with_room(course, disk, tmp_path):
    arena = Arena(course, f"sqlite:///{tmp_path}/grades.db", disk)
    learners, report = first(arena, 8), disk.folder / "report"
    arena.start(*learners).communicate(timeout=60)
    disk.fill(but=2**16)
    full = arena.start(*learners, "--report", report)
    said = full.communicate(timeout=60)[0].splitlines()
    assert (full.returncode, said[-1]) == (
        1, f"grader: the disk holding the report {report} is full: make room, then give the same command again.",
    )  # fmt: skip
    files = [path for path in (disk.seen / "report").rglob("*") if path.is_file()]
    assert files and all(path.read_text().endswith("-->\n") for path in files)
    disk.make_room()
    assert arena.start(*learners, "--report", report).communicate(timeout=60)[0].endswith(f"{report}/index.html\n")
    names = {path.name for path in (disk.seen / "report").rglob("*") if path.is_file()}
    assert names == {"index.html", "scores.csv", "toy.html"}
    arena.end()
