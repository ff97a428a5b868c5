import numpy as np
import pytest

from labkit import explore
from labkit.learning import activations_explorer


def test_the_explorer_draws_a_quarter_to_the_tenth_at_the_sigmoids_steepest_point():
    view = explore.activations().view(x=0.0)
    assert view.numbers["left after 10 layers"] == "9.54e-07"
    assert "9.5e-07 after 10 layers" in view.picture.alt


def test_a_gradient_of_one_is_multiplied_by_the_same_factor_at_each_layer():
    left = activations_explorer.remaining("tanh", x=0.5, weight=1.5, layers=4)
    factor = 1.5 * (1 - np.tanh(0.5) ** 2)
    np.testing.assert_allclose(left, [1, factor, factor**2, factor**3, factor**4])


@pytest.mark.parametrize("name", activations_explorer.ACTIVATIONS)
@pytest.mark.parametrize(("x", "weight", "layers"), [(-6.0, 4.5, 30), (6.0, 0.5, 1), (0.0, 4.5, 30)])
def test_every_corner_of_the_controls_can_be_drawn(name, x, weight, layers):
    view = activations_explorer.draw(name, x, weight, layers)
    assert view.picture.png.startswith(b"\x89PNG")


def test_a_dead_relu_leaves_nothing():
    assert activations_explorer.remaining("ReLU", x=-1.0, weight=2.0, layers=3).tolist() == [1, 0, 0, 0]
