import numpy as np
import pytest

from labkit.vision import augmentation


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype("uint8")


def centre(image):
    """Column of the centre of mass of the red channel."""
    red = image[..., 0].astype(float)
    return float((red.sum(axis=0) * np.arange(red.shape[1])).sum() / red.sum())


@pytest.mark.parametrize("change", augmentation.CHANGES)
@pytest.mark.parametrize("amount", [-0.4, 0.3, 1.0])
def test_every_change_keeps_shape_and_dtype_and_leaves_its_input_alone(image, change, amount):
    before = image.copy()
    changed = augmentation.CHANGES[change](image, amount)
    assert changed.shape == image.shape
    assert changed.dtype == np.uint8
    assert (image == before).all()


@pytest.mark.parametrize("change", augmentation.CHANGES)
def test_an_amount_of_0_changes_nothing(image, change):
    difference = augmentation.CHANGES[change](image, 0.0).astype(int) - image
    assert np.abs(difference).max() <= (12 if change == "hue" else 0)  # 256 hues are fewer than 2**24 colours


def test_flips_mirror_one_axis(image):
    assert (augmentation.flip_left_right(image) == image[:, ::-1]).all()
    assert (augmentation.flip_upside_down(image) == image[::-1]).all()


def test_a_quarter_turn_goes_anticlockwise(image):
    assert (augmentation.turn(image, 90) == np.rot90(image)).all()


def test_a_positive_share_moves_to_the_right():
    image = np.zeros((20, 20, 3), "uint8")
    image[8:12, 4:8] = 200
    assert centre(augmentation.shift(image, 0.25)) - centre(image) == pytest.approx(5)


def test_brightness_is_cut_at_the_ends_of_the_range(image):
    assert (augmentation.brighten(image, 1.0) == 255).all()
    assert (augmentation.brighten(image, -1.0) == 0).all()
    assert (augmentation.brighten(image, 0.2) == np.clip(image.astype(int) + 51, 0, 255)).all()


def test_half_the_circle_of_hues_makes_red_to_cyan_and_leaves_grey():
    row = np.array([[[255, 0, 0], [90, 90, 90]]], "uint8")
    cyan, grey = augmentation.turn_hue(row, 0.5)[0].astype(int)
    assert np.abs(cyan - [0, 255, 255]).max() < 6  # a circle of 256 hues
    assert grey.tolist() == [90, 90, 90]


def test_flips_happen_as_often_as_the_strength_says():
    rng = np.random.default_rng(1)
    drawn = augmentation.amounts("flip left-right", 0.3, 10_000, rng)
    assert set(drawn) == {0.0, 1.0}
    assert drawn.mean() == pytest.approx(0.3, abs=0.02)


def test_amounts_go_both_ways_up_to_the_strength():
    drawn = augmentation.amounts("turn", 0.5, 10_000, np.random.default_rng(2))
    assert drawn.min() == pytest.approx(-90, abs=1)
    assert drawn.max() == pytest.approx(90, abs=1)


def test_cutout_covers_a_square(image):
    covered = augmentation.cutout(image, 2, 3, 4)
    assert (covered[2:6, 3:7] == 128).all()
    covered[2:6, 3:7] = image[2:6, 3:7]
    assert (covered == image).all()


def test_mixup_mixes_images_and_labels_by_the_same_shares():
    images = np.stack([np.full((4, 4, 3), value, "uint8") for value in (0, 100, 200)])
    mixed, labels = augmentation.mixup(images, np.eye(3), np.array([1, 2, 0]), np.array([0.75, 0.5, 1.0]))
    assert mixed[:, 0, 0, 0].tolist() == [25.0, 150.0, 200.0]
    assert labels.tolist() == [[0.75, 0.25, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]]
