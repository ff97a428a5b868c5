"""Several draws of a unit's inputs are kept for each gradebook, and hand-ins get one or another of them.

So what a learner has seen of the hidden inputs of one hand-in need not be what the next one is asked.
"""

import hashlib

DRAWS = 3


def seeds(secret: str) -> list[str]:
    """The seed of each draw of a gradebook."""
    return [secret, *(f"{secret}/{number}" for number in range(1, DRAWS))]


def draw_for(secret: str, digest: str, before: int | None = None) -> int:
    """The number of the draw for a submission of this digest, after a hand-in of the learner's with the draw `before`.

    Of the first one nobody can tell it who does not know the gradebook's secret. From then on they follow in turn, so
    that a learner meets none again before all of them were used; chosen by chance, a third of the third hand-ins would.
    """
    if before is not None:
        return (before + 1) % DRAWS
    return int.from_bytes(hashlib.sha256(f"draw/{secret}/{digest}".encode()).digest(), "big") % DRAWS
