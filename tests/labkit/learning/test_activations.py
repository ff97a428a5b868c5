import warnings

import numpy as np
import pytest
import scipy.special

from labkit.learning import activations
from labkit.learning.activations import ACTIVATIONS

EVERYWHERE = np.concatenate([np.linspace(-6, 6, 60), [-1e3, -50.0, 50.0, 1e3]])  # 0 is not among them


def test_sigmoid_agrees_with_scipy():
    np.testing.assert_allclose(activations.sigmoid(EVERYWHERE), scipy.special.expit(EVERYWHERE), rtol=1e-12)


def test_softmax_agrees_with_scipy_for_rows_and_for_one_row():
    logits = np.random.default_rng(0).normal(scale=300, size=(6, 4))
    np.testing.assert_allclose(activations.softmax(logits), scipy.special.softmax(logits, axis=-1), rtol=1e-12)
    np.testing.assert_allclose(activations.softmax(logits[0]), scipy.special.softmax(logits[0]), rtol=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_each_derivative_agrees_with_central_differences(name):
    function, derivative = ACTIVATIONS[name].function, ACTIVATIONS[name].derivative
    step = 1e-6
    x = np.linspace(-6, 6, 60)
    measured = (function(x + step) - function(x - step)) / (2 * step)
    np.testing.assert_allclose(derivative(x), measured, atol=1e-8)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nothing_overflows_and_no_input_changes(name):
    x = EVERYWHERE.copy()
    with warnings.catch_warnings(), np.errstate(over="raise", invalid="raise"):
        warnings.simplefilter("error")
        assert np.isfinite(ACTIVATIONS[name].function(x)).all()
        assert np.isfinite(ACTIVATIONS[name].derivative(x)).all()
    np.testing.assert_array_equal(x, EVERYWHERE)


def test_relu_keeps_what_is_positive():
    np.testing.assert_array_equal(activations.relu([-1.5, 0.0, 2.0]), [0.0, 0.0, 2.0])
    np.testing.assert_array_equal(activations.leaky_relu([-2.0, 0.0, 3.0], slope=0.1), [-0.2, 0.0, 3.0])
