"""What all tests have in common: how Hypothesis searches, and which tests train for minutes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from tests.prove.training import trains

# How quickly an example is made or tried is the machine's affair, and that of whoever else works on it.
settings.register_profile("course", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("course")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what trains for minutes: `make prove` runs it when what it depends on has changed."""
    for item in items:
        if trains(item.path.name, item.name):
            item.add_marker(pytest.mark.proof)
