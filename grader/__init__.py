"""Checks what a learner's notebook produces, and judges it outside the process that runs it.

The public names are in `__init__.pyi`. Each is imported when it is used, so that the command line answers before NumPy
is there.
"""

from typing import Any

import lazy_loader

_load, _names, _all = lazy_loader.attach_stub(__name__, __file__)
# What labs and sources import. Whoever grades from Python names what it takes: it brings the sandbox and a database.
__all__ = [name for name in _all if name not in ("Gradebook", "Progress", "Tally", "grade")]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("deep-learning-labs")
    return _load(name)


def __dir__() -> list[str]:
    return sorted([*_names(), "__version__"])
