"""Arenas: as the user who runs the tests, and where that is root as an ordinary one, too."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.attacks.arena import Arena
from tests.attacks.attack import Attack
from tests.attacks.harmless import MOST_SHARED

ORDINARY = 54_321
USERS = {"root": 0, "ordinary": ORDINARY} if os.getuid() == 0 else {"ordinary": os.getuid()}


@pytest.fixture(scope="session")
def answer_to(request) -> Iterator[Callable[[str, Attack], dict[str, Any]]]:
    """What became of an attack as a user. The users' arenas work side by side, each through all that was selected."""
    arenas = {user: Arena(uid) for user, uid in USERS.items()}
    pools = {user: ThreadPoolExecutor(1) for user in USERS}
    asked = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    turn = threading.Lock()

    def attacked(arena: Arena, attack: Attack) -> dict[str, Any]:
        # What takes the machine from others would take it from the other arena's, too.
        with turn if attack.beside else contextlib.nullcontext():
            answer = arena.attack(attack)
            # Counted on the whole machine, it may be a neighbour's, who will hardly take as much once more just then.
            if answer["memory taken"] > MOST_SHARED and not answer["memory is own"]:
                again = arena.attack(attack)
                again["memory taken"] = min(again["memory taken"], answer["memory taken"])
                return again
            return answer

    waiting = {
        (params["user"], params["attack"].name): pools[params["user"]].submit(
            attacked, arenas[params["user"]], params["attack"]
        )
        for params in asked
        if {"attack", "user"} <= params.keys()
    }
    yield lambda user, attack: waiting[user, attack.name].result()
    for user, pool in pools.items():
        pool.shutdown(cancel_futures=True)
        arenas[user].leave()
