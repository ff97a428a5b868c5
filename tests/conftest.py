"""What all tests have in common: how Hypothesis searches, and which tests train for minutes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from tests.prove.training import trains

# How quickly an example is made or tried is the machine's affair, and that of whoever else works on it.
settings.register_profile("course", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("course")


# The files that take longest come first: else one of them runs alone in the end, while the other cores have nothing.
LONGEST = (
    "test_attacks.py", "test_nothing_lost.py", "test_poison.py", "test_hostile_notebooks.py", "test_missing_walls.py",
    "test_arena.py", "test_hostile_trees.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes longest, and mark what trains for minutes: `make prove` runs it if its inputs changed."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))
    for item in items:
        if trains(item.path.name, item.name):
            item.add_marker(pytest.mark.proof)
