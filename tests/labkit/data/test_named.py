"""Keras's sets, from a small copy in a Keras cache of the test's own."""

import gzip
import hashlib
import importlib
import io
import pickle
import tarfile

import numpy as np
import pytest

from labkit import data
from labkit.data import named

pytestmark = pytest.mark.slow  # imports Keras
TRAIN, TEST = 60, 20


@pytest.fixture
def rows():
    """Images of 28 x 28 and their labels, for training and for the test: each image holds its label as its shade."""
    y = [np.arange(n, dtype="uint8") % 10 for n in (TRAIN, TEST)]
    return [(np.tile(20 * labels[:, None, None], (1, 28, 28)).astype("uint8"), labels) for labels in y]


def expect(monkeypatch, name, file):
    """Let Keras's loader expect this file's checksum. It is written into the loader's code, so nothing else can."""
    module = importlib.import_module(f"keras.src.datasets.{name}")
    get_file, right = module.get_file, hashlib.sha256(file.read_bytes()).hexdigest()
    monkeypatch.setattr(module, "get_file", lambda *a, **k: get_file(*a, **{**k, "file_hash": right}))


def parts(found):
    """Images and labels of the three parts."""
    return (found.x_train, found.y_train), (found.x_validation, found.y_validation), (found.x_test, found.y_test)


def holds(found, shape):
    """The parts have the sizes and the kind of images that they should, and each label is its image's."""
    assert [len(y) for y in (found.y_train, found.y_validation, found.y_test)] == [TRAIN - 10, 10, TEST]
    for x, y in parts(found):
        assert x.shape[1:] == shape
        assert x.dtype == np.uint8
        np.testing.assert_array_equal(x[:, 0, 0, 0], 20 * y)
    np.testing.assert_array_equal(np.bincount(found.y_validation), [1] * 10)
    assert len(found.classes) == 10


def test_mnist_comes_from_the_cache_and_a_sixth_of_its_training_rows_validates(cache, rows, monkeypatch):
    (x_train, y_train), (x_test, y_test) = rows
    np.savez(cache / "mnist.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    expect(monkeypatch, "mnist", cache / "mnist.npz")
    found = data.load("mnist")
    holds(found, (28, 28, 1))
    assert "CC BY-SA 3.0" in repr(found)


def test_fashion_mnist_comes_from_the_cache(cache, rows):
    folder = cache / "fashion-mnist"
    folder.mkdir()
    for part, (x, y) in zip(("train", "t10k"), rows, strict=True):
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(bytes(16) + x.tobytes()))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(bytes(8) + y.tobytes()))
    found = data.load("fashion_mnist")
    holds(found, (28, 28, 1))
    assert found.classes[found.y_test[9]] == "ankle boot"


def test_a_file_with_a_wrong_checksum_is_not_used(cache, rows):
    (x_train, y_train), (x_test, y_test) = rows
    np.savez(cache / "mnist.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    with pytest.warns(UserWarning, match=r"MNIST, handwritten digits could not be loaded \(offline\)"):
        assert data.load("mnist", per_class=1).x_train.shape[1:] == (8, 8, 1)


def test_cifar_10_comes_from_the_cache_in_colour(cache, monkeypatch):
    rng = np.random.default_rng(0)
    labels = np.arange(10000) % 10
    pixels = np.repeat(20 * labels[:, None], 3072, axis=1).astype("uint8")
    pixels[:, 1] = rng.integers(0, 256, 10000)
    batch = pickle.dumps({b"data": pixels, b"labels": labels.tolist()}, protocol=4)
    archive = cache / "cifar-10-batches-py-target_archive"
    with tarfile.open(archive, "w") as tar:
        member = tarfile.TarInfo("cifar-10-batches-py/test_batch")
        member.size = len(batch)
        tar.addfile(member, io.BytesIO(batch))
        for i in range(1, 6):  # the loader wants five training batches: here each is the test batch again
            again = tarfile.TarInfo(f"cifar-10-batches-py/data_batch_{i}")
            again.type, again.linkname = tarfile.LNKTYPE, member.name
            tar.addfile(again)
    expect(monkeypatch, "cifar10", archive)
    found = data.load("cifar10", per_class=3)
    assert found.x_train.shape == (30, 32, 32, 3)
    np.testing.assert_array_equal(found.x_train[:, 0, 0, 0], 20 * found.y_train)
    assert len(found.y_test) == 10000
    assert found.classes[1] == "automobile"


@pytest.mark.parametrize("name", ["fashion_mnist", "cifar10"])
def test_what_is_neither_in_the_cache_nor_on_the_network_is_an_error_that_says_what_to_do(cache, name):
    with pytest.raises(ConnectionError, match=r"could not be loaded \(offline\).*connect.*fallback=True"):
        data.load(name)


def test_a_network_that_does_not_answer_is_given_up_soon_and_other_uses_of_it_are_not_touched():
    import socket

    with named.patience():
        assert socket.getdefaulttimeout() == named.PATIENCE
    assert socket.getdefaulttimeout() is None
