import numpy as np
import pytest

from labkit.language import recurrent


def drawn(cell, inputs=3, units=4, seed=0):
    rng = np.random.default_rng(seed)
    return {name: rng.normal(0, 0.5, value.shape) for name, value in recurrent.draw(cell, inputs, units, rng).items()}


def sequence(n=2, steps=6, inputs=3):
    return np.random.default_rng(1).normal(size=(n, steps, inputs))


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "name"), [("RNN", "SimpleRNN"), ("LSTM", "LSTM"), ("GRU", "GRU")])
def test_each_cell_agrees_with_keras_given_the_same_weights(cell, name):
    import keras

    x, parameters = sequence(), drawn(cell)
    layer = getattr(keras.layers, name)(4)
    layer.build(x.shape)
    layer.set_weights(list(parameters.values()))
    theirs = keras.ops.convert_to_numpy(layer(x.astype("float32")))
    np.testing.assert_allclose(recurrent.unroll(cell, x, parameters)[-1][0], theirs, atol=1e-5)


@pytest.mark.parametrize("cell", recurrent.CELLS)
def test_masked_steps_leave_the_state_as_it_was(cell):
    x, parameters = sequence(), drawn(cell)
    mask = np.array([[1, 1, 1, 0, 0, 0], [1, 1, 1, 1, 1, 1]])
    states = recurrent.unroll(cell, x, parameters, mask)
    for state, third in zip(states[-1], states[2], strict=True):
        np.testing.assert_array_equal(state[0], third[0])
        assert (state[1] != third[1]).all()


@pytest.mark.parametrize("cell", recurrent.CELLS)
def test_fresh_parameters_have_the_shapes_of_keras_and_orthogonal_weights_of_the_state(cell):
    parameters = recurrent.draw(cell, 3, 4, np.random.default_rng(0), strength=2.0)
    gates = recurrent.CELLS[cell].gates
    assert parameters["wx"].shape == (3, 4 * gates)
    assert parameters["b"].shape == ((2, 12) if cell == "GRU" else (4 * gates,))
    block = parameters["wh"][:, :4] / 2
    np.testing.assert_allclose(block @ block.T, np.eye(4), atol=1e-12)


def test_an_lstm_begins_with_its_forget_gate_ajar():
    np.testing.assert_array_equal(recurrent.draw("LSTM", 3, 2, np.random.default_rng(0))["b"], [0, 0, 1, 1, 0, 0, 0, 0])


def test_the_blame_of_a_straight_cell_is_a_power_of_its_weights():
    parameters = {"wx": np.zeros((3, 4)), "wh": 0.5 * np.eye(4), "b": np.zeros(4)}
    slopes = recurrent.slopes_of_the_end("RNN", sequence(1), parameters, np.ones((1, 6)))
    np.testing.assert_allclose(slopes, 2.0 * 0.5 ** np.arange(5, -1, -1), rtol=1e-6)  # 2 is the norm of the identity


def test_masked_steps_pass_all_blame():
    slopes = recurrent.slopes_of_the_end("LSTM", sequence(1), drawn("LSTM"), np.array([[1, 1, 1, 0, 0, 0]]))
    np.testing.assert_allclose(slopes[2:], 2.0, rtol=1e-6)
    assert slopes[0] < 2.0
