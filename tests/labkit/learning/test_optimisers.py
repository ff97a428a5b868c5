import numpy as np
import pytest

from labkit.learning import optimisers
from labkit.learning.optimisers import OPTIMISERS, Settings

CURVATURE = np.array([1.0, 25.0])
START = [-4.0, 1.0]
# Keras reads its settings as float32, which holds these exactly.
EXACT = Settings(rate=1 / 64, momentum=7 / 8, rho=7 / 8, beta_2=1023 / 1024)


def slope(w):
    return CURVATURE * w


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", OPTIMISERS)
def test_each_optimiser_agrees_with_kerass_own_to_a_millionth_over_50_steps(name):
    ours = optimisers.path(name, slope, START, 50, EXACT)
    theirs = optimisers.keras_path(optimisers.keras_twin(name, EXACT), slope, START, 50)
    assert ours.shape == theirs.shape == (51, 2)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_cosine_schedule_agrees_with_kerass_own():
    import keras

    theirs = keras.optimizers.schedules.CosineDecay(0.0, 40, warmup_target=0.3, warmup_steps=10)
    ours = [optimisers.cosine(step, 50, 10, 0.3) for step in range(61)]
    np.testing.assert_allclose(ours, [float(theirs(step)) for step in range(61)], atol=1e-7)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_a_path_begins_at_its_start_goes_downhill_and_leaves_the_start_alone(name):
    start = np.array(START)
    path = optimisers.path(name, slope, start, 30, Settings(0.01))
    losses = path**2 @ CURVATURE / 2
    np.testing.assert_array_equal(path[0], START)
    np.testing.assert_array_equal(start, START)
    assert losses[-1] < losses[0]


def test_gradient_descent_multiplies_the_distance_by_one_minus_rate_times_curvature():
    path = optimisers.path("gradient descent", slope, START, 3, Settings(0.02))
    np.testing.assert_allclose(path[3], np.array(START) * (1 - 0.02 * CURVATURE) ** 3)


def test_adams_first_step_is_as_long_as_its_rate_whatever_the_gradient():
    path = optimisers.path("Adam", lambda w: np.array([1000.0, -0.001]), [0.0, 0.0], 1, Settings(0.01))
    np.testing.assert_allclose(path[1], [-0.01, 0.01], rtol=1e-3)


def test_a_path_that_leaves_the_limit_stays_where_it_left():
    path = optimisers.path("gradient descent", slope, START, 500, Settings(0.2), limit=100.0)
    assert np.isfinite(path).all()
    assert np.abs(path[-1]).max() > 100
    np.testing.assert_array_equal(path[-1], path[-2])


def test_a_schedule_peaks_at_the_end_of_its_warm_up_and_stays_0_after_its_end():
    assert [optimisers.cosine(step, 6, 2, 1.0) for step in (0, 1, 2, 4)] == [0.0, 0.5, 1.0, 0.5]
    assert optimisers.cosine(0, 6, 0, 1.0) == 1.0
    assert optimisers.cosine(9, 6, 2, 1.0) == 0.0
