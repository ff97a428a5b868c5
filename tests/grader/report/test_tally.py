import pytest

from grader.judging.verdict import State
from grader.report import ScoreRow
from grader.report.tally import Outcome, natural, tallies
from tests.grader.said import sentence


def row(learner, task="mse", points=0.0, state=State.FAILED, misconception="", unit="01"):
    return ScoreRow(learner, unit, task, points, 2.0, state, (), misconception)


def tally(*rows, hints=None):
    (unit,) = tallies(rows, {"01": "Lab 1"}, hints or {})
    return unit


@pytest.mark.parametrize(
    ("state", "points", "outcome"),
    [
        (State.PASSED, 2.0, Outcome.PASSED),
        (State.FAILED, 0.5, Outcome.PARTLY),
        (State.FAILED, 0.0, Outcome.FAILED),
        (State.NOT_ATTEMPTED, 0.0, Outcome.NOT_ATTEMPTED),
        (State.UNGRADED, 0.0, Outcome.UNGRADED),
    ],
)
def test_a_failed_task_with_points_counts_as_partly_right(state, points, outcome):
    assert Outcome.of(row("1", points=points, state=state)) == outcome


def test_mean_and_median_are_those_of_the_learners_totals():
    unit = tally(row("1", "a", 2), row("1", "b", 2), row("2", "a", 1), row("3", "b", 0))

    assert unit.max_points == 4
    assert unit.mean == pytest.approx(5 / 3)
    assert unit.median == 1


def test_every_learner_falls_into_one_tenth():
    unit = tally(*[row(str(points), points=points) for points in (0, 0.19, 0.2, 1.2, 1.99, 2, 2.5)])

    assert unit.bins == [2, 1, 0, 0, 0, 0, 1, 0, 0, 3]


def test_tasks_keep_the_order_of_the_unit():
    unit = tally(row("1", "z"), row("1", "a"), row("2", "z"), row("2", "a"))

    assert [task.task for task in unit.tasks] == ["z", "a"]
    assert unit.tasks[0].total == 2


def test_misconceptions_come_by_number_of_learners_with_their_hints():
    rows = [row("1", misconception="summed"), row("2", misconception="summed"), row("2", "relu", misconception="abs")]
    unit = tally(*rows, row("3"), hints={("01", "mse.summed"): "Take the mean."})

    assert [(m.task, m.name, m.count, m.hint) for m in unit.misconceptions] == [
        ("mse", "summed", 2, "Take the mean."),
        ("relu", "abs", 1, ""),
    ]


def test_a_task_without_a_verdict_stands_open_in_a_learner_s_row():
    unit = tally(row("1", "a", 2, State.PASSED), row("2", "b", 1))

    assert [outcome for outcome, _ in unit.standings[0].outcomes] == [Outcome.PASSED, None]
    assert unit.standings[1].outcomes[1] == (Outcome.PARTLY, f"b: {sentence('state.partly')}, 1 of 2")


def test_learners_are_sorted_as_people_count():
    assert sorted(["l10", "l2", "", "10", "9", "é", "²", "9" * 5000], key=natural)[:4] == ["", "9", "10", "9" * 5000]
    assert sorted(["l10", "l2"], key=natural) == ["l2", "l10"]


def test_units_come_in_the_order_of_the_titles_and_unknown_ones_last():
    units = tallies(
        [row("1", unit="x"), row("1", unit="02"), row("1", unit="01")], {"01": "A", "02": "B", "03": "C"}, {}
    )

    assert [(unit.unit, unit.title) for unit in units] == [("01", "A"), ("02", "B"), ("x", "x")]
