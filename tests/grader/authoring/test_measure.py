import json

import pytest

from grader.authoring.measure import Measured, digest, kept_file, marks, measure, seeded_cells
from grader.core.errors import SourceError
from tests.grader.toy import TOY, write_source

pytestmark = pytest.mark.slow
LINE = """

# %%
SEED, SIZE = 3, 40


def fitted(seed):
    ### BEGIN SOLUTION
    return np.sign(np.random.default_rng(seed).normal(size=2) * 0.01 + [-1.0, 1.0])
    ### END SOLUTION


# %%
### BEGIN SOLUTION
np.save("line.npy", fitted(SEED))
### END SOLUTION

# %% tags=["task"]
from grader import accuracy, labelled


def signs(rng):
    x = rng.normal(size=60)
    return x, (x > 0).astype(int)


held_out = labelled(signs)
line_task = Task("line", points=4, file="line.npy")


@line_task.probe(x=held_out, hidden=True, judge=accuracy(held_out, at_least=0.9, zero_at=0.5))
def on_new_numbers(line, x):
    return np.outer(x, np.load(line))


# %%
lab.check("line")
"""


@pytest.fixture
def unit(tmp_path):
    """The toy with a task that is judged by accuracy, on a file that the notebook makes."""
    return write_source(tmp_path / "course", TOY + LINE).unit("toy")


def test_what_is_measured_is_what_an_accuracy_or_a_perplexity_judges(unit):
    assert marks(unit) == [("line", "on_new_numbers", "accuracy", 0.9)]


def test_a_reference_is_run_for_each_seed_and_its_file_is_opened_where_it_was_made(unit, sandbox):
    steps = []
    (found,), seconds = measure(unit, range(1, 4), sandbox, lambda *step: steps.append(step))
    assert (found.task, found.mark, found.reached) == ("line", 0.9, (1.0, 1.0, 1.0))
    assert seconds > 0 and steps == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_the_seed_is_set_alone_or_in_a_row_and_nothing_else_changes(unit):
    (cell,) = [
        cell["source"] for cell in seeded_cells(unit, 77) if "SEED" in cell["source"] and "def" in cell["source"]
    ]
    assert cell.startswith("SEED, SIZE = (77, 40)")
    assert "fitted(SEED)" in seeded_cells(unit, 77)[-2]["source"]


@pytest.mark.parametrize("line", ["SEEDS = 3", "SEED = int('3')", "SEED = 1\nSEED = 2"])
def test_a_source_that_does_not_set_its_seed_once_is_refused(tmp_path, sandbox, line):
    unit = write_source(tmp_path / "course", TOY + LINE.replace("SEED, SIZE = 3, 40", line)).unit("toy")
    with pytest.raises(SourceError, match="SEED = 1"):
        measure(unit, [1], sandbox)


def test_a_reference_that_fails_for_a_seed_is_told_with_the_seed(tmp_path, sandbox):
    broken = LINE.replace("SEED, SIZE = 3, 40", "SEED = 3\nassert SEED != 2, 'not with 2'")
    unit = write_source(tmp_path / "course", TOY + broken).unit("toy")
    with pytest.raises(SourceError, match="seed 2.*not with 2"):
        measure(unit, [1, 2], sandbox)


@pytest.mark.parametrize(
    ("what", "mark", "reached", "distance"),
    [
        ("accuracy", 0.8, (0.9, 0.94, 0.92), 6.0),
        ("accuracy", 0.95, (0.9, 0.94, 0.92), -1.5),
        ("perplexity", 60.0, (50.0, 54.0, 52.0), 4.0),
        ("accuracy", 0.8, (0.9, 0.9), float("inf")),
    ],
)
def test_the_distance_is_in_deviations_and_positive_on_the_right_side_of_the_mark(what, mark, reached, distance):
    assert Measured("cnn", "held_out", what, mark, reached).distance == distance


def test_the_command_prints_the_figures_and_keeps_them_beside_the_source(grader, unit):
    status, out, _ = grader("measure", "toy", "--seeds", 2, "--course", unit.path.parents[1])
    assert status == 0 and "100.0%" in out
    kept = json.loads(kept_file(unit).read_text())
    assert (kept["unit"], kept["digest"], kept["seeds"]) == ("toy", digest(unit), [1, 2])
    assert kept["measured"][0]["reached"] == [1.0, 1.0]


def test_what_is_written_around_the_code_does_not_make_the_figures_stale(unit, tmp_path):
    def other(old, new):
        assert old in TOY + LINE
        return digest(write_source(tmp_path / "other", (TOY + LINE).replace(old, new)).unit("toy"))

    assert other("# # A toy", "# # Another title") == other("What is x + x?", "Add.") == digest(unit)
    assert other("* 0.01", "* 0.02") != digest(unit)
    assert other("at_least=0.9", "at_least=0.8") != digest(unit)


def test_a_unit_without_such_a_task_has_nothing_to_measure(grader, tmp_path):
    course = write_source(tmp_path / "course")
    assert grader("measure", "toy", "--course", course.root)[0] == 0
    assert not kept_file(course.unit("toy")).exists()
