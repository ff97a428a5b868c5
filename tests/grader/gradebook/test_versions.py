"""The form of a gradebook: an older one is brought into it, another's database and a later one are refused."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine, inspect, make_url

from grader.core.errors import GradebookError
from grader.gradebook import versions as module
from grader.gradebook.gradebook import Gradebook
from grader.gradebook.tables import tables
from grader.gradebook.versions import SCHEMA
from grader.judging.verdict import State
from tests.grader.gradebook.test_gradebook import graded
from tests.grader.locks import another_program
from tests.grader.said import words

KEPT = Path(__file__).parent / "kept"
OLD = KEPT / "without_version.db"
KNOWN = json.loads((KEPT / "version_3.json").read_text(encoding="utf-8"))
THEN = {  # the words in which version 3 kept a state
    State.PASSED: "passed",
    State.FAILED: "failed",
    State.NOT_ATTEMPTED: "not attempted",
    State.UNGRADED: "could not be graded",
}
LOST = "The notebook ended its Python process (exit status 3) in cell 4, before this task was reached."
GRADES = [
    ("001", "double", State.PASSED, 2.0, "Right."),
    ("001", "total", State.PASSED, 3.0, "Right."),
    ("001", "quiz", State.PASSED, 1.0, "Right."),
    ("002", "double", State.FAILED, 0.0, "That is the square: add x to itself."),
    ("002", "total", State.PASSED, 3.0, "Right."),
    ("002", "quiz", State.FAILED, 0.0, "Not a: read again."),
    ("Zoë", "double", State.PASSED, 2.0, "Right."),
    ("Zoë", "total", State.UNGRADED, 0.0, LOST),
    ("Zoë", "quiz", State.UNGRADED, 0.0, LOST),
]


@pytest.fixture
def old(tmp_path) -> Path:
    """A gradebook from before its form had a version: three learners' grades."""
    return Path(shutil.copy(OLD, tmp_path / "grades.db"))


@pytest.fixture
def kept(request, tmp_path, database) -> Callable[[str], str]:
    """Gives the URL of a kept gradebook's copy, in every kind of database."""

    def copied(name: str) -> str:
        url = database()
        if url.startswith("sqlite"):
            shutil.copy(KEPT / f"{name}.db", make_url(url).database)
        else:
            _copy(KEPT / f"{name}.db", url)
        return url

    return copied


def _copy(path: Path, url: str) -> None:
    """Copy an SQLite file's tables, as they are, into a server's database."""
    there, here = create_engine(f"sqlite:///{path}"), create_engine(url)
    found = MetaData()
    with there.connect() as source, here.begin() as target:
        found.reflect(source)
        for table in found.sorted_tables:
            for column in table.columns:
                column.type = column.type.as_generic()
            rows = [row._asdict() for row in source.execute(table.select())]
            table.create(target)
            if rows:
                target.execute(table.insert(), rows)
        target.exec_driver_sql("SELECT setval(pg_get_serial_sequence('runs', 'id'), max(id)) FROM runs")
    there.dispose()
    here.dispose()


def execute(url: str, *statements: str) -> None:
    with another_program(url, *statements) as connection:
        connection.commit()


def version(url: str) -> str:
    with another_program(url) as connection:
        return connection.exec_driver_sql("SELECT value FROM settings WHERE name = 'schema'").scalar()


def grades(book: Gradebook) -> list[tuple]:
    return [(row.learner, row.task, row.verdict, row.points, words(row)) for row in book.score_rows()]


def test_a_new_gradebook_says_in_which_form_it_is(database):
    url = database()
    Gradebook(url).close()
    assert version(url) == str(SCHEMA)


def test_an_old_gradebook_opens_with_every_grade_and_keeps_its_seed(old):
    for _ in range(2):
        with Gradebook(str(old)) as book:
            assert grades(book) == GRADES
            assert [learner for learner, _, _ in book.submissions()] == ["001", "002", "Zoë"]
            squared = book.outcome("002", "toy").verdicts[0][1]
            assert (squared.misconception, squared.came_back) == ("squared", "[1.  , 6.25]")
            assert book.outcome("001", "toy").executed["cells"][-1]["source"] == "# handed in again"
            assert book.expectations("toy", book.outcome("001", "toy").source) is None  # of one draw; judged otherwise
            assert book.seed == "fe6bfb12f578a0769c04f0ecf46fd739"
    assert version(f"sqlite:///{old}") == str(SCHEMA)


