"""What lab 07 says of Keras is so: of training=False, of frozen batch norm, of compile after unfreezing."""

import numpy as np
import pytest

X = np.random.default_rng(0).normal(5, 2, (32, 3)).astype("float32")
Y = np.arange(32) % 3

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def model_on(base, **call):
    import keras

    inputs = keras.Input((3,))
    return keras.Model(inputs, keras.layers.Dense(3, "softmax")(base(inputs, **call)))


def trained_at_rate_0(norm_frozen, **call):
    """What a batch norm inside a backbone has measured after a training that can move no weight."""
    import keras

    norm = keras.layers.BatchNormalization()
    model = model_on(keras.Sequential([keras.Input((3,)), norm]), **call)
    norm.trainable = not norm_frozen
    model.compile(keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(X, Y, verbose=0)
    return keras.ops.convert_to_numpy(norm.moving_mean)


def test_fit_overrides_training_false_in_a_functional_model_and_batch_norm_goes_on_measuring():
    assert np.all(trained_at_rate_0(False, training=False) != 0)
    np.testing.assert_allclose(trained_at_rate_0(False, training=False), trained_at_rate_0(False), rtol=1e-5)


def test_a_frozen_batch_norm_measures_nothing_even_where_training_is_true():
    np.testing.assert_array_equal(trained_at_rate_0(True), 0)
    np.testing.assert_array_equal(trained_at_rate_0(True, training=True), 0)


def test_trainable_false_where_it_is_false_already_freezes_no_layer_again():
    import keras

    base = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])
    base.trainable = False
    base.layers[0].trainable = True
    base.trainable = False
    assert base.layers[0].trainable


def test_what_becomes_trainable_after_the_first_fit_does_not_move_until_it_is_compiled_again():
    import keras

    base = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])
    base.trainable = False
    model = model_on(base)
    moved = []
    for compiled in (True, False, True):
        if compiled:
            model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
        before = base.get_weights()[0]
        model.fit(X, Y, verbose=0)
        moved.append(bool((base.get_weights()[0] != before).any()))
        base.trainable = True
    assert moved == [False, False, True]
