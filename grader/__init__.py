"""Checks what a learner's notebook produces, and judges it outside the process that runs it.

Names are imported when they are used, so that the command line answers before NumPy is there.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.course_view import Course
    from grader.inputs import array, drawn, integers, labelled, normal, one_hot, probabilities, uniform
    from grader.judge import accuracy, by, close, equal, perplexity
    from grader.lesson import Lab
    from grader.limits import Limits
    from grader.task import Quiz, Task

__all__ = [
    "Course", "Lab", "Limits", "Quiz", "Task", "accuracy", "array", "by", "close", "drawn", "equal", "integers",
    "labelled", "normal", "one_hot", "perplexity", "probabilities", "uniform",
]  # fmt: skip
_ROOMS = {
    "Course": "course_view",
    "Lab": "lesson",
    "Limits": "limits",
    "Quiz": "task",
    "Task": "task",
    "accuracy": "judge",
    "by": "judge",
    "close": "judge",
    "equal": "judge",
    "perplexity": "judge",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'grader' has no attribute {name!r}")
    return getattr(importlib.import_module(f"grader.{_ROOMS.get(name, 'inputs')}"), name)
