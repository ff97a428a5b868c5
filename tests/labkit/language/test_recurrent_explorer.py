import numpy as np
import pytest

from labkit import explore
from labkit.language import recurrent, recurrent_explorer

LONGEST = recurrent_explorer.SENTENCES[-1]


def numbers(**controls):
    return explore.unrolling().view(**controls).numbers


def blame(**controls):
    return float(numbers(sentence=LONGEST, pads=0, **controls)["blame left at the first word"].replace("−", "-"))


def test_pads_that_are_read_move_the_last_state_and_masked_ones_do_not():
    for cell in recurrent.CELLS:
        assert numbers(cell=cell)["last state moved by pads"] != "0%"
        assert numbers(cell=cell, padding=recurrent_explorer.MASKED)["last state moved by pads"] == "0%"


def test_blame_vanishes_or_explodes_with_the_strength_as_the_lab_says():
    assert blame(strength=0.4) == pytest.approx(0.000036, rel=0.05)
    assert blame(strength=2.0) == pytest.approx(25, rel=0.05)


def test_an_lstm_keeps_blame_within_narrower_bounds():
    assert blame(cell="LSTM", strength=0.4) > 100 * blame(strength=0.4)
    assert blame(cell="LSTM", strength=2.0) < blame(strength=2.0) / 10


def test_the_same_word_has_the_same_vector_wherever_it_stands():
    first, _, second = recurrent_explorer.vectors(["the", "mean", "the"])
    np.testing.assert_array_equal(first, second)


def test_at_the_last_step_all_blame_is_left():
    np.testing.assert_allclose(recurrent_explorer.blame("GRU", ["a", "b", ""], 1.0, True)[1:], 1.0, rtol=1e-6)


@pytest.mark.parametrize("cell", recurrent.CELLS)
@pytest.mark.parametrize("pads", [0, recurrent_explorer.MOST_PADS])
@pytest.mark.parametrize("strength", [0.4, 2.0])
def test_every_corner_of_the_controls_can_be_drawn(cell, pads, strength):
    for padding in (recurrent_explorer.MASKED, recurrent_explorer.UNMASKED):
        view = recurrent_explorer.draw(cell, LONGEST, padding, pads, strength)
        assert view.picture.png.startswith(b"\x89PNG")
