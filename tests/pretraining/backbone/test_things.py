import numpy as np
import pytest

from pretraining.backbone import things
from pretraining.backbone.surfaces import TEXTURES


@pytest.fixture(scope="module")
def drawn():
    return things.draw(600, size=32)


def column(drawn, name):
    return drawn.amounts[:, things.AMOUNTS.index(name)]


def test_pictures_come_with_an_answer_to_every_question(drawn):
    assert drawn.images.shape == (600, 32, 32, 3)
    assert drawn.images.dtype == np.uint8
    assert drawn.choices.shape == (600, len(things.CHOICES))
    assert drawn.amounts.shape == (600, len(things.AMOUNTS))


def test_every_choice_lies_among_its_classes_and_all_but_rare_kinds_come(drawn):
    for answers, (name, classes) in zip(drawn.choices.T, things.CHOICES.items(), strict=True):
        assert answers.min() >= 0 and answers.max() < classes
        if name != "kind":
            assert len(np.unique(answers)) == classes


def test_the_same_seed_draws_the_same_and_another_part_draws_others():
    first, again, other = (things.draw(50, size=32, seed=1, part=part) for part in (0, 0, 1))
    np.testing.assert_array_equal(first.images, again.images)
    assert (first.images != other.images).any(axis=(1, 2, 3)).all()


def test_an_amount_is_missing_only_where_no_patch_is_seen(drawn):
    missing = np.isnan(drawn.amounts)
    of_patches = [things.AMOUNTS.index(f"patch {name}") for name in ("contrast", "x", "y", "depth")]
    assert not np.delete(missing, of_patches, axis=1).any()
    unseen = column(drawn, "patch share") ** 2 <= 0.01
    for index in of_patches:
        np.testing.assert_array_equal(missing[:, index], unseen)


def test_the_conditions_of_one_base_share_shape_and_colour_and_differ_on_the_surface():
    known = things.kinds()
    by_base = {name: values.reshape(things.BASES, things.CONDITIONS) for name, values in known.items()}
    for name in ("shape", "hue", "aspect", "bend"):
        assert (by_base[name] == by_base[name][:, :1]).all()
    assert (by_base["patches"][:, 0] == 0).all() and (by_base["specks"][:, 0] == 0).all()
    assert (by_base["texture"][:, 1:].std(axis=1) > 0).mean() > 0.9
    assert known["texture"].max() == len(TEXTURES) - 1


def test_a_thing_stands_out_from_what_lies_behind_it(drawn):
    """A plain background is known from the picture's corners: the middle differs from it more than they do."""
    plain = drawn.images[drawn.choices[:, -1] == 0].astype(float)
    corners = np.stack([plain[:, 0, 0], plain[:, 0, -1], plain[:, -1, 0], plain[:, -1, -1]])
    apart = np.abs(np.median(corners, axis=0) - plain[:, 12:20, 12:20].mean((1, 2))).max(1)
    assert np.median(apart) > 3 * np.median(np.abs(corners - np.median(corners, axis=0)).max(-1))
