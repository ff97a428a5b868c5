import numpy as np
import pytest

from labkit import data
from labkit.generalising import overfitting

DIABETES = data.diabetes()


def test_the_parts_share_no_row_and_leave_the_test_part_closed():
    parts = overfitting.parts(DIABETES, 0)
    assert [x.shape for x, _ in parts] == [(199, 10), (66, 10), (88, 10)]
    assert [y.shape for _, y in parts] == [(199, 1), (66, 1), (88, 1)]
    rows = np.concatenate([np.hstack(part) for part in parts])
    assert len(np.unique(rows, axis=0)) == len(DIABETES.x_train) + len(DIABETES.x_validation) == len(rows)


def test_the_rows_to_fit_give_mean_and_deviation_of_all():
    (x_fit, y_fit), *others = overfitting.parts(DIABETES, 0)
    for column in (x_fit, y_fit):
        np.testing.assert_allclose(column.mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(column.std(axis=0), 1, atol=1e-5)
    assert all(abs(x.mean()) > 1e-5 for x, _ in others)


def test_another_seed_deals_other_parts():
    one, same, other = (overfitting.parts(DIABETES, seed)[2][1] for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


@pytest.fixture
def model():
    import keras

    model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), "mean_squared_error")
    return model


def with_dropout():
    import keras

    layers = [keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.5), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((10,)), *layers])
    model.compile(keras.optimizers.Adam(0.01), "mean_squared_error")
    return model


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_errors_are_those_of_the_model_after_each_epoch(model):
    parts = overfitting.parts(DIABETES, 0)
    errors = overfitting.errors_by_epoch(model, parts, 4, seed=1)
    assert errors.shape == (3, 4)
    assert (np.diff(errors[0]) < 0).all()
    for (x, y), error in zip(parts, errors[:, -1], strict=True):
        assert np.mean((model.predict(x, verbose=0) - y) ** 2) == pytest.approx(error, rel=1e-5)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_run_does_not_depend_on_the_runs_before_it(model):
    parts = overfitting.parts(DIABETES, 0)
    first, other, again = (overfitting.errors_by_epoch(model, parts, 3, seed) for seed in (1, 2, 1))
    np.testing.assert_allclose(first, again, rtol=1e-5)
    assert (first != other).any()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_network_with_dropout_gives_for_a_seed_what_it_gives_where_no_other_seed_ran_before():
    parts = overfitting.parts(DIABETES, 0)
    alone, later = with_dropout(), with_dropout()
    overfitting.errors_by_epoch(later, parts, 3, seed=1)
    expected = overfitting.errors_by_epoch(alone, parts, 3, seed=2)
    np.testing.assert_allclose(overfitting.errors_by_epoch(later, parts, 3, seed=2), expected, rtol=1e-5)
