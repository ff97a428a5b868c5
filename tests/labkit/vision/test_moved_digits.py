import numpy as np
import pytest

from labkit.vision import moved_digits

DIGITS = np.random.default_rng(0).uniform(0.1, 1, (5, 64)).astype("float32")
LABELS = np.array([3, 1, 4, 1, 5])


def test_a_digit_stands_in_the_middle_with_a_margin_of_one():
    image = moved_digits.place(DIGITS[:1])[0, :, :, 0]
    np.testing.assert_array_equal(image[1:9, 1:9], DIGITS[0].reshape(8, 8))
    assert np.count_nonzero(image) == 64


@pytest.mark.parametrize("where", moved_digits.PLACES)
def test_a_moved_digit_is_the_same_digit_elsewhere(where):
    middle, moved = moved_digits.place(DIGITS), moved_digits.place(DIGITS, where)
    assert moved.shape == (5, 10, 10, 1)
    assert moved.dtype == np.float32
    np.testing.assert_array_equal(moved, np.roll(middle, where, axis=(1, 2)))


def test_each_digit_may_have_a_place_of_its_own():
    wheres = [(-1, 0), (1, 1), (0, 0), (0, -1), (-1, -1)]
    together = moved_digits.place(DIGITS, wheres)
    for image, digit, where in zip(together, DIGITS, wheres, strict=True):
        np.testing.assert_array_equal(image, moved_digits.place(digit, where)[0])


def test_there_are_nine_places_and_eight_of_them_are_not_the_middle():
    assert len(set(moved_digits.PLACES)) == 9
    assert set(moved_digits.PLACES) - set(moved_digits.MOVED) == {moved_digits.MIDDLE}


def by_the_pixel_in_the_corner(images):
    """Scores that are right where the digit reaches the canvas's first row and column; else NaN."""
    right = np.eye(10)[LABELS]
    return np.where(images[:, :1, 0, 0] > 0, right, np.nan)


def test_accuracy_is_told_for_the_middle_and_for_the_places_around_it():
    assert moved_digits.accuracies(lambda images: np.eye(10)[LABELS], DIGITS, LABELS) == (1.0, 1.0)
    assert moved_digits.accuracies(by_the_pixel_in_the_corner, DIGITS, LABELS) == (0.0, 1 / 8)
