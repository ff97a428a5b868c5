import numpy as np
import pytest

from labkit import data
from labkit.learning import losses, networks
from labkit.learning.activations import softmax

X = np.random.default_rng(0).normal(size=(6, 4))
Y = np.eye(3)[[0, 2, 1, 1, 0, 2]]


def fresh(sizes=(4, 5, 5, 3), start=networks.glorot_uniform, seed=1):
    return networks.draw(sizes, start, np.random.default_rng(seed))


def loss(layers, activation):
    return losses.cross_entropy(Y, softmax(networks.forward(X, layers, activation)[-1]))


@pytest.mark.parametrize("activation", ["ReLU", "tanh"])
def test_every_gradient_agrees_with_central_differences(activation):
    layers = [(weights, bias + 0.1) for weights, bias in fresh()]
    computed = networks.forward(X, layers, activation)
    blame = losses.cross_entropy_gradient(Y, computed[-1])
    gradients = networks.backward(X, layers, activation, computed, blame)
    for number, (weights, bias) in enumerate(layers):

        def changed(place, number=number):
            return [place if other == number else layer for other, layer in enumerate(layers)]

        by_weights = losses.central_differences(lambda w, b=bias: loss(changed((w, b)), activation), weights)
        by_bias = losses.central_differences(lambda b, w=weights: loss(changed((w, b)), activation), bias)
        np.testing.assert_allclose(gradients[number][0], by_weights, atol=1e-9)
        np.testing.assert_allclose(gradients[number][1], by_bias, atol=1e-9)


@pytest.mark.parametrize(
    ("start", "spread"),
    [
        (networks.zero, 0.0),
        (networks.constant, 0.0),
        (networks.small_random, 0.01),
        (networks.glorot_uniform, np.sqrt(2 / 500)),
        (networks.he_normal, np.sqrt(2 / 200)),
    ],
)
def test_each_start_has_the_spread_that_it_names(start, spread):
    weights = start(200, 300, np.random.default_rng(0))
    assert weights.shape == (200, 300)
    assert weights.std() == pytest.approx(spread, rel=0.02, abs=1e-12)


def test_glorots_weights_stay_within_their_limit():
    weights = networks.glorot_uniform(200, 400, np.random.default_rng(0))
    assert 0.0999 < np.abs(weights).max() <= 0.1


def test_each_layer_may_start_in_its_own_way():
    first, second = fresh((4, 5, 3), (networks.zero, networks.he_normal))
    assert not first[0].any()
    assert second[0].all()
    assert not second[1].any()


def test_training_leaves_the_first_weights_alone_and_the_same_seed_gives_the_same():
    digits = data.digits()
    start = fresh((64, 8, 10))
    before = start[0][0].copy()
    one, two = (networks.train(digits, start, "ReLU", 0.1, 2, seed=5) for _ in range(2))
    np.testing.assert_array_equal(start[0][0], before)
    np.testing.assert_array_equal(one[0][0], two[0][0])
    assert networks.accuracy(digits, one, "ReLU") > networks.accuracy(digits, start, "ReLU")


def test_a_network_of_zeros_learns_its_last_biases_alone():
    digits = data.digits()
    trained = networks.train(digits, fresh((64, 8, 10), networks.zero), "ReLU", 0.3, 1, seed=0)
    assert not any(weights.any() for weights, _ in trained)
    assert not trained[0][1].any()
    assert trained[1][1].any()


def test_logits_of_nan_are_never_right():
    nan = [(np.full((64, 10), np.nan), np.zeros(10))]
    assert networks.accuracy(data.digits(), nan, "ReLU") == 0.0


def test_softmax_regression_learns_and_takes_a_schedule():
    digits = data.digits()
    constant = networks.softmax_regression(digits, 32, 1.0, epochs=2, seed=0)
    scheduled = networks.softmax_regression(digits, 32, lambda step: 1.0 if step < 34 else 0.0, epochs=2, seed=0)
    assert constant[0] == pytest.approx(np.log(10))
    assert constant[2] < constant[1] < constant[0]
    assert scheduled[2] == scheduled[1] == constant[1]  # 34 steps are an epoch
