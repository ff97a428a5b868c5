import numpy as np
import pytest

from labkit import explore, movement
from labkit.explore import moved

pytestmark = pytest.mark.slow


def changes(*state):
    run = moved.course(*state)
    return movement.moved(run.before, run.after), movement.changes(run.before, run.after)


@pytest.mark.parametrize("trainable", moved.TRAINABLE)
def test_the_chosen_blocks_move_and_no_others(trainable):
    names, _ = changes("trained before", trainable, -4.0)
    assert names == [*(f"block{number}" for number in moved.TRAINABLE[trainable]), "head"]


def test_ten_times_the_rate_moves_weights_about_ten_times_as_far():
    small, large = (np.median(changes("trained before", "block 5", power)[1]["block5_conv2"]) for power in (-4.0, -3.0))
    assert 5 < large / small < 15


def test_a_state_does_not_depend_on_those_before_it():
    first = moved.course("trained before", "blocks 4–5", -3.0)
    moved.course("fresh", "all", -1.0)
    again = moved.course("trained before", "blocks 4–5", -3.0)
    assert all(np.allclose(first.after[path], again.after[path], atol=1e-5) for path in first.after)


@pytest.mark.parametrize("state", [("trained before", "blocks 4–5", -4.0), ("fresh", "all", -3.0)])
def test_the_record_holds_what_training_gives(state):
    run, kept = moved.course(*state), moved.outcome(*state)
    trained = movement.changes(run.before, run.after)
    assert list(trained) == list(kept.changes)
    for layer, shares in trained.items():
        assert np.median(kept.changes[layer]) == pytest.approx(np.median(shares), rel=0.1)
    assert kept.moved == movement.moved(run.before, run.after)
    assert sum(kept.sizes.values()) == sum(array.size for array in run.before.values())
    after = (run.accuracy_before, run.accuracy_after)
    assert (kept.accuracy_before, kept.accuracy_after) == pytest.approx(after, abs=0.03)


def test_the_record_is_written_as_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(moved, "TRAINABLE", {"head alone": (), "block 5": (5,)})
    monkeypatch.setattr(moved, "EXPONENTS", (-5.0,))
    moved.record(tmp_path / "some.npz")
    with np.load(tmp_path / "some.npz") as written, np.load(moved.RECORD) as kept:
        assert written.files == kept.files
        assert written["changes"].shape == (2, 2, 1, written["filters"].sum())
        assert written["moved"].sum(axis=-1).tolist() == [[[1], [2]], [[1], [2]]]


def test_numbers_and_words_say_what_the_map_shows():
    view = explore.weight_map().view(trainable="head alone")
    assert view.numbers["weights that moved"] == "390 of 230,958"
    assert "Not moved: block1_conv1," in view.picture.alt
    assert view.numbers["validation accuracy"].replace(" → ", "").count("%") == 2


@pytest.mark.parametrize("head", moved.HEADS)
@pytest.mark.parametrize("exponent", [-5.0, -1.0])
def test_every_corner_of_the_controls_can_be_drawn(head, exponent):
    assert moved.draw(head, "all", exponent).picture.png.startswith(b"\x89PNG")
