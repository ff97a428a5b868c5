"""What the backbone that ships is worth on the painted fruits, which it never saw."""

import numpy as np
import pytest

from labkit import backend, data, models, transfer

pytestmark = pytest.mark.slow  # trains


@pytest.fixture(scope="module")
def bench():
    backend.start()
    return transfer.Bench(data.fruits(100), models.backbone())


@pytest.mark.parametrize("per_class", [10, 30])
def test_frozen_features_beat_a_network_from_scratch_by_more_than_the_spread_over_five_seeds(bench, per_class):
    frozen, scratch = (np.array([way(per_class, seed) for seed in range(5)]) for way in (bench.frozen, bench.scratch))

    assert scratch.mean() > 2 / 6  # it did learn
    assert frozen.mean() - scratch.mean() > max(frozen.std(ddof=1), scratch.std(ddof=1))
