"""What an attack is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.grader.toy import DOUBLE, SETUP, notebook

WRONG = "def total(x):\n    return 0.0"


@dataclass(frozen=True)
class Attack:
    """A few lines that a learner hands in amid an honest answer to `double`, and what they try, in one sentence.

    The lines are cells, parted by `# %%`. They stand after `double`, which was right and keeps its points, and before
    `total` is observed, which is wrong unless they define it. `limits` are other bounds than the arena's.
    """

    name: str
    tries: str
    cells: str
    limits: Mapping[str, float] = field(default_factory=dict)
    learner: str = "013"

    @property
    def notebook(self) -> str:
        """The text of the notebook."""
        own = [cell.strip("\n") for cell in self.cells.split("# %%\n")]
        return notebook(
            SETUP, DOUBLE, "lab.check('double')", WRONG, *own, "lab.check('total')", "lab.answer('quiz', 'a')"
        )
