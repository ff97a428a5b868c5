"""Runs learners' own code in a warm process: no grader, no walls, no checks. The floor under every grader's time.

Run as `python -m tests.bench.floor MODULE… < code.json`: a list of learners, each a list of cells. Forks for each
learner from a process that has imported the modules; prints their seconds as JSON.
"""

import gc
import importlib
import json
import os
import sys
import time

from labkit.machine.backend import keep_freed_memory


def main() -> None:
    """Import, then fork for each learner in turn."""
    learners = json.load(sys.stdin)
    keep_freed_memory()  # as the grader's server does
    for name in sys.argv[1:]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    seconds = []
    for cells in learners:
        started = time.perf_counter()
        child = os.fork()
        if child == 0:
            _run(cells)
        _, status = os.waitpid(child, 0)
        seconds.append(time.perf_counter() - started)
        if status:
            sys.exit("a learner's code failed")
    print(json.dumps(seconds))


def _run(cells: list[str]) -> None:
    """In the child. Never returns."""
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        namespace: dict[str, object] = {"__name__": "__main__"}
        for cell in cells:
            exec(compile(cell, "<cell>", "exec"), namespace)  # noqa: S102
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
