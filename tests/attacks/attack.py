"""What an attack is."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.grader.toy import DOUBLE, SETUP, notebook

_PART = re.compile(r"^# %%( \[markdown\])?\n(.*?)\n*(?=^# %%|\Z)", re.DOTALL | re.MULTILINE)
WRONG = "def total(x):\n    return 0.0"


BOUNDS = {"seconds": 10.0, "memory": 2**28, "processes": 64, "file_bytes": 2**24, "output_bytes": 2**20}


@dataclass(frozen=True)
class Attack:
    """A few lines that a learner hands in amid an honest answer to `double`, and what they try, in one sentence.

    The lines are cells, parted by `# %%` or `# %% [markdown]`. They stand after `double`, which was right and keeps
    its points, and before `total` is observed, which is wrong unless they define it. `limits` are other bounds than
    the arena's. `beside` is a cell of the next submission's, which then begins while the attack is under way. `line` is
    what is handed in as the file that the task `line` asks for; the reference's has the numbers -1 and 1. `earlier` are
    cells that were handed in before, in the same place: what they print is the text `seen` of the attack.
    """

    name: str
    tries: str
    cells: str
    limits: Mapping[str, float] = field(default_factory=dict)
    learner: str = "013"
    beside: str = ""
    line: Sequence[float] = ()
    earlier: str = ""

    @property
    def notebook(self) -> str:
        """The text of the notebook."""
        return self._notebook(self.cells)

    @property
    def earlier_notebook(self) -> str:
        """The text of the notebook that is handed in before, or ""."""
        return self._notebook(self.earlier) if self.earlier else ""

    def _notebook(self, cells: str) -> str:
        kinds, sources = zip(*_PART.findall("# %%\n" + cells), strict=True)
        asked = "lab.check('total')", "lab.answer('quiz', 'a')"
        made = json.loads(notebook(SETUP, DOUBLE, "lab.check('double')", WRONG, *sources, *asked))
        for cell, kind in zip(made["cells"][4:], kinds, strict=False):
            cell["cell_type"] = "markdown" if kind else "code"
        return json.dumps(made)


def with_cell(text: str, source: str) -> str:
    """The text of a notebook with one cell more, before all others."""
    made = json.loads(text)
    made["cells"].insert(0, {"cell_type": "code", "metadata": {}, "outputs": [], "source": source})
    return json.dumps(made)
