"""What the backbone that ships is worth on the painted fruits, which it never saw."""

import pytest

from labkit import backend
from labkit.models import evaluate

pytestmark = pytest.mark.slow  # trains


@pytest.mark.parametrize("per_class", [10, 30])
def test_frozen_features_beat_a_network_from_scratch_by_more_than_the_spread_over_five_seeds(per_class):
    backend.start()
    frozen, scratch = (evaluate.accuracies(way, per_class, range(5)) for way in ("frozen", "scratch"))

    assert scratch.mean() > 2 / 6  # it did learn
    assert frozen.mean() - scratch.mean() > max(frozen.std(ddof=1), scratch.std(ddof=1))
