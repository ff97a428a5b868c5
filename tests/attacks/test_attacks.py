"""Every attack for real, as root and as an ordinary user."""

import importlib
import re

import pytest

from tests.attacks import (
    bombs,
    constants,
    files,
    forging,
    lingering,
    neighbours,
    network,
    pages,
    patching,
    reading,
    signals,
    writing,
)
from tests.attacks.attack import BOUNDS
from tests.attacks.conftest import USERS
from tests.attacks.harmless import harm

THEMES = (constants, forging, patching, reading, writing, network, signals, bombs, lingering, pages, neighbours, files)
ATTACKS = [attack for theme in THEMES for attack in theme.ATTACKS]
pytestmark = pytest.mark.slow


def test_there_are_fifty_attacks_with_a_name_and_a_sentence_each():
    assert len({attack.name for attack in ATTACKS}) == len({attack.tries for attack in ATTACKS}) == len(ATTACKS) >= 50
    assert all(attack.tries.endswith(".") and len(attack.cells.splitlines()) <= 30 for attack in ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_what_an_attack_names_of_the_grader_is_there(attack):
    for name in re.findall(r"\bgrader(?:\.[A-Za-z_]\w*)+", attack.notebook):
        assert _is_there(name), name


def _is_there(name):
    """Whether a dotted name is a module, or what a module holds."""
    module, _, attribute = name.rpartition(".")
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        return bool(module) and hasattr(importlib.import_module(module), attribute)
    return True


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_nothing_is_gained_and_nothing_is_left(answer_to, user, attack):
    found = harm(answer_to(user, attack), attack.limits.get("seconds", BOUNDS["seconds"]))
    assert not found, "\n".join(found)
