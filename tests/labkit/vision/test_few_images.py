import numpy as np
import pytest

from labkit.vision import few_images


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def rows():
    """Twelve images whose pixels are all their row's number."""
    return np.arange(12).repeat(4 * 4 * 3).reshape(12, 4, 4, 3).astype("uint8"), np.arange(12) % 3


def test_each_epoch_shows_every_image_once_in_a_new_order_with_its_label(rows, rng):
    images, labels = few_images.shown(*rows, 24, None, rng)
    numbers = images[:, 0, 0, 0].astype(int)
    first, second = numbers[:12], numbers[12:]
    assert sorted(first) == sorted(second) == list(range(12))
    assert list(first) != list(second)
    assert (labels == numbers % 3).all()


def test_the_last_epoch_ends_where_enough_is_shown(rows, rng):
    images, labels = few_images.shown(*rows, 17, None, rng)
    assert images.shape == (17, 4, 4, 3)
    assert labels.shape == (17,)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_change_is_made_anew_for_each_image_in_each_epoch(rng):
    import keras

    alike = np.full((12, 4, 4, 3), 100.0), np.arange(12)
    images, labels = few_images.shown(*alike, 24, keras.layers.RandomBrightness(0.2), rng)
    assert np.unique(images[:, 0, 0, 0]).size == 24
    assert np.bincount(labels).tolist() == [2] * 12


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_same_seed_gives_the_same_accuracy_however_often_the_model_was_trained(rng):
    import keras

    images = rng.normal(size=(64, 4, 4, 1)).astype("float32")
    labels = (images.mean(axis=(1, 2, 3)) > 0).astype(int)
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.1), loss, steps_per_execution=4)
    first, other, again = (
        few_images.accuracy(model, images, labels, (images, labels), 16, seed) for seed in (0, 1, 0)
    )  # fmt: skip
    assert first == again > 0.6
    assert other > 0.6


def flattened(*layers):
    import keras

    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), *layers, keras.layers.Dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.1), loss)
    return model


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_network_with_dropout_learns_from_a_seed_what_it_learns_where_no_other_seed_ran_before(rng):
    import keras

    images, labels = rng.normal(size=(64, 4, 4, 1)).astype("float32"), np.arange(64) % 2
    alone, later = (flattened(keras.layers.Dropout(0.5)) for _ in range(2))
    few_images.accuracy(later, images, labels, (images, labels), 16, seed=1)
    for model in (alone, later):
        few_images.accuracy(model, images, labels, (images, labels), 16, seed=2)
    for expected, weights in zip(alone.get_weights(), later.get_weights(), strict=True):
        np.testing.assert_allclose(weights, expected, atol=1e-6)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_outputs_of_nan_are_never_right(rng):
    import keras

    images, labels = np.full((8, 4, 4, 1), np.nan, "float32"), np.zeros(8, int)
    model = flattened(keras.layers.Rescaling(1.0))
    assert few_images.accuracy(model, images, labels, (images, labels), 4, seed=0) == 0.0
