import numpy as np
import pytest

from labkit.vision import augmentation
from labkit.vision import augmentation_explorer as explorer

EXPLORER = explorer.augmentations()


def view(**controls):
    return EXPLORER.view(**controls)


def destroyed(**controls):
    return view(**controls).numbers["labels destroyed in the picture"]


@pytest.mark.parametrize("subject", explorer.SUBJECTS)
@pytest.mark.parametrize("change", augmentation.CHANGES)
def test_no_strength_destroys_no_label(subject, change):
    assert destroyed(subject=subject, change=change, strength=0.0) == "0 of 12"
    assert explorer.lost(subject, change, 0.0) == 0


@pytest.mark.parametrize("change", ["flip left-right", "flip upside down"])
def test_a_flip_destroys_every_six_and_nine_half_of_the_arrows_and_no_fruit_as_the_lab_says(change):
    assert explorer.lost("sixes and nines", change, 1.0) == 1
    assert explorer.lost("arrows", change, 1.0) == pytest.approx(1 / 2, abs=0.01)
    assert explorer.lost("fruit", change, 1.0) == 0
    assert "at every strength" in view(subject="arrows", change=change).text()


def test_a_digit_may_be_turned_further_than_an_arrow_as_the_lab_says():
    assert explorer.harmless_up_to("sixes and nines", "turn") * 180 == pytest.approx(54)  # 60 degrees, in steps of 9
    assert explorer.harmless_up_to("arrows", "turn") * 180 == pytest.approx(45)
    assert explorer.harmless_up_to("fruit", "turn") == 1


def test_a_six_on_its_head_is_a_nine_and_an_arrow_follows_its_turn():
    assert explorer._read_digit("6", "turn", 170.0) == "9"
    assert explorer._read_arrow("up", "turn", 80.0) == "left"
    assert explorer._read_arrow("up", "turn", -100.0) == "right"
    assert explorer._read_arrow("left", "flip left-right", 1.0) == "right"
    assert explorer._read_arrow("left", "flip upside down", 1.0) == "left"


def test_hue_destroys_fruit_and_no_grey_picture():
    assert explorer.lost("fruit", "hue", 1.0) > 0.5
    assert explorer.lost("arrows", "hue", 1.0) == explorer.lost("sixes and nines", "hue", 1.0) == 0


@pytest.mark.parametrize("subject", explorer.SUBJECTS)
def test_a_shift_by_more_than_half_the_width_destroys_every_label(subject):
    assert explorer.harmless_up_to(subject, "shift") == pytest.approx(0.5)


def test_arrows_point_where_their_labels_say():
    images, labels = explorer.SUBJECTS["arrows"].originals()
    dark = {label: 255 - image[..., 0].astype(int) for image, label in zip(images, labels, strict=True)}
    half = explorer.SIDE // 2
    width = {label: np.sum(image > 128, axis=0 if label in ("left", "right") else 1) for label, image in dark.items()}
    for label, across in width.items():
        head_first = across[:half].max() > across[half:].max()
        assert head_first == (label in ("up", "left"))


def test_the_picture_says_in_words_what_it_shows():
    shown = view(subject="arrows", change="flip upside down", strength=1.0)
    assert "up, left, down, right" in shown.picture.alt
    assert shown.numbers["of 500 draws"] in ("50%", "51%", "49%")
