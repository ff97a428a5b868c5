"""Checks what a learner's notebook produces, and judges it outside the process that runs it.

Names are imported when they are used, so that the command line answers before NumPy is there.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.core.limits import Limits
    from grader.judging.judges import accuracy, by, close, equal, perplexity
    from grader.learner.course_table import Course
    from grader.learner.lab import Lab
    from grader.units.inputs import array, drawn, integers, labelled, normal, one_hot, probabilities, uniform
    from grader.units.task import Quiz, Task

__all__ = [
    "Course", "Lab", "Limits", "Quiz", "Task", "accuracy", "array", "by", "close", "drawn", "equal", "integers",
    "labelled", "normal", "one_hot", "perplexity", "probabilities", "uniform",
]  # fmt: skip
_ROOMS = {
    "Course": "learner.course_table",
    "Lab": "learner.lab",
    "Limits": "core.limits",
    "Quiz": "units.task",
    "Task": "units.task",
    "accuracy": "judging.judges",
    "by": "judging.judges",
    "close": "judging.judges",
    "equal": "judging.judges",
    "perplexity": "judging.judges",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'grader' has no attribute {name!r}")
    return getattr(importlib.import_module(f"grader.{_ROOMS.get(name, 'units.inputs')}"), name)
