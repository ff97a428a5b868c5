import numpy as np
import pytest

from labkit import explore
from labkit.figures import numbers
from labkit.learning import graph_explorer


def test_the_blame_of_the_first_state_is_the_one_that_the_lab_names():
    numbers = explore.computation_graph().view().numbers
    assert numbers == {"loss": "1", "blame of w": "−4", "blame of b": "−2", "blame of x": "−1"}


def test_where_relu_is_off_the_loss_is_nine_and_no_blame_passes():
    numbers = explore.computation_graph().view(b=-2.0).numbers
    assert numbers == {"loss": "9", "blame of w": "0", "blame of b": "0", "blame of x": "0"}


@pytest.mark.parametrize("name", ["ReLU", "sigmoid", "tanh"])
def test_each_blame_is_the_slope_that_is_measured(name):
    values = {"x": 1.3, "w": -0.7, "b": 0.2, "y": -1.1}
    found = graph_explorer.steps(name, **values)
    for letter in values:
        above, below = ({**values, letter: values[letter] + nudge} for nudge in (1e-6, -1e-6))
        measured = (graph_explorer.loss(name, **above) - graph_explorer.loss(name, **below)) / 2e-6
        assert found[letter].blame == pytest.approx(float(measured), abs=1e-8)


def test_blame_is_the_blame_of_the_next_box_times_the_slope_of_the_arrow():
    values = ("tanh", 1.3, -0.7, 0.2, -1.1)
    found, slopes = graph_explorer.steps(*values), graph_explorer.slopes(*values)
    for (start, end), slope in slopes.items():
        assert found[start].blame == pytest.approx(found[end].blame * slope)


@pytest.mark.parametrize("name", ["ReLU", "sigmoid", "tanh"])
@pytest.mark.parametrize(("x", "w", "b", "y"), [(3.0, 3.0, 3.0, -3.0), (-3.0, 3.0, -3.0, 3.0), (0.0, 0.0, 0.0, 0.0)])
def test_every_corner_of_the_controls_can_be_drawn(name, x, w, b, y):
    view = graph_explorer.draw(name, x, w, b, y)
    assert view.picture.png.startswith(b"\x89PNG")
    assert "−0 " not in view.picture.alt


def test_the_loss_by_weight_is_a_curve():
    np.testing.assert_allclose(graph_explorer.loss("ReLU", 2.0, np.array([-3.0, 0.5, 1.0]), 1.0, 3.0), [9.0, 1.0, 0.0])


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-4.0, "−4"), (0.12345, "0.123"), (-0.0456, "−0.046"), (12.34, "12.3"), (-1.806e-08, "−1.8e−8"),
     (0.00734, "7.3e−3"), (1234.5, "1,234")],
)  # fmt: skip
def test_a_number_is_short_and_shorter_in_its_box(value, text):
    assert numbers.short(value) == text
    assert len(graph_explorer._in_box(value)) <= 6
