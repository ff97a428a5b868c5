"""Arenas: as the user who runs the tests, and where that is root as an ordinary one, too."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import pytest

from tests.attacks.arena import Arena
from tests.attacks.attack import Attack
from tests.attacks.harmless import MOST_SHARED

ORDINARY = 54_321
ARENAS = 2  # of each user, at work side by side
USERS = {"root": 0, "ordinary": ORDINARY} if os.getuid() == 0 else {"ordinary": os.getuid()}


@pytest.fixture(scope="session")
def answer_to(request) -> Iterator[Callable[[str, Attack], dict[str, Any]]]:
    """What became of an attack as a user. Several arenas of each share the attacks: most of their time is waiting."""
    asked = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    attacks = [(params["user"], params["attack"]) for params in asked if {"attack", "user"} <= params.keys()]
    arenas = {user: [Arena(uid) for _ in range(ARENAS)] for user, uid in USERS.items()}
    free = {user: SimpleQueue[Arena]() for user in USERS}
    for user, arena in ((user, arena) for user, some in arenas.items() for arena in some):
        free[user].put(arena)
    turn = threading.Lock()

    def attacked(user: str, attack: Attack) -> dict[str, Any]:
        arena = free[user].get()
        try:
            # What takes the machine from others would take it from the other arenas', too.
            with turn if attack.beside else contextlib.nullcontext():
                answer = arena.attack(attack)
                # Counted on the whole machine, it may be a neighbour's, who will hardly take as much once more.
                if answer["memory taken"] > MOST_SHARED and not answer["memory is own"]:
                    again = arena.attack(attack)
                    again["memory taken"] = min(again["memory taken"], answer["memory taken"])
                    return again
                return answer
        finally:
            free[user].put(arena)

    pools = {user: ThreadPoolExecutor(ARENAS) for user in USERS}
    waiting = {(user, attack.name): pools[user].submit(attacked, user, attack) for user, attack in attacks}
    yield lambda user, attack: waiting[user, attack.name].result()
    for user, pool in pools.items():
        pool.shutdown(cancel_futures=True)
        for arena in arenas[user]:
            arena.leave()
