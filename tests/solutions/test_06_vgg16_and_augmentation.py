"""What lab 06 judges images by: where an arrow points, which colour an image has, what was done to its pixels."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from grader.units.source import load_unit
from labkit.vision import augmentation

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
    labels = np.random.default_rng(0).permutation(100)[:18]
    images = judges.looked_at(judges.coloured(labels))
    for name, pixels in judges.kinds_of_pixels(images).items():
        assert judges.nearest_kind(pixels, images) == name
    for name in ("as preprocess gives them", "as they were", "divided by 255, then preprocessed"):
        pixels = judges.kinds_of_pixels(images)[name]
        assert (judges.colour_classes(pixels, name) == labels % 6).all()


def test_arrows_that_pointed_up_or_down_are_told_from_those_that_were_turned(judges):
    up = np.arange(64) % 2
    kept = judges.directions(judges.arrows_of(up, margin=8))
    told = {"each in sight": True, "point the other way": False, "point aside": False}
    assert judges.where_arrows_point(kept, up) == told
    assert judges.where_arrows_point(kept, 1 - up) == told | {"point the other way": True}
    assert judges.where_arrows_point(kept + 90, up) == told | {"point aside": True}


def test_fruit_without_a_colour_is_no_longer_as_it_was(judges):
    colours, sizes = np.arange(6), np.ones(6)
    found = judges.hues(np.stack([judges.disc(colour) for colour in judges.FRUIT]))
    told = {"in sight": True, "still orange, or as it was": True}
    assert judges.what_is_seen_of_fruit({"sizes": sizes, "hues": found - 20}, colours) == told
    for hues in (found + 40, np.full(6, np.nan)):
        said = judges.what_is_seen_of_fruit({"sizes": sizes, "hues": hues}, colours)
        assert said == told | {"still orange, or as it was": False}
    out = judges.what_is_seen_of_fruit({"sizes": np.arange(6) * 0.2, "hues": found}, colours)
    assert out == told | {"in sight": False}
