from dataclasses import replace

import numpy as np
import pytest

from labkit import data, models
from labkit.machine import backend
from labkit.vision import transfer


def test_a_subset_has_as_many_of_each_class_and_no_row_twice():
    labels = np.repeat([0, 1, 2], 8)
    rows = transfer.subset(labels, 5, seed=3)
    assert len(np.unique(rows)) == 15
    assert np.bincount(labels[rows]).tolist() == [5, 5, 5]


def test_another_seed_is_another_subset_and_the_same_seed_the_same():
    labels = np.repeat([0, 1, 2], 8)
    np.testing.assert_array_equal(transfer.subset(labels, 5, 1), transfer.subset(labels, 5, 1))
    assert transfer.subset(labels, 5, 1).tolist() != transfer.subset(labels, 5, 2).tolist()


@pytest.mark.slow
def test_logistic_regression_in_the_span_of_the_rows_answers_as_on_all_numbers():
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(300, 50)), rng.integers(0, 3, 300)
    x[np.arange(300), y] += 1.5
    z = (x - x[:40].mean(axis=0)) / (x[:40] - x[:40].mean(axis=0)).std()
    plain = LogisticRegression(C=0.1, max_iter=2000).fit(z[:40], y[:40]).score(z[40:], y[40:])
    assert transfer.logistic_accuracy(x[:40], y[:40], x[40:].reshape(-1, 5, 10), y[40:]) == pytest.approx(
        plain, abs=0.01
    )


@pytest.mark.slow
def test_the_backbone_is_found_inside_a_classifier():
    import keras

    base = models.vgg16(1 / 64, (32, 32, 3))
    model = keras.Sequential([keras.Input((32, 32, 3)), models.Preprocess(), base, keras.layers.Flatten()])
    assert transfer.backbone_of(model) is base
    with pytest.raises(ValueError, match="a layer that is itself a model; here are 0"):
        transfer.backbone_of(base)


def few_fruits():
    fruits = data.fruits(3)
    return replace(fruits, x_test=fruits.x_test[:24], y_test=fruits.y_test[:24])


@pytest.fixture(scope="module")
def bench():
    return transfer.Bench(few_fruits(), models.vgg16(1 / 16, (64, 64, 3)))


@pytest.mark.slow
@pytest.mark.parametrize("way", ["pixels", "scratch", "frozen", "tuned"])
def test_every_way_gives_the_same_share_for_the_same_seed(bench, way, monkeypatch):
    monkeypatch.setattr(transfer, "SCRATCH_STEPS", 2)
    monkeypatch.setattr(transfer, "TUNED_STEPS", 2)
    once, again = (getattr(bench, way)(2, 1) for _ in range(2))
    assert once == again
    assert 0 <= once <= 1
    assert once * 24 == pytest.approx(round(once * 24))


def backbone_with_dropout():
    """As the bench takes a backbone: its third block ends with a pooling, blocks 4 and 5 are trained on."""
    import keras

    layers = keras.layers
    inputs = keras.Input((64, 64, 3))
    x = layers.AveragePooling2D(16, name="block3_pool")(inputs)
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="block4_conv1")(x)
    x = layers.Dropout(0.5, name="block5_dropout")(x)
    return keras.Model(inputs, x)


def small_network_with_dropout(fruits):
    import keras

    layers = [keras.layers.AveragePooling2D(16), keras.layers.Flatten(), keras.layers.Dropout(0.5)]
    return keras.Sequential([keras.Input((64, 64, 3)), *layers, keras.layers.Dense(6, "softmax")])


@pytest.mark.slow
@pytest.mark.parametrize("way", ["scratch", "tuned"])
def test_a_network_with_dropout_learns_from_a_seed_what_it_learns_where_no_other_seed_ran_before(way, monkeypatch):
    import keras

    monkeypatch.setattr(transfer, "SCRATCH_STEPS", 3)
    monkeypatch.setattr(transfer, "TUNED_STEPS", 3)
    monkeypatch.setattr(transfer, "_small_network", small_network_with_dropout)
    fruits, backbone = few_fruits(), backbone_with_dropout()
    learned = []
    fit = keras.Model.fit

    def watched(model, *arguments, **settings):
        history = fit(model, *arguments, **settings)
        learned.append(model.get_weights())
        return history

    monkeypatch.setattr(keras.Model, "fit", watched)
    for seeds in ((2,), (1, 2)):
        bench = transfer.Bench(fruits, backbone)
        for seed in seeds:
            getattr(bench, way)(2, seed)
    alone, _, later = learned
    for expected, weights in zip(alone, later, strict=True):
        np.testing.assert_allclose(weights, expected, atol=1e-6)


@pytest.mark.slow
def test_the_upper_half_computes_what_the_whole_backbone_does():
    fruits = few_fruits()
    base = models.vgg16(1 / 16, (64, 64, 3))
    half = transfer._split(base, fruits)
    import keras

    below = keras.Model(half.model.inputs, half.model.layers[-2].output)
    whole = base.predict(models.preprocess(fruits.x_train), verbose=0).mean(axis=(1, 2))
    np.testing.assert_allclose(below.predict(half.inputs, verbose=0), whole, rtol=1e-3, atol=1e-3 * np.abs(whole).max())


@pytest.fixture(scope="module")
def shipped():
    backend.start()
    return transfer.Bench(data.fruits(100), models.backbone())


@pytest.mark.slow
@pytest.mark.parametrize("per_class", [10, 30])
def test_the_backbone_that_ships_beats_a_network_from_scratch_by_more_than_the_spread_over_five_seeds(
    shipped, per_class
):
    frozen, scratch = (
        np.array([way(per_class, seed) for seed in range(5)]) for way in (shipped.frozen, shipped.scratch)
    )

    assert scratch.mean() > 2 / 6  # it did learn
    assert frozen.mean() - scratch.mean() > max(frozen.std(ddof=1), scratch.std(ddof=1))
