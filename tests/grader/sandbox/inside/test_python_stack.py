import resource

import pytest

from grader.sandbox.inside.python_stack import with_room

CALLS = 500
DEPTH = 400  # frames: several chunks


def faults() -> int:
    """Pages that this process was given so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def leaf() -> None:
    pass


def at(depth: int) -> int:
    """The pages that calls take, so many frames below."""
    if depth:
        return at(depth - 1)
    before = faults()
    for _ in range(CALLS):
        leaf()
    return faults() - before


def worst() -> int:
    """The most pages that the calls take at any depth."""
    at(DEPTH)
    return max(map(at, range(DEPTH)))


def test_calls_at_any_depth_take_no_memory_from_the_kernel():
    assert with_room(worst) < CALLS / 10


def test_without_room_there_is_a_depth_at_which_each_call_does():
    assert worst() >= CALLS


def test_arguments_values_and_errors_pass_through():
    assert with_room(divmod, 7, 2) == (3, 1)
    assert with_room(dict, a=1) == {"a": 1}
    with pytest.raises(ZeroDivisionError):
        with_room(divmod, 1, 0)
