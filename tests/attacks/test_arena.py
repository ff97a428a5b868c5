"""The arena sees holes: attacks that nothing confines are found out by what they did."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy
import pytest

from tests.attacks import bombs, lingering, network, pages, reading, signals, writing
from tests.attacks.arena import ROOT, Arena, ArenaError
from tests.attacks.attack import Attack
from tests.attacks.harmless import harm

ATTACKS = {
    attack.name: attack
    for theme in (bombs, lingering, network, pages, reading, signals, writing)
    for attack in theme.ATTACKS
}
SEEN = {
    "reference_and_hidden_probes": r"leaked: \['reference', 'hidden probe', 'file'",
    "gradebook": "the gradebook changed",
    "environment": r"leaked: \['environment'",
    "keys_of_the_kernel": r"leaked: \['memory'",
    # It overwrites the gradebook, too: where that is closed just then, nothing can open it again.
    "course_and_neighbours": "/usr/src/grading/course/solutions/toy.py|the attack reached what grades it",
    "shared_memory": r"memory: \[",
    "ipv4": r"met: \['IPv4'",
    "unix_sockets": r"met: \['UNIX'\]",
    "abstract_sockets": r"met: \['abstract'",
    "names": "DNS",
    "daemon": r"processes: \[",
    # On a quick machine the arena itself ends it first.
    "memory_that_is_nobodys": "MiB that are nobody's|more memory than any limit",
}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    """An arena of the user who may do most."""
    opened = Arena(os.getuid())
    yield opened
    opened.leave()


@pytest.mark.parametrize("name", SEEN)
def test_without_walls_the_attack_succeeds_and_is_seen(arena, name):
    try:
        found = harm(arena.attack(ATTACKS[name], walled=False))
    except ArenaError as error:
        found = [str(error)]
    assert any(re.search(SEEN[name], line) for line in found), found


def test_what_is_written_beside_the_packages_is_caught_and_what_ends_the_grader_ends_the_arena_alone(arena):
    places = [Path(numpy.__file__).parent, ROOT / "grader"]  # packages that others installed are closed to this user
    place = next(place for place in places if os.access(place, os.W_OK))
    mark = Attack("mark", "One file.", f"import pathlib; pathlib.Path({str(place)!r}, 'mark').touch()")
    assert any(f"/{place.name}/mark" in line for line in harm(arena.attack(mark, walled=False)))
    with pytest.raises(ArenaError, match="the attack reached what grades it"):
        arena.attack(ATTACKS["kill_everything"], walled=False)
    assert harm(arena.attack(Attack("none", "Nothing.", "print('hello')"))) == []


def test_an_attack_on_a_module_that_moved_is_hollow_and_said_to_be(arena):
    moved = Attack("moved", "Patches what is not there.", "import grader.observe")
    assert [line for line in harm(arena.attack(moved)) if line.startswith("hollow: ")]
