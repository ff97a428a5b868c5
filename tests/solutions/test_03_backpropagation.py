"""The images that only the grader of lab 03 has: nothing that was learned of one draw tells the labels of another."""

from pathlib import Path

import numpy as np
import pytest

from grader.units.source import load_unit
from labkit import data

SOURCE = Path(__file__).resolve().parents[2] / "solutions" / "03_backpropagation.py"


@pytest.fixture(scope="module")
def draws():
    """Images and labels of three draws."""
    probe = load_unit(SOURCE).tasks["network"].probes["images_that_only_the_grader_has"]
    return [probe.inputs["images"].draw(np.random.default_rng(seed)) for seed in range(3)]


def test_they_are_all_test_images_with_their_labels_and_noise(draws):
    digits = data.digits()
    for images, labels in draws:
        distances = ((images[:, None] - digits.x_test) ** 2).sum(axis=-1)
        nearest = distances.argmin(axis=1)
        assert sorted(labels) == sorted(digits.y_test)
        assert (digits.y_test[nearest] == labels).mean() > 0.99
        assert 0.05 < np.sqrt(distances.min(axis=1).mean() / images.shape[1]) < 0.15


def test_the_labels_of_two_draws_agree_as_chance_has_it(draws):
    for one, other in ((0, 1), (0, 2), (1, 2)):
        # A tenth of 360 labels, give or take four standard deviations.
        assert abs((draws[one][1] == draws[other][1]).mean() - 0.1) < 4 * np.sqrt(0.09 / 360)
