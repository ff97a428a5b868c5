import numpy as np
import pytest

from labkit import explore
from labkit.learning import losses_explorer


def test_cross_entropy_mends_the_confident_mistake_in_6_steps_and_squared_error_in_85():
    steps = {
        name: losses_explorer.steps_until_right(losses_explorer.descent(name, 1, -5.0, 1.0), 1)
        for name in losses_explorer.LOSSES
    }
    assert steps == {"squared error": 85, "cross entropy": 6}


def test_a_worse_mistake_takes_9_steps_against_1507():
    steps = {
        name: losses_explorer.steps_until_right(losses_explorer.descent(name, 1, -8.0, 1.0, 2000), 1)
        for name in losses_explorer.LOSSES
    }
    assert steps == {"squared error": 1507, "cross entropy": 9}


def test_a_path_that_is_never_right_has_no_step():
    assert losses_explorer.steps_until_right(np.array([-5.0, -4.0]), 1) is None
    assert losses_explorer.steps_until_right(np.array([-5.0, -4.0]), 0) == 0


def test_truth_0_mirrors_truth_1():
    up, down = (losses_explorer.descent("cross entropy", target, z, 0.5) for target, z in ((1, -3.0), (0, 3.0)))
    np.testing.assert_allclose(up, -down)


def test_the_explorer_says_both_slopes():
    numbers = explore.losses().view().numbers
    assert numbers["slope of squared error"] == "-0.01321"
    assert numbers["slope of cross entropy"] == "-0.9933"


@pytest.mark.parametrize("target", [0, 1])
@pytest.mark.parametrize("logit", [-8.0, 0.0, 8.0])
@pytest.mark.parametrize("rate", [0.1, 2.0])
def test_every_corner_of_the_controls_can_be_drawn(target, logit, rate):
    assert losses_explorer.draw(target, logit, rate).picture.png.startswith(b"\x89PNG")
