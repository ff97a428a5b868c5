"""The arena sees holes: attacks that nothing confines are found out by what they did."""

import pytest

from tests.attacks import bombs, lingering, network, pages, reading, signals, writing
from tests.attacks.arena import ArenaError
from tests.attacks.attack import Attack
from tests.attacks.conftest import USERS
from tests.attacks.harmless import harm

ATTACKS = {
    attack.name: attack
    for theme in (bombs, lingering, network, pages, reading, signals, writing)
    for attack in theme.ATTACKS
}
SEEN = {
    "reference_and_hidden_probes": "leaked: ['reference', 'file', 'hidden input'",
    "gradebook": "the gradebook changed",
    "other_submissions": "leaked: ['neighbour'",
    "environment": "leaked: ['environment'",
    "system_v_memory": "leaked: ['memory'",
    "keys_of_the_kernel": "leaked: ['memory'",
    "outside_the_work_folder": "files: ['/tmp/mine'",
    "virtual_environment": "/tmp/caught/0/upper",
    "course_and_neighbours": "/tmp/grading/course/solutions/toy.py",
    "shared_memory": "memory: [",
    "ipv4": "met: ['IPv4'",
    "ipv6": "IPv6",
    "unix_sockets": "met: ['UNIX']",
    "unix_datagrams": "met: ['UNIX datagram']",
    "abstract_sockets": "met: ['abstract'",
    "names": "DNS",
    "daemon": "processes: [",
    "memory_that_is_nobodys": "MiB that are nobody's",
}
MOST_ABLE = next(iter(USERS))
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", SEEN)
def test_without_walls_the_attack_succeeds_and_is_seen(arenas, name):
    found = harm(arenas(MOST_ABLE).attack(ATTACKS[name], walled=False))
    assert any(SEEN[name] in line for line in found), found


def test_what_ends_the_grader_ends_the_arena_alone_and_the_next_one_is_new(arenas):
    arena = arenas(MOST_ABLE)
    with pytest.raises(ArenaError, match="the attack reached what grades it"):
        arena.attack(ATTACKS["kill_everything"], walled=False)
    assert harm(arena.attack(Attack("none", "Nothing.", "print('hello')"))) == []
