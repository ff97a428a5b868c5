from pathlib import Path

import pytest

from grader.classroom.grade_class import Tally
from grader.cli import progress_meter as module
from grader.cli.progress_meter import Meter, printable
from grader.collecting.problems import Kind, Left, Problem


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test turns."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def meter_of(submissions: int) -> Meter:
    """A meter that has heard of so many submissions, in a line."""
    meter = Meter()
    meter.found(["001"] * submissions)
    return meter


def test_the_rate_counts_from_the_first_one_that_is_really_graded(clock, capsys):
    with meter_of(14) as meter:
        meter.done(Tally(kept=4))
        clock[0] += 60  # the sandbox starts
        for graded in range(1, 4):
            clock[0] += 6
            meter.done(Tally(graded=graded, kept=4))
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == "7 of 14 10.0 a minute, 0:42 left"


def test_where_nobody_watches_a_line_is_said_every_ten_seconds(clock, capsys):
    with meter_of(100) as meter:
        for graded in range(1, 26):
            clock[0] += 1
            meter.done(Tally(graded=graded))
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" of ")[0] for line in lines[1:]] == ["10", "20"]
    assert lines[2].endswith("60.0 a minute, 1:20 left")


def test_the_summary_is_a_line(clock):
    meter = meter_of(3)
    assert meter.summary() == "0 of 3 submissions graded now."
    meter.done(Tally(graded=1, kept=2))
    assert meter.summary() == "1 of 3 submissions graded now; 2 had been graded before."


def test_what_another_command_grades_counts_towards_the_end_and_is_told_apart(clock, capsys):
    with meter_of(40) as meter:
        meter.done(Tally(kept=4))
        for step in range(5):
            clock[0] += 6
            meter.done(Tally(graded=step, elsewhere=2 * step, kept=4))
    assert capsys.readouterr().err.splitlines()[-1] == "13 of 40 30.0 a minute, 0:54 left"
    assert meter.summary() == ("4 of 40 submissions graded now; 4 had been graded before; another command graded 8.")


def test_what_another_command_did_before_makes_this_one_no_faster(clock, capsys):
    """A command that comes late finds many runs done at once: they are no rate."""
    with meter_of(100) as meter:
        for number in range(1, 41):
            meter.done(Tally(elsewhere=number))
        for graded in (1, 2):
            clock[0] += 6
            meter.done(Tally(graded=graded, elsewhere=40))
    assert capsys.readouterr().err.splitlines()[-1] == "42 of 100 10.0 a minute, 5:48 left"


def test_a_name_cannot_command_a_terminal(capsys):
    with meter_of(1) as meter:
        meter.problem("\x1b]0;owned\x07 [red]learner[/red] \udcff\u202e: no")
        meter.say("Starting [bold] …")
    said = capsys.readouterr().err
    assert "\x1b" not in said and "\x07" not in said and "\u202e" not in said
    assert r"! \x1b]0;owned\x07 [red]learner[/red] \xff\u202e: no" in said
    assert "Starting [bold] …" in said


def test_letters_of_any_language_stay():
    assert printable("Zoë 李 ñ\nnext") == "Zoë 李 ñ\nnext"


@pytest.mark.parametrize(
    ("learners", "said"),
    [
        ([], "0 submissions of 0 learners."),
        (["001"], "1 submission of 1 learner: 001."),
        (["001", "001", "002"], "3 submissions of 2 learners: 001, 002."),
        (["a", "b", "c", "d", "e"], "5 submissions of 5 learners: a, b, c and 2 more."),
    ],
)
def test_who_was_found_is_said(capsys, learners, said):
    Meter().found(learners)
    assert capsys.readouterr().err == f"{said}\n"


def test_what_was_refused_is_marked_and_what_was_left_is_not_told_yet(capsys):
    problems = ["plain", Problem("refused", "1"), Problem("chosen", "2", Kind.CHOICE), Left(Path("a"), "3", ["x"])]
    Meter().tell(problems)
    assert capsys.readouterr().err == "! plain\n! refused\n- chosen\n"
