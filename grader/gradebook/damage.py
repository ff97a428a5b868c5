"""Reads columns that another program, or a fault of a disk, may have damaged: one row must not cost the others."""

import json
import math
import zlib
from typing import Any

from grader.core.errors import ValuesError
from grader.core.messages import messages_from_json
from grader.judging.verdict import State

_NOTHING = ("", "", "", 0)


def state_of(code: str) -> State:
    """The state of a code; that nothing could be graded, if it is none."""
    return State(code) if code in set(State) else State.UNGRADED


def points_of(number: object) -> float:
    """Points; none, if they are no number."""
    return number if isinstance(number, int | float) and math.isfinite(number) else 0.0


def shown_of(text: str) -> tuple[str, str, str, int]:
    """The failing call, what came back, what was expected and the cell; nothing, if that cannot be read."""
    try:
        call, came_back, wanted, cell = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return _NOTHING
    if not isinstance(cell, int) or not all(isinstance(one, str) for one in (call, came_back, wanted)):
        return _NOTHING
    return call, came_back, wanted, cell


def executed_of(packed: bytes | None) -> dict[str, Any]:
    """The notebook as it ran. Raises ValuesError if it is none."""
    if not packed:
        return {"cells": []}
    try:
        executed = json.loads(zlib.decompress(packed))
        whole = isinstance(executed["cells"], list)
        for said in executed.get("causes", ()):
            if not isinstance(said, str):  # as an earlier version wrote it
                messages_from_json(said)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, zlib.error) as error:
        raise ValuesError("no notebook") from error
    if not whole or not isinstance(executed.get("stopped_cell"), int | None):
        raise ValuesError("no notebook")
    return executed
