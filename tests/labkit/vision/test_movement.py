import numpy as np
import pytest

from labkit.vision import movement


@pytest.fixture
def before():
    rng = np.random.default_rng(0)
    return {
        "block1_conv1/kernel": rng.normal(size=(3, 3, 3, 4)),
        "block1_conv1/bias": np.zeros(4),
        "vgg16/block10_conv2/kernel": rng.normal(size=(3, 3, 4, 2)),
        "head/kernel": rng.normal(size=(2, 3)),
    }


def changed(weights, path, by):
    return {name: array + by if name == path else array.copy() for name, array in weights.items()}


def test_a_weight_belongs_to_the_block_in_its_layers_name_and_else_to_the_head():
    assert [movement.block(p) for p in ("block4_conv1/bias", "vgg16/block10_norm/gamma", "dense_3/kernel")] == [
        "block4",
        "block10",
        "head",
    ]


def test_nothing_moved_where_all_is_the_same(before):
    assert movement.moved(before, changed(before, "", 0)) == []


def test_the_last_bit_of_a_bias_is_enough_to_have_moved(before):
    assert movement.moved(before, changed(before, "block1_conv1/bias", np.nextafter(0, 1))) == ["block1"]


def test_blocks_that_moved_come_in_the_models_order(before):
    after = changed(changed(before, "head/kernel", 1), "vgg16/block10_conv2/kernel", 1)
    assert movement.moved(before, after) == ["block10", "head"]


def test_a_layer_that_was_not_there_before_counts_as_moved(before):
    without = {name: array for name, array in before.items() if not name.startswith("head")}
    assert movement.moved(without, before) == ["head"]


def test_a_change_is_counted_for_each_filter_as_a_share_of_its_norm(before):
    after = changed(before, "", 0)
    after["block1_conv1/kernel"][..., 2] *= 1.5
    found = movement.changes(before, after)
    np.testing.assert_allclose(found["block1_conv1"], [0, 0, 0.5, 0])
    assert list(found) == ["block1_conv1", "block10_conv2", "head"]


def test_a_map_says_in_words_what_moved_and_what_did_not(before):
    picture = movement.picture(before, changed(before, "head/kernel", 0.1), "A title")
    assert picture.png.startswith(b"\x89PNG")
    assert "Not moved: block1_conv1, block10_conv2." in picture.alt
    assert "Middle change of the layers that moved: head" in picture.alt


def test_words_for_all_and_for_nothing():
    assert movement.words({"head": np.zeros(3)}) == "No layer moved. Not moved: head."
    told = movement.words({"head": np.array([0.1, 0.2, 0.9])})
    assert told == "Middle change of the layers that moved: head 20%. All layers moved."


@pytest.mark.slow
def test_weights_are_copies_by_path_and_hold_what_no_optimiser_moves():
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.BatchNormalization(name="block1_norm")])
    found = movement.weights(model)
    model.layers[0].moving_mean.assign(np.ones(2))
    assert {path.split("/")[-1] for path in found} == {"gamma", "beta", "moving_mean", "moving_variance"}
    assert movement.moved(found, movement.weights(model)) == ["block1"]
