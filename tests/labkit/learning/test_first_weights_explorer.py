import numpy as np
import pytest

from labkit import explore
from labkit.learning import first_weights_explorer, networks


def test_small_weights_leave_less_than_a_millionth_of_a_millionth_after_ten_layers():
    numbers = explore.first_weights().view().numbers
    assert numbers["spread after the last layer"] == "3.3e−13"
    assert numbers["spread of the gradient at the input"] == "3.4e−13"


def test_a_small_layer_multiplies_the_spread_by_its_weights_spread_times_the_root_of_half_its_inputs():
    forward, back = first_weights_explorer.spreads("small random", "ReLU", 10)
    expected = 0.01 * np.sqrt(64 / 2)
    assert forward[-1] ** 0.1 == pytest.approx(expected, rel=0.05)
    assert back[0] ** 0.1 == pytest.approx(expected, rel=0.05)


def test_he_keeps_a_signal_under_relu_and_glorot_under_tanh():
    for name, activation in (("He", "ReLU"), ("Glorot", "tanh")):
        forward, back = first_weights_explorer.spreads(name, activation, 30)
        assert 0.1 < forward[-1] < 2
        assert 0.1 < back[0] < 2


def test_nothing_passes_zeros():
    forward, back = first_weights_explorer.spreads("zero", "ReLU", 5)
    np.testing.assert_array_equal(forward[1:], 0)
    np.testing.assert_array_equal(back[:-1], 0)


@pytest.mark.parametrize("name", networks.STARTS)
@pytest.mark.parametrize("activation", ["ReLU", "tanh"])
@pytest.mark.parametrize("layers", [2, 30])
def test_every_corner_of_the_controls_can_be_drawn(name, activation, layers):
    assert first_weights_explorer.draw(name, activation, layers).picture.png.startswith(b"\x89PNG")


def test_fewer_layers_are_the_beginning_of_more():
    few, many = (first_weights_explorer.spreads("Glorot", "tanh", layers) for layers in (4, 9))
    np.testing.assert_array_equal(few[0], many[0][:5])
    assert few[1].shape == (5,)
    assert few[1][-1] == many[1][-1]


def test_the_gradient_goes_back_as_the_networks_of_the_experiment_send_it():
    rng = np.random.default_rng(0)
    x, blame = rng.normal(size=(200, 64)), rng.normal(size=(200, 64))
    layers = networks.draw([64] * 4, networks.glorot_uniform, rng)
    computed = networks.forward(x, layers, "tanh")
    gradients = networks.backward(x, layers, "tanh", computed, blame * (1 - np.tanh(computed[-1]) ** 2))
    at_input = gradients[0][2] @ layers[0][0].T
    assert first_weights_explorer.spreads("Glorot", "tanh", 3)[1][0] == pytest.approx(np.sqrt(np.mean(at_input**2)))
