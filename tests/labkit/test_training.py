import numpy as np
import pytest

from labkit import data, losses, training

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture
def model():
    import keras

    keras.utils.set_random_seed(0)
    hidden = [keras.layers.Dense(8, "relu"), keras.layers.Dense(8, "relu")]
    model = keras.Sequential([keras.Input((64,)), *hidden, keras.layers.Dense(10, "softmax")])
    model.compile(keras.optimizers.SGD(), "sparse_categorical_crossentropy", steps_per_execution=8)
    return model


def test_the_last_layers_gradient_norm_is_the_one_on_paper_and_the_model_stays(model):
    digits = data.digits()
    before = model.get_weights()
    norms = training.gradient_norms(model, digits.x_train, digits.y_train)
    *_, hidden, probabilities = training.layer_outputs(model, digits.x_train)
    logits = np.log(probabilities)
    on_paper = hidden.T @ losses.cross_entropy_gradient(np.eye(10)[digits.y_train], logits)
    assert norms.shape == (3,)
    assert norms[-1] == pytest.approx(np.linalg.norm(on_paper), rel=1e-4)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))


def test_the_same_seed_trains_to_the_same_result_and_better_than_chance(model):
    digits = data.digits()
    runs = [training.train(model, digits, learning_rate=0.1, epochs=5, seed=3) for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0].accuracy > 0.3


def test_a_unit_that_is_0_for_every_row_is_dead(model):
    digits = data.digits()
    weights = model.get_weights()
    weights[0][:, :4] = -1.0  # pixels are never negative, so half of the first layer's 8 units stay at 0
    weights[2][:] = np.abs(weights[2])
    model.set_weights(weights)
    shares = [(output == 0).all(axis=0).mean() for output in training.layer_outputs(model, digits.x_train)[:-1]]
    assert shares[0] >= 0.5
    assert training.dead_share(model, digits.x_train) == pytest.approx(np.mean(shares))


def test_an_output_of_nan_is_never_right(model):
    digits = data.digits()
    model.set_weights([np.full_like(weights, np.nan) for weights in model.get_weights()])
    assert training.accuracy(model, digits) == 0.0


def test_a_restart_draws_the_same_weights_and_the_same_dropout_from_the_same_seed():
    import keras

    layers = [keras.layers.Dense(8), keras.layers.Dropout(0.5)]
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.compile(keras.optimizers.SGD(), "mse")
    outputs = []
    for seed in (1, 1, 2):
        training.restart(model, seed)
        outputs.append(keras.ops.convert_to_numpy(model(np.ones((16, 4)), training=True)))
    np.testing.assert_array_equal(outputs[0], outputs[1])
    assert ((outputs[0] == 0) != (outputs[2] == 0)).any()


def test_a_run_does_not_depend_on_the_runs_before_it_though_the_optimiser_remembers(model):
    import keras

    digits = data.digits()
    model.compile(keras.optimizers.Adam(), "sparse_categorical_crossentropy", steps_per_execution=8)
    first = training.train(model, digits, learning_rate=0.01, epochs=1, seed=4)
    training.train(model, digits, learning_rate=0.3, epochs=1, seed=5)
    assert training.train(model, digits, learning_rate=0.01, epochs=1, seed=4) == first
    assert first.loss == pytest.approx(training.training_loss(model, digits))


def test_softmax_regression_learns_and_takes_a_schedule():
    digits = data.digits()
    constant = training.softmax_regression(digits, 32, 1.0, epochs=2, seed=0)
    scheduled = training.softmax_regression(digits, 32, lambda step: 1.0 if step < 34 else 0.0, epochs=2, seed=0)
    assert constant[0] == pytest.approx(np.log(10))
    assert constant[2] < constant[1] < constant[0]
    assert scheduled[2] == scheduled[1] == constant[1]  # 34 steps are an epoch
