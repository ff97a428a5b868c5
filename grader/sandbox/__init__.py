"""Runs submissions: a fork server that imported everything once, kernel walls around each child, values out."""

import platform
import sys

from grader.errors import OtherSystemError

if sys.platform != "linux":
    raise OtherSystemError(
        f"notebooks run in a sandbox that Linux alone has, with walls or without; this is {platform.system()}. Grade, "
        "build and verify in a Linux container or virtual machine; the labs and their checks work here"
    )

from grader.limits import Limits
from grader.sandbox.client import Sandbox
from grader.sandbox.run import CellRun, FailedStatement, Observed, Run, TaskPlan

__all__ = ["CellRun", "FailedStatement", "Limits", "Observed", "Run", "Sandbox", "TaskPlan"]
