import numpy as np
import pytest

from labkit import explore
from labkit.learning import optimisers_explorer
from labkit.learning.losses import central_differences


@pytest.mark.parametrize("name", optimisers_explorer.SURFACES)
def test_each_surface_has_the_slope_that_is_measured_and_its_minima_where_they_are_drawn(name):
    surface = optimisers_explorer.SURFACES[name]
    for point in ([-1.3, 0.7], [0.4, -0.2]):
        measured = central_differences(lambda w: float(surface.loss(w[0], w[1])), point)
        np.testing.assert_allclose(surface.gradient(np.array(point)), measured, atol=1e-8)
    for minimum in surface.minima:
        np.testing.assert_allclose(surface.gradient(np.array(minimum)), 0)
        assert optimisers_explorer.heights(name, np.array([minimum])) == pytest.approx(0)


def test_in_the_ravine_nesterov_leads_and_adagrad_is_last():
    numbers = {name: float(value) for name, value in explore.optimisers().view().numbers.items()}
    assert min(numbers, key=numbers.get) == "Nesterov"
    assert max(numbers, key=numbers.get) == "AdaGrad"


def test_at_rate_a_tenth_gradient_descent_and_nesterov_leave_the_ravine():
    numbers = explore.optimisers().view(rate=0.1).numbers
    assert [name for name, value in numbers.items() if value == "diverged"] == ["gradient descent", "Nesterov"]


@pytest.mark.parametrize("surface", optimisers_explorer.SURFACES)
@pytest.mark.parametrize(("rate", "momentum", "steps"), [(0.003, 0.0, 10), (0.3, 0.98, 200)])
def test_every_corner_of_the_controls_can_be_drawn(surface, rate, momentum, steps):
    view = optimisers_explorer.draw(surface, rate, momentum, steps)
    assert view.picture.png.startswith(b"\x89PNG")
    assert surface in view.picture.alt
