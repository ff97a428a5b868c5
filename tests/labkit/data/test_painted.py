"""The painted fruit set: its parts, and that they stay what they are."""

import numpy as np
import pytest

from labkit import data

SMALL = {"size": 16}


def test_the_parts_have_the_stated_sizes_and_every_class_as_often():
    fruits = data.fruits(3, **SMALL)
    for y, per_class in ((fruits.y_train, 3), (fruits.y_validation, 20), (fruits.y_test, 50)):
        np.testing.assert_array_equal(np.bincount(y), [per_class] * 6)
    assert fruits.x_train.shape == (18, 16, 16, 3)
    assert fruits.x_train.dtype == np.uint8


def test_class_numbers_count_the_fresh_ones_first():
    assert data.fruits(1, **SMALL).classes == (
        *("fresh apple", "fresh banana", "fresh orange"),
        *("rotten apple", "rotten banana", "rotten orange"),
    )


def test_few_training_images_are_the_first_of_many_and_the_other_parts_do_not_change():
    few, many = data.fruits(2, **SMALL), data.fruits(5, **SMALL)
    np.testing.assert_array_equal(few.x_train, many.x_train[:12])
    np.testing.assert_array_equal(few.y_train, many.y_train[:12])
    np.testing.assert_array_equal(few.x_validation, many.x_validation)
    np.testing.assert_array_equal(few.x_test, many.x_test)


def test_no_picture_is_in_two_parts():
    fruits = data.fruits(5, **SMALL)
    everything = np.concatenate([fruits.x_train, fruits.x_validation, fruits.x_test])
    assert len({image.tobytes() for image in everything}) == len(everything)


def test_another_seed_paints_another_set():
    one, other = data.fruits(2, **SMALL), data.fruits(2, seed=1, **SMALL)
    assert not {image.tobytes() for image in one.x_train} & {image.tobytes() for image in other.x_train}


def test_labels_come_in_no_order_that_tells_a_class_from_a_place():
    places = np.arange(300) % 6
    assert (data.fruits(1, **SMALL).y_test == places).mean() < 0.35


def test_what_a_learner_changes_does_not_reach_the_next_call():
    first = data.fruits(1, **SMALL)
    before = first.x_test.copy()
    first.x_test[:] = 0
    np.testing.assert_array_equal(data.fruits(1, **SMALL).x_test, before)


def test_a_class_needs_a_training_image():
    with pytest.raises(ValueError, match="at least one training image; per_class is 0"):
        data.fruits(0)


def test_showing_the_set_says_that_no_photograph_is_in_it():
    text = repr(data.fruits(1, **SMALL))
    for fact in ("painted by this course", "from seed 0", "no photographs", "Apache-2.0", "6 train, 120 validation"):
        assert fact in text
