import numpy as np
import pytest

from labkit.vision import movement, movement_explorer
from pretraining import weight_map

pytestmark = pytest.mark.slow


def changes(*state):
    run = weight_map.course(*state)
    return movement.moved(run.before, run.after), movement.changes(run.before, run.after)


@pytest.mark.parametrize("trainable", movement_explorer.TRAINABLE)
def test_the_chosen_blocks_move_and_no_others(trainable):
    names, _ = changes("trained before", trainable, -4.0)
    assert names == [*(f"block{number}" for number in movement_explorer.TRAINABLE[trainable]), "head"]


def test_ten_times_the_rate_moves_weights_about_ten_times_as_far():
    small, large = (np.median(changes("trained before", "block 5", power)[1]["block5_conv2"]) for power in (-4.0, -3.0))
    assert 5 < large / small < 15


def test_a_state_does_not_depend_on_those_before_it():
    first = weight_map.course("trained before", "blocks 4–5", -3.0)
    weight_map.course("fresh", "all", -1.0)
    again = weight_map.course("trained before", "blocks 4–5", -3.0)
    assert all(np.allclose(first.after[path], again.after[path], atol=1e-5) for path in first.after)


@pytest.mark.parametrize("state", [("trained before", "blocks 4–5", -4.0), ("fresh", "all", -3.0)])
def test_the_record_holds_what_training_gives(state):
    run, kept = weight_map.course(*state), movement_explorer.outcome(*state)
    trained = movement.changes(run.before, run.after)
    assert list(trained) == list(kept.changes)
    for layer, shares in trained.items():
        assert np.median(kept.changes[layer]) == pytest.approx(np.median(shares), rel=0.1)
    assert kept.moved == movement.moved(run.before, run.after)
    assert sum(kept.sizes.values()) == sum(array.size for array in run.before.values())
    after = (run.accuracy_before, run.accuracy_after)
    assert (kept.accuracy_before, kept.accuracy_after) == pytest.approx(after, abs=0.03)


def test_the_record_is_written_as_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(weight_map, "TRAINABLE", {"head alone": (), "block 5": (5,)})
    monkeypatch.setattr(weight_map, "EXPONENTS", (-5.0,))
    weight_map.record(tmp_path / "some.npz")
    with np.load(tmp_path / "some.npz") as written, np.load(movement_explorer.RECORD) as kept:
        assert written.files == kept.files
        assert written["changes"].shape == (2, 2, 1, written["filters"].sum())
        assert written["moved"].sum(axis=-1).tolist() == [[[1], [2]], [[1], [2]]]
