"""The place of a verdict on a feedback page: below the cell that asks for it, as the notebook's own text says.

The process that ran the notebook may say another place, which a learner could make one that nobody looks at.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from grader.notebooks.cells import checked_tasks, may_ask, tree_of

# In a cell that Python cannot read: with lines of IPython's own, or a mistake.
_ASKS = re.compile(r"""\.\s*(?:check|answer)\s*\(\s*(?:"(\w+)"|'(\w+)')""")


def asking_cells(cells: Sequence[Mapping[str, Any]]) -> dict[str, list[int]]:
    """The numbers of the code cells that ask a verdict for a task, by the task's name."""
    found = defaultdict(list)
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code" and may_ask(cell["source"]):
            for task in asked_in(cell["source"]):
                found[task].append(number)
    return dict(found)


def asked_in(source: str) -> list[str]:
    """The tasks that a code cell's text asks a verdict for, each once; also if Python cannot read the text."""
    if _is_python(source):
        return checked_tasks(source)
    return list(dict.fromkeys(double or single for double, single in _ASKS.findall(source)))


def _is_python(source: str) -> bool:
    try:
        tree_of(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def place_of(asking: Sequence[int], said: int, end: int) -> int:
    """The cell below which a verdict is shown: of those that ask for it the one that the run named, or else the last.

    If none asks for it, it is shown at the `end`.
    """
    if said in asking:
        return said
    return asking[-1] if asking else end
