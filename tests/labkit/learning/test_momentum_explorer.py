import numpy as np
import pytest

from labkit import explore
from labkit.learning import momentum_explorer
from labkit.learning.optimisers import Settings, path


@pytest.mark.parametrize("condition", [5, 25, 100])
@pytest.mark.parametrize(("rate", "momentum"), [(0.3, 0.0), (1.0, 0.5), (3.5, 0.8), (2.5, 0.1)])
def test_the_factor_is_what_a_long_walk_shrinks_or_grows_by(condition, rate, momentum):
    curvatures = np.array([1.0, 1.0 / condition])
    walk = path("momentum", lambda w: curvatures * w, [1.0, 1.0], 400, Settings(rate, momentum))
    sizes = np.abs(walk).max(axis=1)
    measured = (sizes[300:].max() / sizes[100:201].max()) ** (1 / 200)
    assert momentum_explorer.factor(rate, momentum, condition) == pytest.approx(measured, rel=0.01)


@pytest.mark.parametrize("momentum", [0.0, 0.3, 0.9])
def test_a_pair_converges_just_below_twice_one_plus_momentum(momentum):
    limit = 2 * (1 + momentum)
    assert (
        momentum_explorer.factor(limit - 0.01, momentum, 25) < 1 < momentum_explorer.factor(limit + 0.01, momentum, 25)
    )


@pytest.mark.parametrize("condition", [5, 25, 100])
def test_no_pair_of_the_map_beats_the_star(condition):
    rates, momenta = np.meshgrid(np.linspace(0.05, 4, 80), np.linspace(0, 0.99, 100))
    star = momentum_explorer.steps_needed(momentum_explorer.factor(*momentum_explorer.best(condition), condition))
    assert star <= momentum_explorer.steps_needed(momentum_explorer.factor(rates, momenta, condition)).min() + 1e-6


def test_the_numbers_that_the_lab_tells():
    without = {
        c: momentum_explorer.steps_needed(momentum_explorer.factor(np.arange(0.05, 4, 0.05), 0.0, c)).min()
        for c in (25, 100)
    }
    assert np.ceil(without[25]) == 88
    assert np.ceil(without[100]) == 351
    assert explore.momentum().view().numbers["at the star"].startswith("18 steps")
    assert explore.momentum().view(condition=100).numbers["at the star"].startswith("35 steps")


def test_what_never_arrives_is_told():
    view = explore.momentum().view(rate=2.5)
    assert view.numbers["steps to a thousandth"] == "never"


@pytest.mark.parametrize("condition", [5, 100])
@pytest.mark.parametrize("rate", [0.05, 4.0])
@pytest.mark.parametrize("momentum", [0.0, 0.99])
def test_every_corner_of_the_controls_can_be_drawn(condition, rate, momentum):
    assert momentum_explorer.draw(condition, rate, momentum).picture.png.startswith(b"\x89PNG")
