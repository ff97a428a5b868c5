"""Runs submissions: a fork server that imported everything once, kernel walls around each child, values out."""

from grader.sandbox.client import CellRun, Observed, Run, Sandbox
from grader.sandbox.limits import Limits

__all__ = ["CellRun", "Limits", "Observed", "Run", "Sandbox"]
