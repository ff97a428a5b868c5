import numpy as np
import pytest

from labkit.language import readers

pytestmark = pytest.mark.slow  # imports Keras


@pytest.fixture(scope="module")
def rows():
    """Which of two words stands first? Rows of 2 to 8 ids; the class is the first id less 2."""
    rng = np.random.default_rng(0)
    ids = rng.integers(2, 4, (256, 8)).astype("int32")
    ids[np.arange(8) >= rng.integers(2, 9, (256, 1))] = 0
    return ids, ids[:, 0] - 2


@pytest.mark.parametrize(("cell", "settings"), [("GRU", {}), ("GRU", {"bidirectional": True}), ("mean", {})])
def test_pads_move_no_prediction_of_a_masked_reader(rows, cell, settings):
    model = readers.reader(cell, 4, 2, **settings)
    longer = np.pad(rows[0], ((0, 0), (0, 5)))
    np.testing.assert_allclose(readers.probabilities(model, rows[0]), readers.probabilities(model, longer), atol=1e-5)


def test_pads_move_the_predictions_of_one_that_reads_them(rows):
    model = readers.reader("LSTM", 4, 2, masked=False)
    longer = np.pad(rows[0], ((0, 0), (0, 5)))
    assert np.abs(readers.probabilities(model, rows[0]) - readers.probabilities(model, longer)).max() > 1e-4


def test_training_learns_and_begins_anew_from_the_seed(rows):
    model = readers.reader("RNN", 4, 2)
    outputs = []
    for seed in (1, 2, 1):
        assert readers.train(model, *rows, epochs=12, seed=seed) > 0
        outputs.append(readers.probabilities(model, rows[0]))
    assert readers.accuracy(model, *rows) > 0.9
    np.testing.assert_allclose(outputs[0], outputs[2], atol=1e-4)
    assert np.abs(outputs[0] - outputs[1]).max() > 1e-3


def test_a_reader_learns_from_a_seed_what_it_learns_where_another_seed_ran_before(rows):
    alone, later = (readers.reader("RNN", 4, 2) for _ in range(2))
    readers.train(later, *rows, epochs=1, seed=1)
    for model in (alone, later):
        readers.train(model, *rows, epochs=2, seed=2)
    np.testing.assert_allclose(readers.probabilities(later, rows[0]), readers.probabilities(alone, rows[0]), atol=1e-4)


def test_probabilities_of_nan_are_never_right(rows):
    model = readers.reader("mean", 4, 2)
    model.set_weights([np.full_like(weights, np.nan) for weights in model.get_weights()])
    assert readers.accuracy(model, rows[0], np.zeros(len(rows[0]), int)) == 0.0
