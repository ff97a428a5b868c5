import numpy as np
import pytest
import sklearn.model_selection
import sklearn.preprocessing

from labkit.generalising import validation


def test_scaling_is_scikit_learns_and_a_constant_column_is_only_centred():
    rng = np.random.default_rng(0)
    train, test = rng.normal(3, 2, (20, 4)), rng.normal(size=(5, 4))
    train[:, 2] = 7.0
    scaler = sklearn.preprocessing.StandardScaler().fit(train)
    ours = validation.standardise(train, test)
    np.testing.assert_allclose(ours[0], scaler.transform(train), atol=1e-12)
    np.testing.assert_allclose(ours[1], scaler.transform(test), atol=1e-12)
    np.testing.assert_array_equal(ours[0][:, 2], 0.0)


@pytest.mark.parametrize(("n", "k"), [(12, 4), (11, 4), (7, 7), (103, 10)])
def test_folds_have_scikit_learns_sizes_and_hold_out_each_row_once(n, k):
    folds = validation.k_fold(n, k, np.random.default_rng(0))
    theirs = sklearn.model_selection.KFold(k, shuffle=True, random_state=0).split(np.zeros((n, 1)))
    assert [len(held_out) for _, held_out in folds] == [len(held_out) for _, held_out in theirs]
    assert sorted(np.concatenate([held_out for _, held_out in folds])) == list(range(n))
    for train, held_out in folds:
        assert sorted(np.concatenate([train, held_out])) == list(range(n))


def test_the_same_seed_deals_the_same_folds_and_another_seed_others():
    one, same, other = (validation.k_fold(20, 4, np.random.default_rng(seed))[0][1].tolist() for seed in (1, 1, 2))
    assert one == same != other


def test_cross_validation_is_the_mean_of_scikit_learns_scores():
    from sklearn.linear_model import LinearRegression

    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 3))
    y = x @ [1.0, 2.0, 3.0] + rng.normal(size=30)
    folds = validation.k_fold(30, 5, rng)
    ours = validation.cross_validate(lambda a, b: LinearRegression().fit(x[a], y[a]).score(x[b], y[b]), folds)
    assert ours == pytest.approx(sklearn.model_selection.cross_val_score(LinearRegression(), x, y, cv=folds).mean())


@pytest.mark.parametrize(
    ("losses", "patience", "stop"),
    [
        ([], 1, False),
        ([3.0, 2.0, 2.5, 2.1], 2, True),
        ([3.0, 2.0, 2.5, 1.9], 2, False),
        ([4.0, 4.0, 4.0], 2, True),  # an equal loss is no improvement
        ([5.0, 4.0, 4.5, 4.4, 4.3], 3, True),  # falling, but not below the best
    ],
)
def test_it_stops_where_patience_epochs_brought_no_better_loss(losses, patience, stop):
    assert validation.should_stop(losses, patience) is stop


def test_the_stopping_epoch_is_the_first_to_stop_after_or_the_last_of_all():
    losses = [3.0, 2.0, 2.5, 2.1, 1.0]
    assert validation.stopping_epoch(losses, 2) == 3
    assert validation.stopping_epoch(losses, 3) == 4


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("patience", [1, 2, 4])
def test_it_stops_where_keras_stops(patience):
    import keras

    losses = [2.0, 2.5, 1.0, 1.5, 1.4, 0.9, 1.0, 0.9, 1.2, 1.05, 0.8]
    callback = keras.callbacks.EarlyStopping("val_loss", mode="min", patience=patience)
    callback.set_model(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))
    callback.model.stop_training = False
    callback.on_train_begin()
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        if callback.model.stop_training:
            break
    assert validation.stopping_epoch(losses, patience) == epoch
