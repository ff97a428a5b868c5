import numpy as np
import pytest
from sklearn.linear_model import Ridge

from labkit.generalising import polynomials

X, Y, X_NEW, Y_NEW = polynomials.points()


def test_points_are_the_curve_with_noise_of_the_stated_deviation():
    assert (len(X), len(X_NEW)) == (polynomials.POINTS, polynomials.VALIDATION_POINTS)
    assert np.std(Y_NEW - polynomials.curve(X_NEW)) == pytest.approx(polynomials.NOISE, rel=0.1)


def test_powers_begin_with_x_itself():
    np.testing.assert_array_equal(polynomials.powers([2.0, 3.0], 3), [[2, 4, 8], [3, 9, 27]])


@pytest.mark.parametrize("degree", [1, 3, 7])
def test_a_fit_without_penalty_is_numpys(degree):
    fitted = polynomials.fit(X, Y, degree, "none", 0.0)
    np.testing.assert_allclose(fitted(X_NEW), np.polynomial.Polynomial.fit(X, Y, degree)(X_NEW), atol=1e-8)


def test_degree_0_is_the_mean():
    np.testing.assert_allclose(polynomials.fit(X, Y, 0, "L1", 0.1)(X_NEW), Y.mean())


def test_the_l2_penalty_is_scikit_learns():
    fitted = polynomials.fit(X, Y, 9, "L2", 0.01)
    theirs = Ridge(0.01 * len(Y)).fit(polynomials.powers(X, 9), Y)
    np.testing.assert_allclose(fitted.weights, theirs.coef_, atol=1e-8)
    assert fitted.constant == pytest.approx(theirs.intercept_)


@pytest.mark.parametrize("penalty", ["L1", "L2"])
def test_no_small_change_of_the_weights_lowers_the_sum_of_error_and_penalty(penalty):
    strength = 0.02
    fitted = polynomials.fit(X, Y, 5, penalty, strength)

    def cost(weights):
        size = np.abs(weights) if penalty == "L1" else weights**2
        return polynomials.Fit(Y.mean() - means @ weights, weights).error(X, Y) + strength * size.sum()

    means = polynomials.powers(X, 5).mean(axis=0)
    rng = np.random.default_rng(0)
    least = cost(fitted.weights)
    assert all(cost(fitted.weights + rng.normal(0, 0.05, 5)) > least - 1e-5 for _ in range(200))


def test_l1_sets_weights_to_0_and_l2_none():
    zeros = {kind: int((polynomials.fit(X, Y, 9, kind, 0.01).weights == 0).sum()) for kind in ("L1", "L2")}
    assert zeros["L2"] == 0
    assert zeros["L1"] >= 3


def test_without_a_penalty_the_error_on_the_points_to_fit_never_rises_with_the_degree():
    errors = [fitted.error(X, Y) for fitted in polynomials.fits("none", 0.0)]
    assert len(errors) == polynomials.HIGHEST_DEGREE + 1
    assert all(later <= earlier + 1e-9 for earlier, later in zip(errors, errors[1:], strict=False))
