"""Arenas: as the user who runs the tests, and where that is root as an ordinary one, too."""

import os
from collections.abc import Callable, Iterator

import pytest

from tests.attacks.arena import Arena

ORDINARY = 54_321
USERS = {"root": 0, "ordinary": ORDINARY} if os.getuid() == 0 else {"ordinary": os.getuid()}


@pytest.fixture(scope="session")
def arenas() -> Iterator[Callable[[str], Arena]]:
    """The arena of a user, made when it is first asked for."""
    made: dict[str, Arena] = {}
    yield lambda user: made.setdefault(user, Arena(USERS[user]))
    for arena in made.values():
        arena.close()


@pytest.fixture(params=USERS)
def arena(request, arenas) -> Arena:
    """An arena, as each user."""
    return arenas(request.param)
