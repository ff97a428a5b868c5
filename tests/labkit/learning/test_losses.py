import numpy as np
import pytest
import scipy.special

from labkit.learning import losses

LABELS = np.eye(4)[[0, 3, 1]]
LOGITS = np.random.default_rng(0).normal(scale=2, size=(3, 4))


def test_mean_squared_error_is_a_mean_over_all_entries():
    assert losses.mse([1.0, 2.0], [1.0, 4.0]) == 2.0


def test_cross_entropy_of_no_idea_is_the_logarithm_of_the_classes():
    assert losses.cross_entropy(LABELS, np.full((3, 4), 0.25)) == pytest.approx(np.log(4))


def test_cross_entropy_of_certain_and_wrong_is_finite():
    assert losses.cross_entropy([[1.0, 0.0]], [[0.0, 1.0]]) == pytest.approx(-np.log(1e-12))


def test_cross_entropy_agrees_with_scipy():
    expected = -(LABELS * scipy.special.log_softmax(LOGITS, axis=-1)).sum(axis=-1).mean()
    assert losses.cross_entropy(LABELS, scipy.special.softmax(LOGITS, axis=-1)) == pytest.approx(expected)


def test_cross_entropy_gradient_agrees_with_central_differences():
    measured = losses.central_differences(
        lambda z: losses.cross_entropy(LABELS, scipy.special.softmax(z, axis=-1)), LOGITS
    )
    np.testing.assert_allclose(losses.cross_entropy_gradient(LABELS, LOGITS), measured, atol=1e-9)


@pytest.mark.parametrize("target", [0, 1])
@pytest.mark.parametrize("name", ["binary_cross_entropy", "squared_error"])
def test_each_loss_of_one_output_has_the_slope_that_is_measured(name, target):
    loss, gradient = getattr(losses, name), getattr(losses, f"{name}_gradient")
    z = np.linspace(-8, 8, 33)
    measured = (loss(target, z + 1e-6) - loss(target, z - 1e-6)) / 2e-6
    np.testing.assert_allclose(gradient(target, z), measured, atol=1e-8)


def test_binary_cross_entropy_does_not_overflow():
    with np.errstate(over="raise", invalid="raise"):
        np.testing.assert_allclose(losses.binary_cross_entropy(1, [-1000.0, 0.0]), [1000.0, np.log(2)])


def test_central_differences_leave_the_point_alone():
    point = np.array([1.0, 2.0])
    np.testing.assert_allclose(losses.central_differences(lambda x: float(x @ x), point), [2.0, 4.0])
    np.testing.assert_array_equal(point, [1.0, 2.0])