def holds_version_3(url: str) -> None:
    """The gradebook opens with all that the grader which made it read from it."""
    with Gradebook(url) as book:
        rows = book.score_rows()
        assert [
            [row.learner, row.unit, row.task, row.points, row.max_points, THEN[row.verdict], words(row),
             row.misconception]
            for row in rows
        ] == KNOWN["rows"]  # fmt: skip
        assert {row.verdict for row in rows} == set(State) - {State.WAITING}  # which came later
        assert [f"{learner}/{unit}" for learner, unit, _ in book.submissions()] == list(KNOWN["outcomes"])
        for name, there in KNOWN["outcomes"].items():
            outcome = book.outcome(*name.split("/"))
            assert [
                [cell, v.task, THEN[v.state], words(v), v.misconception, v.call, v.came_back, v.expected]
                for cell, v in outcome.verdicts
            ] == there["verdicts"]
            assert (words(outcome.stopped), outcome.walled, outcome.source) == (
                f"It {there['stopped']}." if there["stopped"] else "", there["walled"], there["source"],
            )  # fmt: skip
            assert list(map(words, outcome.causes)) == (there["causes"] or [])
            assert len(outcome.executed["cells"]) == there["cells"]
            assert (book.seed, book.expectations(outcome.unit, outcome.source) is None) == (there["seed"], False)


def test_a_gradebook_of_version_3_opens_with_all_that_it_holds(kept):
    url = kept("version_3")
    for _ in range(2):
        holds_version_3(url)


LACKS = [
    [],
    ["DROP TABLE claims"],
    ["DROP TABLE claims", "DROP TABLE commands"],
    *([f"ALTER TABLE runs DROP COLUMN {name}"] for name in ("seconds", "walled", "stopped", "executed")),
    ["INSERT INTO settings (name, value) VALUES ('schema', '1')"],
    ["INSERT INTO settings (name, value) VALUES ('schema', '2')"],
]


@pytest.mark.parametrize("lacks", LACKS, ids=" ".join)
def test_what_an_older_version_lacks_is_added_in_place(kept, lacks):
    url = kept("without_version")
    execute(url, *lacks)
    with Gradebook(url) as book:
        assert [row[:4] for row in grades(book)] == [row[:4] for row in GRADES]
        assert book.outcome("001", "toy").walled and book.all_walled()
        graded(book, "002", bytes_="other")
        assert book.outcome("002", "01").verdicts
    assert version(url) == str(SCHEMA)


@pytest.mark.parametrize("name", ["without_version", "version_3"])
def test_an_older_gradebook_is_brought_to_the_tables_of_a_new_one(kept, name):
    url = kept(name)
    Gradebook(url).close()
    with another_program(url) as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables) == []


def test_the_last_script_is_that_of_this_version():
    scripts = ScriptDirectory(str(module.MIGRATIONS))
    assert scripts.get_heads() == [str(SCHEMA)]
    assert [script.revision for script in scripts.walk_revisions()] == [str(n) for n in range(SCHEMA, 0, -1)]


HALF = """
import os, signal
import sqlalchemy as sa
from alembic import op
revision, down_revision = "{next}", "{last}"
def upgrade():
    op.execute("UPDATE verdicts SET points = 99")
    op.add_column("runs", sa.Column("more", sa.Integer, nullable=False, server_default="1"))
    op.execute("DELETE FROM submissions")
    {end}
"""
OPEN = """
import sys
from pathlib import Path
from grader.gradebook import versions
from grader.gradebook.gradebook import Gradebook
if len(sys.argv) > 2:
    versions.SCHEMA, versions.MIGRATIONS = versions.SCHEMA + 1, Path(sys.argv[2])
with Gradebook(sys.argv[1]) as book:
    print(len(book.score_rows()), "alembic" in sys.modules)
"""


def half_way(folder: Path, end: str) -> Path:
    """The scripts, and one more that comes to no good end."""
    scripts = Path(shutil.copytree(module.MIGRATIONS, folder / "migrations"))
    text = HALF.format(next=SCHEMA + 1, last=SCHEMA, end=end)
    (scripts / "versions" / "version_next.py").write_text(text)
    return scripts


