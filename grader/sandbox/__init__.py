"""Runs submissions: a fork server that imported everything once, kernel walls around each child, values out."""

import platform
import sys

from grader.core.errors import OtherSystemError

if sys.platform != "linux":
    raise OtherSystemError(
        f"notebooks run in a sandbox that Linux alone has, with walls or without; this is {platform.system()}. Grade, "
        "build and verify in a Linux container or virtual machine; the labs and their checks work here"
    )

from grader.core.limits import Limits
from grader.judging.run_record import CellRun, FailedStatement, Observed, Run, TaskPlan
from grader.sandbox.client import Sandbox

__all__ = ["CellRun", "FailedStatement", "Limits", "Observed", "Run", "Sandbox", "TaskPlan"]
