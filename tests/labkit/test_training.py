import numpy as np
import pytest

from labkit import data, training
from labkit.learning import losses

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


def test_a_restart_keeps_the_learning_rate_unless_another_is_given(model):
    training.restart(model, 1, 0.25)
    assert float(model.optimizer.learning_rate) == 0.25
    training.restart(model, 2)
    assert float(model.optimizer.learning_rate) == 0.25


def test_a_network_with_a_loss_of_ones_own_restarts():
    import keras

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    model.compile(keras.optimizers.SGD(), lambda y, y_pred: keras.ops.mean((y - y_pred) ** 2))
    training.restart(model, 1)
    first = model.get_weights()[0]
    training.restart(model, 2)
    assert (model.get_weights()[0] != first).any()


def with_dropout_everywhere():
    """A layer that draws, by itself, in a model in the model, and in a cell of a recurrent layer."""
    import keras

    inner = keras.Sequential([keras.Input((3, 4)), keras.layers.Dense(4), keras.layers.Dropout(0.5)])
    inputs = keras.Input((3, 4))
    x = keras.layers.GaussianNoise(0.1)(inner(inputs))
    x = keras.layers.Bidirectional(keras.layers.GRU(4, dropout=0.3))(x)
    model = keras.Model(inputs, keras.layers.Dense(2, "softmax")(keras.layers.Dropout(0.5)(x)))
    model.compile(keras.optimizers.Adam(), "sparse_categorical_crossentropy", jit_compile=False)
    return model


def test_a_run_is_the_one_of_its_seed_whatever_draws_in_the_network_and_whichever_seed_ran_before():
    x, y = np.random.default_rng(0).normal(size=(40, 3, 4)), np.arange(40) % 2
    alone, later = with_dropout_everywhere(), with_dropout_everywhere()
    training.fit_anew(later, x, y, rate=0.1, epochs=1, seed=1)
    for run in (alone, later):
        training.fit_anew(run, x, y, rate=0.01, epochs=2, seed=2, batch=16)
    for expected, weights in zip(alone.get_weights(), later.get_weights(), strict=True):
        np.testing.assert_allclose(weights, expected, atol=1e-6)


def test_to_warm_up_changes_no_run(model):
    digits = data.digits()
    first = training.train(model, digits, learning_rate=0.1, epochs=1, seed=3)
    training.warm_up(model, digits.x_train, digits.y_train)
    assert training.train(model, digits, learning_rate=0.1, epochs=1, seed=3) == first


@pytest.mark.parametrize(("steps", "made"), [(None, 6), (5, 5), (1, 1)])
def test_training_ends_with_its_epochs_or_with_its_steps(model, steps, made):
    digits = data.digits()
    settings = {"rate": 0.1, "epochs": 2, "seed": 0, "batch": 32, "steps": steps}
    seconds = training.fit_anew(model, digits.x_train[:96], digits.y_train[:96], **settings)
    assert model.optimizer.iterations == made
    assert seconds > 0


def test_every_epoch_has_each_row_once_in_an_order_of_its_own():
    order = training.in_epochs(10, 3, np.random.default_rng(0)).reshape(3, 10)
    assert (np.sort(order) == np.arange(10)).all()
    assert len({tuple(epoch) for epoch in order.tolist()}) == 3


def test_a_run_does_not_depend_on_the_runs_before_it_though_the_optimiser_remembers(model):
    import keras

    digits = data.digits()
    model.compile(keras.optimizers.Adam(), "sparse_categorical_crossentropy", steps_per_execution=8)
    first = training.train(model, digits, learning_rate=0.01, epochs=1, seed=4)
    training.train(model, digits, learning_rate=0.3, epochs=1, seed=5)
    assert training.train(model, digits, learning_rate=0.01, epochs=1, seed=4) == first
    assert first.loss == pytest.approx(training.training_loss(model, digits))
