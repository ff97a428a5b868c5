"""Checks what a learner's notebook produces, and judges it outside the process that runs it."""

from grader.inputs import array, integers, normal, one_hot, probabilities, uniform
from grader.judge import accuracy, close, equal
from grader.lesson import Lab
from grader.task import Quiz, Task

__all__ = [
    "Lab", "Quiz", "Task", "accuracy", "array", "close", "equal", "integers", "normal", "one_hot", "probabilities",
    "uniform",
]  # fmt: skip
