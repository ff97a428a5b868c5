"""What lab 06 judges images by: where an arrow points, which colour an image has, what was done to its pixels."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from grader.unit import load_unit
from labkit import augmentation

SOURCE = Path(__file__).resolve().parents[2] / "solutions" / "06_vgg16_and_augmentation.py"


@pytest.fixture(scope="module")
def judges():
    """The helpers of the task cells."""
    namespace = {}
    for cell in load_unit(SOURCE).cells:
        if cell.is_task:
            exec(cell.source, namespace)
    return SimpleNamespace(**namespace)


@pytest.mark.parametrize("degrees", [-170, -90, -44, -20, 0, 36, 45, 90, 135])
def test_an_arrow_points_where_it_was_turned(judges, degrees):
    turned = augmentation.turn(judges.arrow_up().astype("uint8"), degrees)
    (found,) = judges.directions(turned[None].astype(float))
    assert found == pytest.approx(-degrees, abs=6)  # from up, clockwise


def test_an_upside_down_arrow_points_down_and_a_mirrored_one_up(judges):
    arrow = judges.arrow_up()
    down, mirrored = judges.directions(np.stack([arrow[::-1], arrow[:, ::-1]]))
    assert abs(down) > 175
    assert abs(mirrored) < 5


def test_an_image_without_an_arrow_points_nowhere(judges):
    assert np.isnan(judges.directions(np.full((1, 32, 32, 3), 20.0))).all()


def test_a_hue_is_that_of_the_disc_whatever_its_brightness(judges):
    orange = judges.disc((230, 130, 20))
    assert judges.hues(np.stack([orange, orange * 0.7])) == pytest.approx([31, 31], abs=1)
    assert judges.hues(judges.disc((20, 130, 230))[None]) == pytest.approx([209], abs=1)


def test_a_disc_that_drowned_has_no_area(judges):
    orange = judges.disc((230, 130, 20))
    assert judges.area(orange) == pytest.approx(np.pi * 8**2, rel=0.05)
    assert judges.area(np.clip(orange + 255, 0, 255)) == 0


def test_what_was_done_to_pixels_is_found_by_name_and_the_colours_are_read(judges):
    images, rows = judges.coloured(18)
    for name, pixels in judges.kinds_of_pixels(images).items():
        assert judges.nearest_kind(pixels, images) == name
    for name in ("as preprocess gives them", "as they were", "divided by 255, then preprocessed"):
        pixels = judges.kinds_of_pixels(images)[name]
        assert (judges.colour_classes(pixels, name) == rows % 6).all()
