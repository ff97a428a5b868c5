"""The form of a gradebook: an older one is brought into it, another's database and a later one are refused."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from grader.core.errors import GradebookError
from grader.gradebook import versions as module
from grader.gradebook.gradebook import Gradebook
from grader.gradebook.versions import SCHEMA
from grader.judging.verdict import State, state_words
from tests.grader.gradebook.test_gradebook import graded, verdict
from tests.grader.locks import another_program
from tests.grader.said import words

KEPT = Path(__file__).parent / "kept"
OLD = KEPT / "without_version.db"
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


def test_a_gradebook_of_version_3_opens_with_all_that_it_holds(tmp_path):
    path, known = shutil.copy(KEPT / "version_3.db", tmp_path), json.loads((KEPT / "version_3.json").read_text())
    with Gradebook(str(path)) as book:
        rows = book.score_rows()
        assert [
            [row.learner, row.unit, row.task, row.points, row.max_points, state_words(row.verdict), words(row),
             row.misconception]
            for row in rows
        ] == known["rows"]  # fmt: skip
        assert {row.verdict for row in rows} == set(State)
        assert [f"{learner}/{unit}" for learner, unit, _ in book.submissions()] == list(known["outcomes"])
        for name, there in known["outcomes"].items():
            outcome = book.outcome(*name.split("/"))
            assert [
                [cell, v.task, state_words(v.state), words(v), v.misconception, v.call, v.came_back, v.expected]
                for cell, v in outcome.verdicts
            ] == there["verdicts"]
            assert (words(outcome.stopped), outcome.walled, outcome.source) == (
                f"It {there['stopped']}." if there["stopped"] else "", there["walled"], there["source"],
            )  # fmt: skip
            assert (list(map(words, outcome.causes)), len(outcome.executed["cells"])) == (
                there["causes"] or [],
                there["cells"],
            )
            assert (book.seed, book.expectations(outcome.unit, outcome.source) is None) == (there["seed"], False)


@pytest.mark.parametrize(
    "lack",
    [
        "DROP TABLE claims",
        "ALTER TABLE runs DROP COLUMN seconds",
        "ALTER TABLE runs DROP COLUMN walled",
        "ALTER TABLE runs DROP COLUMN stopped",
        "ALTER TABLE runs DROP COLUMN executed",
        "DELETE FROM settings WHERE name = 'schema'",
    ],
)
def test_what_an_older_form_lacks_is_added_in_place(database, lack):
    url = database()
    with Gradebook(url) as book:
        graded(book, "001", verdict(points=1.5))
    texts = "UPDATE verdicts SET message = 'Right.'", "UPDATE runs SET stopped = ''"
    execute(url, *texts, lack, "UPDATE settings SET value = '1' WHERE name = 'schema'")
    with Gradebook(url) as book:
        assert [(row.learner, row.points) for row in book.score_rows()] == [("001", 1.5)]
        assert (book.outcome("001", "01").walled, book.outcome("001", "01").stopped) == (True, ())
        graded(book, "002", bytes_="other")
    assert version(url) == str(SCHEMA)


def test_nothing_is_added_where_not_all_can_be(old, monkeypatch):
    """It is one transaction: an old gradebook is as it was, or in the new form."""
    execute(f"sqlite:///{old}", "DROP TABLE claims")
    before = old.read_bytes()

    def fails(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(module, "put", fails)
    with pytest.raises(sqlite3.OperationalError):
        Gradebook(str(old))
    monkeypatch.undo()
    with closing(sqlite3.connect(old)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert "claims" not in tables and old.read_bytes() == before
    with Gradebook(str(old)) as book:
        assert grades(book) == GRADES


@pytest.mark.parametrize("value", [SCHEMA + 1, "99999999999999999999", "later", "-1", ""])
def test_a_gradebook_of_a_later_version_is_refused_in_a_sentence(database, value):
    url = database()
    with Gradebook(url) as book:
        graded(book, "001")
    execute(url, f"UPDATE settings SET value = '{value}' WHERE name = 'schema'")
    with pytest.raises(GradebookError, match=rf"a later version of the grader made it \(it has version {value}, and"):
        Gradebook(url)
    assert version(url) == str(value)


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
