import re

import numpy as np
import pytest

from grader.authoring.reference import fail_on_errors, observe_draws, observe_reference
from grader.core.errors import SourceError
from grader.core.messages import message
from grader.learner.checks import read_checks
from grader.sandbox import CellRun, Run
from grader.units.run_plan import ASIDE, marked_cells, plans, reference_plans, run_files
from tests.grader.said import sentence
from tests.grader.toy import TOY, write_source


@pytest.fixture
def unit(toy):
    return toy.unit("toy")


def test_the_reference_its_starter_and_every_variant_are_observed(unit, sandbox):
    seen = observe_reference(unit, "seed", sandbox)["double"]
    x = plans(unit, "seed")["double"].probes[1].inputs["x"]
    assert list(seen.reference) == ["on_fixed", "on_drawn", "on_hidden"]
    np.testing.assert_array_equal(seen.reference["on_drawn"].value, x + x)
    np.testing.assert_array_equal(seen.misconceptions["squared"]["on_drawn"].value, x * x)
    np.testing.assert_array_equal(seen.alternatives["added"]["on_fixed"].value, [2.0, 5.0])
    assert {o.failure.kind for o in seen.starter.values()} == {"NotImplementedError"}


def test_inputs_are_the_same_for_a_seed_and_others_for_another(unit):
    drawn = [plans(unit, seed)["double"].probes[1].inputs["x"] for seed in ("a", "a", "b")]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.isclose(drawn[0], drawn[2]).any()


def test_a_submission_gets_no_variant_and_no_answer(unit):
    """All that crosses into a learner's process: nothing of it may tell what is expected."""
    crossing = repr(plans(unit, "seed")) + repr(run_files(unit))
    for secret in ("referenced", "squared", "added", "x + x", "That is the square", "2 * x", "misconception"):
        assert secret not in crossing
    assert all(not plan.variants for plan in plans(unit, "seed").values())
    assert set(reference_plans(unit, ["seed"])["double"].variants) == {
        "starter/starter", "misconceptions/squared", "alternatives/added",
    }  # fmt: skip


def test_the_file_in_the_work_folder_records_and_compares_nothing(unit, tmp_path):
    (name, text), *more = run_files(unit).items()
    path = tmp_path / "toy.json"
    path.write_bytes(text)
    checks = read_checks(path)
    assert (name, more) == (".checks/toy.json", [])
    assert (checks.recorded, checks.tasks, checks.points) == (True, {}, {"double": 2.0, "total": 3.0, "quiz": 1.0})


def test_only_an_aside_that_was_left_as_it_was_is_skipped(toy):
    course = write_source(toy.root, TOY + '\n# %% tags=["aside"]\nslow()\n')
    cells = [{"cell_type": "code", "source": source} for source in ("slow()", "slow(1)", "lab")]
    assert [cell["skip"] for cell in marked_cells(course.unit("toy"), cells)] == [ASIDE, "", ""]
    assert not any(cell["skip"] for cell in marked_cells(course.unit("toy"), cells, all_cells=True))


def test_a_run_with_an_error_or_an_early_end_is_a_source_error(unit):
    cells = [{"source": "# first\n1 / 0"}]
    error = {"output_type": "error", "ename": "ZeroDivisionError", "evalue": "\x1b[31mno\x1b[0m"}
    with pytest.raises(SourceError, match=r"cell 1 \('# first'\): ZeroDivisionError: no$"):
        fail_on_errors(unit, cells, Run(cells={0: CellRun([error], 0.1)}), "it")
    with pytest.raises(SourceError, match=f"it .*cell 1.*{re.escape(sentence('limit.seconds', seconds=3))}$"):
        fail_on_errors(unit, cells, Run(stopped=message("limit.seconds", seconds=3), current_cell=0), "it")
    assert fail_on_errors(unit, cells, Run(cells={0: CellRun([{"output_type": "stream"}], 0.1)}), "it") is None


def test_a_probe_of_the_reference_that_takes_too_long_is_a_source_error(toy, sandbox):
    slow = TOY.replace('Task("total", points=3)', 'Task("total", points=3, seconds=0.3)')
    slow = slow.replace("def of_row(total, x):\n", "def of_row(total, x):\n    while True: pass\n")
    course = write_source(toy.root, slow)
    with pytest.raises(SourceError, match="probe 'of_row' of task 'total' takes too long"):
        observe_reference(course.unit("toy"), "seed", sandbox)


def test_several_draws_are_observed_in_one_run_of_the_reference(unit, sandbox):
    seeds = ["seed", "seed/1", "other"]
    together = observe_draws(unit, seeds, sandbox)
    for seed, seen in zip(seeds, together, strict=True):
        alone = observe_reference(unit, seed, sandbox)
        assert repr(seen) == repr(alone)
    assert repr(together[0]["double"]) != repr(together[1]["double"])


def test_what_draws_nothing_is_observed_once_for_all_draws(unit):
    names = [probe.name for probe in reference_plans(unit, ["a", "b", "c"])["double"].probes]
    assert names == ["on_fixed", "on_drawn", "on_hidden", "1/on_drawn", "2/on_drawn"]
