"""One call for every image set."""

import numpy as np
import pytest

from labkit import data
from labkit.data import loading


def parts(found):
    """Images and labels of the three parts."""
    return (found.x_train, found.y_train), (found.x_validation, found.y_validation), (found.x_test, found.y_test)


@pytest.mark.parametrize("name", ["digits", "fruits"])
def test_every_set_gives_images_of_eight_bits_with_a_channel_axis(name):
    found = data.load(name)
    for x, y in parts(found):
        assert x.dtype == np.uint8
        assert x.ndim == 4
        assert len(x) == len(y)
    assert found.x_train.max() > 250


def test_digits_as_images_are_the_rows_of_digits():
    rows, images = data.digits(), data.load("digits")
    np.testing.assert_array_equal(np.rint(rows.x_test * 255), images.x_test.reshape(-1, 64))
    np.testing.assert_array_equal(rows.y_test, images.y_test)


def test_few_images_of_each_class_are_the_first_of_the_many():
    few, many = data.load("digits", per_class=4), data.load("digits")
    np.testing.assert_array_equal(np.bincount(few.y_train), [4] * 10)
    assert {x.tobytes() for x in few.x_train} <= {x.tobytes() for x in many.x_train}
    np.testing.assert_array_equal(few.x_test, many.x_test)
    smaller = data.load("digits", per_class=2)
    assert {x.tobytes() for x in smaller.x_train} <= {x.tobytes() for x in few.x_train}


def test_fruits_are_loaded_as_they_are_painted():
    asked = data.load("fruits", per_class=2, size=16, seed=3)
    np.testing.assert_array_equal(asked.x_train, data.fruits(2, size=16, seed=3).x_train)


def test_a_name_that_is_neither_set_nor_folder_is_told_what_there_is():
    with pytest.raises(FileNotFoundError, match="no folder 'minst'.*digits, fruits, mnist, fashion_mnist, cifar10"):
        data.load("minst")


@pytest.mark.parametrize(
    ("name", "shape", "said"),
    [
        ("mnist", (8, 8, 1), "MNIST, handwritten digits could not be had (no network): scikit-learn's digits"),
        ("fashion_mnist", (8, 8, 1), "Fashion-MNIST could not be had (no network): scikit-learn's digits"),
        ("cifar10", (32, 32, 3), "CIFAR-10 could not be had (no network): the course's painted fruits"),
    ],
)
def test_without_a_network_what_ships_stands_in_and_one_sentence_says_so(monkeypatch, capsys, name, shape, said):
    def unreachable(name, seed):
        raise Exception("no\n network")

    monkeypatch.setattr(loading, "from_keras", unreachable)
    found = data.load(name, per_class=2)
    assert found.x_train.shape[1:] == shape
    shown = capsys.readouterr().out
    assert shown.startswith(said)
    assert shown.count("\n") == 1
