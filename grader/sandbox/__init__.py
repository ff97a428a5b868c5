"""Runs submissions: a fork server that imported everything once, kernel walls around each child, values out."""

from grader.limits import Limits
from grader.sandbox.client import Sandbox
from grader.sandbox.run import HANDED_IN, CellRun, Observed, Run, TaskPlan

__all__ = ["HANDED_IN", "CellRun", "Limits", "Observed", "Run", "Sandbox", "TaskPlan"]