def opened(*words: object) -> subprocess.Popen[str]:
    """Another command, which opens a gradebook."""
    command = [sys.executable, "-c", OPEN, *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")


def test_a_migration_that_fails_half_way_leaves_the_gradebook_as_it_was(kept, tmp_path, monkeypatch):
    url = kept("version_3")
    monkeypatch.setattr(module, "MIGRATIONS", half_way(tmp_path, "raise OSError('no more')"))
    monkeypatch.setattr(module, "SCHEMA", SCHEMA + 1)
    with pytest.raises(GradebookError, match="cannot be opened: no more"):
        Gradebook(url)
    monkeypatch.undo()
    assert version(url) == "3"
    with another_program(url) as connection:
        assert "more" not in {column["name"] for column in inspect(connection).get_columns("runs")}
        states = connection.exec_driver_sql("SELECT DISTINCT state FROM verdicts").scalars().all()
    assert "not attempted" in states and "not_attempted" not in states
    holds_version_3(url)


def test_a_migration_that_is_killed_half_way_leaves_the_gradebook_as_it_was(kept, tmp_path):
    url = kept("version_3")
    command = opened(url, half_way(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)"))
    assert command.communicate(timeout=60) == ("", "") and command.returncode == -signal.SIGKILL
    assert version(url) == "3"
    holds_version_3(url)


def test_several_commands_open_an_old_gradebook_at_once(kept):
    for name, rows in (("without_version", len(GRADES)), ("version_3", len(KNOWN["rows"]))):
        url = kept(name)
        commands = [opened(url) for _ in range(4)]
        said = [command.communicate(timeout=120) for command in commands]
        assert [(out.split()[:1], err) for out, err in said] == [([str(rows)], "")] * 4
        assert version(url) == str(SCHEMA)


def test_alembic_is_imported_for_an_older_gradebook_alone(tmp_path, old):
    path = tmp_path / "new.db"
    for name, imported in ((path, False), (path, False), (old, True), (old, False)):
        out, err = opened(name).communicate(timeout=60)
        assert (out.split()[1:], err) == ([str(imported)], "")


LATER = [(str(number), rf"a later version .* \(it has version {number}, and") for number in (SCHEMA + 1, 987654321)]
NO_VERSION = ["9" * 20, "later", "-1", "", "0", "00003", "3.0", "3 ", "٣"]


@pytest.mark.parametrize(("value", "said"), [*LATER, *((text, "its version, '.*', is none") for text in NO_VERSION)])
def test_a_gradebook_of_a_later_version_or_of_none_is_refused_in_a_sentence(database, value, said):
    url = database()
    with Gradebook(url) as book:
        graded(book, "001")
    execute(url, f"UPDATE settings SET value = '{value}' WHERE name = 'schema'")
    with pytest.raises(GradebookError, match=said):
        Gradebook(url)
    assert version(url) == value


def test_a_gradebook_whose_settings_are_lost_is_moved_from_the_first_version(old):
    url = f"sqlite:///{old}"
    execute(url, "DELETE FROM settings")
    with Gradebook(url) as book:
        assert book.score_rows()
    assert version(url) == str(SCHEMA)


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE places (id INTEGER)", "CREATE TABLE visits (id INTEGER)"],
        ["CREATE TABLE settings (id INTEGER)"],
        ["CREATE TABLE settings (key TEXT, value TEXT)"],
        ["CREATE TABLE runs (id INTEGER)"],
        ['CREATE TABLE "a\n\x1b[2J" (id INTEGER)'],
    ],
)
def test_an_sqlite_file_of_something_else_is_refused_in_a_sentence_and_left_alone(tmp_path, statements):
    path = tmp_path / "grades.db"
    execute(f"sqlite:///{path}", *statements)
    with closing(sqlite3.connect(path)) as connection:
        before = connection.execute("SELECT sql FROM sqlite_master").fetchall()
    with pytest.raises(
        GradebookError, match="it is an SQLite file of something else .its tables: .+; name anot"
    ) as told:
        Gradebook(str(path))
    assert str(told.value).isprintable()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT sql FROM sqlite_master").fetchall() == before


def test_a_server_may_keep_other_tables_in_the_same_database_but_none_by_our_names(postgresql):
    url = postgresql.url()
    execute(url, "CREATE TABLE pages (id INTEGER)")
    Gradebook(url).close()
    url = postgresql.url()
    execute(url, "CREATE TABLE settings (key TEXT)")
    with pytest.raises(GradebookError, match=r"it is a database of something else \(its tables: settings\)"):
        Gradebook(url)


def test_the_command_line_tells_a_file_of_something_else(grader, tmp_path):
    path = tmp_path / "places.db"
    execute(f"sqlite:///{path}", "CREATE TABLE places (id INTEGER)")
    status, _, err = grader("scores", "--gradebook", path)
    assert status == 2
    assert err == (
        f"grader: the gradebook {path} cannot be opened: it is an SQLite file of something else (its tables: places); "
        "name another.\n"
    )


def test_tables_that_cannot_be_made_are_not_tried_again_and_again(monkeypatch):
    tried = []

    def fails(connection: object) -> None:
        tried.append(connection)
        raise module.DBAPIError("", {}, Exception("disk I/O error"))

    monkeypatch.setattr(module.tables, "create_all", fails)
    with pytest.raises(GradebookError, match="disk I/O error"):
        Gradebook("sqlite://")
    assert len(tried) == 1


def test_tables_that_another_grader_makes_at_this_moment_are_looked_for_again(monkeypatch):
    create, tried = module.tables.create_all, []

    def fails_first(connection: object) -> None:
        tried.append(connection)
        if len(tried) < 3:
            raise module.DBAPIError("", {}, Exception('relation "runs" already exists'))
        create(connection)

    monkeypatch.setattr(module.tables, "create_all", fails_first)
    Gradebook("sqlite://").close()
    assert len(tried) == 3
