"""What trained tasks reach over ten seeds, kept beside the sources by `grader measure`: far enough from each mark."""

import json
from pathlib import Path

import pytest

from grader.authoring.measure import NEEDED, digest, kept_file, marks
from grader.units.source import load_unit

SOURCES = sorted((Path(__file__).resolve().parents[2] / "solutions").glob("*.py"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_each_trained_task_was_measured_as_it_is_and_its_mark_is_three_deviations_away(source):
    unit = load_unit(source)
    if not marks(unit):
        assert not kept_file(unit).exists()
        return
    kept = json.loads(kept_file(unit).read_text(encoding="utf-8"))
    assert kept["digest"] == digest(unit), f"the reference or a mark changed: grader measure {unit.name}"
    assert len(kept["seeds"]) >= 10
    assert [(one["task"], one["probe"], one["what"], one["mark"]) for one in kept["measured"]] == marks(unit)
    assert all(one["distance"] >= NEEDED for one in kept["measured"])
