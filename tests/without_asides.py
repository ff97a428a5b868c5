"""A pytest plugin: nbval leaves the labs' own experiments out, as a grade does. `pytest -p tests.without_asides …`.

No task depends on them, and the browser's tests run each of them in the learner's notebook.
"""

from __future__ import annotations

from typing import Any


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Deselect the cells that are tagged as asides."""
    asides = [item for item in items if "aside" in item.cell.metadata.get("tags", [])]
    config.hook.pytest_deselected(items=asides)
    items[:] = [item for item in items if item not in asides]
