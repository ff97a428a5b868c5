"""What a kernel knows of the notebook in front of it: where its file lies, what ran since it was saved, and by whom.

IPython is never imported here outside a kernel: where it has not been, there is none.
"""

import os
import re
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_UNANSWERED = r"""\s*(\w+)\.answer\(\s*(["']){}\2\s*,\s*\.\.\.\s*\)\s*;?\s*"""


@dataclass(frozen=True)
class Ran:
    """A cell's text as it ran, and when it came to its end."""

    source: str
    time: float


_ran: dict[str, Ran] = {}  # by the cell's id; by its text where the front end gives none


def watch() -> None:
    """Remember from now on which cells run. Nothing to do where there is no kernel."""
    shell = _shell()
    if shell is not None:
        shell.events.register("post_run_cell", remember)


def remember(result: Any) -> None:
    """Remember the cell that has come to its end."""
    info = result.info
    if info.store_history and not info.silent and info.raw_cell.strip():
        _ran[getattr(info, "cell_id", None) or info.raw_cell] = Ran(info.raw_cell, time.time())


def not_saved(path: Path, cells: Iterable[Mapping[str, Any]]) -> list[str]:
    """The texts of cells that ran after the file was written, and do not stand in it as they ran.

    A cell that was changed and not run cannot be seen from a kernel.
    """
    saved = {cell["source"].strip() for cell in cells}
    written = path.stat().st_mtime
    return [ran.source for ran in _ran.values() if ran.time > written and ran.source.strip() not in saved]


def notebook_path(namespace: Mapping[str, Any], folder: Path, unit: str) -> Path | None:
    """The notebook's file: the one that the front end or its server names, else `<unit>.ipynb` in the folder."""
    named = [namespace.get("__vsc_ipynb_file__"), namespace.get("__session__"), os.environ.get("JPY_SESSION_NAME")]
    told = [Path(name) for name in named if isinstance(name, str) and name.endswith(".ipynb")]
    # A server may name it from a root of its own; it may have got another name since the kernel began.
    places = [place for path in told for place in (folder / path, folder / path.name)]
    return next((path for path in [*places, folder / f"{unit}.ipynb"] if path.is_file()), None)


def front_end() -> bool:
    """Whether a person's front end runs the cell: it names the cell, which programs that run notebooks do not."""
    shell = _shell()
    return shell is not None and bool(_asked(shell).get("metadata", {}).get("cellId"))


def displays_dropped() -> AbstractContextManager[Any]:
    """A context in which nothing is displayed; what is printed is seen. Outside a kernel nothing changes."""
    if _shell() is None:
        return nullcontext()
    from IPython.utils.capture import capture_output

    return capture_output(stdout=False, stderr=False)


def lab_name(task: str) -> str:
    """What the running cell calls its lab, where it holds `….answer(task, ...)` and nothing else; else ""."""
    shell = _shell()
    code = _asked(shell).get("content", {}).get("code", "") if shell is not None else ""
    found = re.fullmatch(_UNANSWERED.format(re.escape(task)), code)
    return found[1] if found else ""


def write_cell(line: str) -> None:
    """Have the front end write a line into the cell that runs, in place of its text."""
    shell = _shell()
    if shell is not None:
        shell.set_next_input(line, replace=True)


def _asked(shell: Any) -> dict[str, Any]:
    """The request that is being answered."""
    return shell.get_parent() or {}


def _shell() -> Any:
    """IPython's shell in a Jupyter kernel, or None."""
    core = sys.modules.get("IPython.core.interactiveshell")
    shell = core.InteractiveShell.instance() if core and core.InteractiveShell.initialized() else None
    return shell if getattr(shell, "kernel", None) is not None else None
