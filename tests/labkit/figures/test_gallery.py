import io

import numpy as np
import pytest
from PIL import Image

from labkit import figures
from labkit.figures import gallery


def pixels(picture):
    return np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB"))


@pytest.fixture
def images():
    return np.stack([np.full((8, 8, 3), value) for value in (250.0, 120.0, 30.0)])


def test_every_image_is_shown_in_its_own_colours(images):
    shown = pixels(gallery.gallery(images, ["a", "b", "c"], columns=3, alt="three greys"))
    assert all((shown == value).all(axis=-1).mean() > 0.1 for value in (250, 120, 30))


def test_images_go_into_rows(images):
    one_row = pixels(gallery.gallery(images, ["a", "b", "c"], columns=3, alt=""))
    two_rows = pixels(gallery.gallery(images, ["a", "b", "c"], columns=2, alt=""))
    assert two_rows.shape[0] > 1.5 * one_row.shape[0]
    assert two_rows.shape[1] < one_row.shape[1]


def test_words_say_by_their_mark_which_image_is_wrong(images):
    red = [int(figures.RED[i : i + 2], 16) for i in (1, 3, 5)]
    right = pixels(gallery.gallery(images, ["✓ a", "✓ b", "✓ c"], columns=3, alt=""))
    wrong = pixels(gallery.gallery(images, ["✓ a", "✗ b", "✓ c"], columns=3, alt=""))
    assert not (right == red).all(axis=-1).any()
    assert (wrong == red).all(axis=-1).any()


def test_the_picture_carries_its_alt_text(images):
    assert gallery.gallery(images, ["a", "b", "c"], columns=3, alt="three greys").alt == "three greys"
