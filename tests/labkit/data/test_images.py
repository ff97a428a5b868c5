"""One call for every image set."""

import numpy as np
import pytest

from labkit import data
from labkit.data import images, named


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


@pytest.fixture
def offline(monkeypatch):
    def unreachable(name, seed):
        raise ConnectionError(f"{name} could not be loaded (no network).")

    monkeypatch.setattr(images, "from_keras", unreachable)


def test_without_a_network_digits_stand_in_for_mnist_with_a_warning_and_a_title_that_says_so(offline):
    with pytest.warns(
        UserWarning, match=r"mnist could not be loaded \(no network\). Taken in its place: Optical"
    ) as told:
        found = data.load("mnist", per_class=2)
    assert [warning.filename for warning in told] == [__file__]
    assert found.name == "Optical recognition of handwritten digits, in place of MNIST, handwritten digits"
    assert repr(found).startswith(found.name)
    assert found.x_train.shape == (20, 8, 8, 1)


@pytest.mark.parametrize(
    ("name", "ships"),
    [("fashion_mnist", "Optical recognition of handwritten digits"), ("cifar10", "Painted fruit, fresh and rotten")],
)
def test_without_a_network_a_set_with_other_classes_is_taken_only_if_it_is_asked_for(offline, name, ships):
    with pytest.raises(ConnectionError, match=rf"{name} could not be loaded.*connect.*another task.*{ships}") as error:
        data.load(name)
    assert f'data.load("{name}", fallback=True)' in str(error.value)

    with pytest.warns(UserWarning, match=f"Taken in its place: {ships}") as told:
        found = data.load(name, per_class=2, fallback=True)
    assert [warning.filename for warning in told] == [__file__]
    assert found.name == f"{ships}, in place of {named.NAMED[name].title}"
    np.testing.assert_array_equal(np.bincount(found.y_train), [2] * len(found.classes))


def test_a_stand_in_for_cifar_10_has_images_of_its_size(offline):
    with pytest.warns(UserWarning, match="Painted fruit"):
        assert data.load("cifar10", fallback=True).x_train.shape == (180, 32, 32, 3)


@pytest.mark.parametrize("name", ["digits", "fruits"])
def test_a_folder_with_the_name_of_a_set_is_not_passed_over_in_silence(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).mkdir()
    with pytest.warns(UserWarning, match=f'for the folder write "./{name}"') as told:
        data.load(name, per_class=1)
    assert [warning.filename for warning in told] == [__file__]
    with pytest.raises(ValueError, match="There are no images"):
        data.load(f"./{name}")


@pytest.mark.parametrize("name", ["digits", "fruits"])
def test_no_image_of_each_class_is_refused(name):
    with pytest.raises(ValueError, match="at least one training image; per_class is 0"):
        data.load(name, per_class=0)
