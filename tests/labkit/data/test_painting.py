"""The painter: what it promises of every picture, and the shapes and noise that it is made of."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from labkit import data
from labkit.data.painting import apple, canvas, orange

EXAMPLES = Path(__file__).with_name("fruits_of_seed_0.png")  # one picture of each class, 64 pixels a side, in a row


def painted(labels, size=32, seed=0):
    return data.paint_fruits(labels, size, np.random.default_rng(seed))


def halved(images):
    """Pictures with half as many pixels a side: the mean of each four."""
    n, size = images.shape[:2]
    return images.reshape(n, size // 2, 2, size // 2, 2, 3).mean(axis=(2, 4))


@settings(deadline=None, max_examples=20)
@given(labels=st.lists(st.integers(0, 5), max_size=4), size=st.integers(16, 70), seed=st.integers(0, 2**32))
def test_there_is_a_picture_for_each_label_at_any_size(labels, size, seed):
    images = painted(labels, size, seed)
    assert images.shape == (len(labels), size, size, 3)
    assert images.dtype == np.uint8
    assert all(np.ptp(image) > 50 for image in images)


def test_a_seed_paints_the_same_pictures_and_another_seed_others():
    np.testing.assert_array_equal(painted(range(6)), painted(range(6)))
    assert all((one != other).any() for one, other in zip(painted(range(6)), painted(range(6), seed=1), strict=True))


def test_pictures_are_the_same_on_every_machine():
    """Rounding may differ in the last of 256 steps where a machine's sine or exponential does."""
    row = np.asarray(Image.open(EXAMPLES)).astype(int)
    np.testing.assert_allclose(np.concatenate(painted(range(6), 64).astype(int), axis=1), row, atol=1)


def test_the_first_pictures_do_not_depend_on_how_many_follow():
    np.testing.assert_array_equal(painted([3, 1, 4]), painted([3, 1, 4, 1, 5])[:3])


def test_a_larger_picture_shows_the_same_scene():
    small, large = painted(list(range(6)) * 2, 32).astype(float), painted(list(range(6)) * 2, 64)
    apart = np.abs(small[:, None] - halved(large)[None]).mean(axis=(2, 3, 4))  # each small one to each large one
    own = np.diag(apart).copy()
    np.fill_diagonal(apart, np.inf)
    assert (own < apart.min(axis=1) / 3).all()


def test_a_size_too_small_to_see_anything_is_refused():
    with pytest.raises(ValueError, match="smaller than 16 pixels cannot be told apart; size is 8"):
        painted([0], 8)


@pytest.mark.parametrize("fruit", [apple, orange])
@given(latitude=st.floats(-0.999, 0.999))
def test_the_slope_of_a_body_is_that_of_its_radius(fruit, latitude):
    step = 1e-6
    (before, _), (after, _) = (fruit.profile(np.array([latitude + way])) for way in (-step, step))
    np.testing.assert_allclose(fruit.profile(np.array([latitude]))[1], (after - before) / (2 * step), atol=1e-4)


@given(
    pixels=st.integers(16, 130),
    cells=st.integers(2, 90),
    ends=st.lists(st.floats(-1.3, 1.3), min_size=4, max_size=4),
)
def test_a_window_shows_the_noise_of_the_whole_grid(pixels, cells, ends):
    whole = canvas.Canvas(pixels)
    left, right, top, bottom = *sorted(ends[:2]), *sorted(ends[2:])
    part = canvas.Canvas(whole.pixels).window(left, right, top, bottom, 1)
    if 0 in part.shape:
        return
    expected = whole.noise(np.random.default_rng(0), cells).reshape(pixels, pixels)[part.rows, part.columns]
    np.testing.assert_allclose(part.noise(np.random.default_rng(0), cells), expected.ravel(), atol=1e-12)


@given(low=st.floats(-2, 2), width=st.floats(0.01, 3))
def test_a_soft_edge_rises_from_0_to_1_and_falls_where_its_ends_are_swapped(low, width):
    values = np.linspace(low - 1, low + width + 1, 50)
    rise = canvas.step(low, low + width, values)
    assert rise[0] == 0
    assert rise[-1] == pytest.approx(1)
    assert (np.diff(rise) >= -1e-12).all()
    np.testing.assert_allclose(canvas.step(low + width, low, values), 1 - rise, atol=1e-9)


def test_blur_moves_a_mask_and_keeps_its_sum():
    mask = np.zeros((40, 40))
    mask[20, 20] = 1
    moved = canvas.blurred(mask, 0.2, (0.25, -0.10))  # 5 points to the right, 2 up
    assert np.unravel_index(moved.argmax(), moved.shape) == (18, 25)
    assert moved.sum() == pytest.approx(1, abs=0.01)
