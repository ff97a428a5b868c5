import pytest
from rich.cells import cell_len

from grader.cli.score_table import print_scores
from grader.gradebook.scores import ScoreRow
from grader.judging.verdict import State, state_words
from grader.learner.card import MARKS


@pytest.fixture
def printed(capsys, monkeypatch):
    """What is printed of rows, line by line."""
    monkeypatch.setenv("COLUMNS", "100")

    def lines(rows: list[ScoreRow]) -> list[str]:
        print_scores(rows)
        return [line.strip() for line in capsys.readouterr().out.splitlines()]

    return lines


def row(learner: str, task: str, points: float, verdict: State = State.PASSED, unit: str = "01") -> ScoreRow:
    return ScoreRow(learner, unit, task, points, 2.0, verdict, ())


def test_a_learner_is_a_row_and_a_task_a_column(printed):
    lines = printed([row("001", "relu", 2), row("001", "mse", 0.5, State.FAILED), row("002", "mse", 0, State.UNGRADED)])
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines if "│" in line]
    assert cells == [["001", "2.5/4", "✓", "✗"], ["002", "0/2", "", "?"]]
    assert "1\N{NO-BREAK SPACE}relu  2\N{NO-BREAK SPACE}mse" in lines
    assert lines[-1] == "  ".join(f"{mark} {state_words(state)}" for state, mark in MARKS.items())


@pytest.mark.parametrize("width", [80, 60])
@pytest.mark.parametrize("tasks", [13, 14, 30])
@pytest.mark.parametrize("name", ["001", "learner_one_12345_assignsubmission_file", "李" * 60, "x" * 200])
def test_nothing_is_cut_off_at_the_windows_edge(printed, monkeypatch, width, tasks, name):
    monkeypatch.setenv("COLUMNS", str(width))
    states = [State.PASSED, State.FAILED, State.NOT_ATTEMPTED, State.UNGRADED]
    rows = [row(name, f"task_{number}", 1, states[number % 4]) for number in range(tasks)]
    lines = printed(rows)
    text = "".join(lines)
    assert max(map(cell_len, lines)) <= width and "…" not in text
    shown = [line for line in lines if "│" in line]
    assert sum(line.count(mark) for line in shown for mark in MARKS.values()) == tasks
    assert "".join(line.strip("│").split("│")[0].strip() for line in shown) == name
    assert all(f"{number}\N{NO-BREAK SPACE}task_{number - 1}" in text for number in range(1, tasks + 1))


def test_in_a_narrow_window_marks_stand_by_fives(printed, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    lines = printed([row("001", f"t{number}", 2) for number in range(12)] + [row("002", "t11", 0, State.FAILED)])
    marks = [line.strip("│┃").replace("┃", "│").split("│")[-1].strip() for line in lines if line.startswith(("│", "┃"))]
    assert marks == ["1     6     11", "✓✓✓✓✓ ✓✓✓✓✓ ✓✓", "····· ····· ·✗"]


def test_each_unit_is_a_table(printed):
    lines = printed([row("001", "a", 1, unit="02"), row("001", "b", 1, unit="01")])
    assert [line for line in lines if line in ("01", "02")] == ["01", "02"]


def test_several_units_end_in_a_table_of_them_all(printed):
    rows = [row("001", "a", 1, unit="02"), row("001", "b", 1, unit="01"), row("002", "b", 0.5, unit="01")]
    lines = printed(rows)
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines if "│" in line]
    assert cells[-2:] == [["01", "2", "0.8", "2"], ["02", "1", "1.0", "2"]]
    assert "of points" not in "".join(printed(rows[:1]))


def test_nothing_graded_is_said_in_a_line(printed):
    assert printed([]) == ["The gradebook holds no scores yet."]


def test_a_name_is_no_markup_and_commands_no_terminal(printed):
    text = "\n".join(printed([row("[red]x[/red]\x1b[2J", "a", 1)]))
    assert "[red]x[/red]�[2J" in text and "\x1b" not in text
