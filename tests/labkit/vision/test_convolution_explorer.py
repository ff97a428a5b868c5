import numpy as np
import pytest

from labkit import explore
from labkit.vision import convolution_explorer


def test_the_first_state_says_its_size_its_sum_and_its_weights():
    numbers = explore.convolution().view().numbers
    assert numbers == {
        "size of the feature map": "6 × 6",
        "window 1 of 36 gives": "39",
        "weights": "9; of a dense layer to as many numbers: 2,304",
    }


def test_the_sum_of_a_window_is_that_of_its_pixels_times_the_kernel():
    image, weights = convolution_explorer.image_of(3), np.array(convolution_explorer.KERNELS["vertical edge"])
    assert np.sum(image[:3, :3] * weights) == 39


@pytest.mark.parametrize(
    ("padding", "stride", "size"), [("valid", 2, 3), ("same", 1, 8), ("same", 2, 4), ("same", 3, 3)]
)
def test_stride_and_padding_change_the_size(padding, stride, size):
    view = explore.convolution().view(padding=padding, stride=stride)
    assert view.numbers["size of the feature map"] == f"{size} × {size}"


def test_a_window_beyond_the_last_is_the_last():
    assert "window 36 of 36 gives" in explore.convolution().view(window=64).numbers


def test_moving_copies_the_left_neighbour():
    view = explore.convolution().view(kernel=convolution_explorer.KERNELS["move"], padding="same", window=12)
    assert view.numbers["window 12 of 64 gives"] == f"{convolution_explorer.image_of(3)[1, 2]:.0f}"


def test_the_words_for_the_picture_name_kernel_zeros_and_window():
    alt = explore.convolution().view(padding="same", stride=2, window=7).picture.alt
    assert "kernel (−1 0 1), (−2 0 2), (−1 0 1)" in alt
    assert "with zeros around it, 0 before and 1 after" in alt
    assert "stands in row 2, column 3" in alt


@pytest.mark.parametrize("name", convolution_explorer.KERNELS)
@pytest.mark.parametrize(("padding", "stride"), [("valid", 1), ("valid", 3), ("same", 1), ("same", 3)])
def test_every_corner_of_the_controls_can_be_drawn(name, padding, stride):
    view = convolution_explorer.draw(8, padding, convolution_explorer.KERNELS[name], stride, 64)
    assert view.picture.png.startswith(b"\x89PNG")


@pytest.mark.parametrize("digit", range(10))
def test_pixels_are_whole_numbers_from_0_to_16(digit):
    image = convolution_explorer.image_of(digit)
    assert image.shape == (8, 8)
    np.testing.assert_array_equal(image, np.round(image))
    assert image.min() == 0
    assert 8 < image.max() <= 16


@pytest.mark.parametrize(("value", "text"), [(0.0, "0"), (-0.04, "0"), (13.4, "13.4"), (-56.0, "−56"), (123.46, "123")])
def test_a_number_fits_into_its_cell(value, text):
    assert convolution_explorer._number(value) == text
