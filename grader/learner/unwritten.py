"""Which function of a namespace is not written yet, by its code: nothing is called."""

from collections import deque
from collections.abc import Collection, Mapping
from types import CodeType
from typing import Any


def unwritten_callee(task: str, namespace: Mapping[str, Any], tasks: Collection[str]) -> str:
    """The first of the tasks that a task's function needs, itself or through others, and that is not written yet.

    "" where there is none, or where the function itself still raises NotImplementedError.
    """
    needed = _names(task, namespace)
    if "NotImplementedError" in needed:
        return ""
    waiting, seen = deque(sorted(needed)), {task, *needed}
    while waiting:
        other = waiting.popleft()
        needed = _names(other, namespace)
        if "NotImplementedError" in needed and other in tasks:
            return other
        waiting.extend(sorted(needed - seen))
        seen |= needed
    return ""


def _names(name: str, namespace: Mapping[str, Any]) -> set[str]:
    """The names that a function's code reads, also within the functions in it; none where it is no function."""
    found: set[str] = set()
    waiting = [getattr(namespace.get(name), "__code__", None)]
    while waiting:
        code = waiting.pop()
        if isinstance(code, CodeType):
            found.update(code.co_names)
            waiting.extend(code.co_consts)
    return found
