"""What the backbone is measured with: every way gives scores, and the table says what it measured."""

import numpy as np
import pytest

from labkit import data
from pretraining import evaluate

pytestmark = pytest.mark.slow  # imports Keras


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(evaluate, "PASSES", 64)


@pytest.mark.parametrize("way", evaluate.WAYS)
def test_every_way_gives_a_score_for_each_image_and_class(way):
    fruits = data.fruits(2)
    scores = evaluate.WAYS[way](fruits.x_train, fruits.y_train, fruits.x_test[:8], 0)
    assert scores.shape == (8, 6)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize(("per_class", "images"), [(3, 18), (120, 720)])
def test_a_way_gets_as_many_images_of_each_class_as_the_table_says(monkeypatch, per_class, images):
    seen = []

    def way(x, y, test, seed):
        seen.append((len(x), np.bincount(y).tolist(), seed))
        return np.eye(6)[data.fruits(1, seed=seed).y_test]

    monkeypatch.setitem(evaluate.WAYS, "right", way)
    assert evaluate.accuracies("right", per_class, range(2)).tolist() == [1.0, 1.0]
    assert seen == [(images, [per_class] * 6, seed) for seed in range(2)]


def test_scores_of_nan_are_never_right(monkeypatch):
    monkeypatch.setitem(evaluate.WAYS, "broken", lambda x, y, test, seed: np.full((len(test), 6), np.nan))
    assert evaluate.accuracies("broken", 1, range(1)).tolist() == [0.0]


@pytest.mark.parametrize(("seeds", "spread"), [("1", False), ("2", True)])
def test_the_table_has_a_spread_for_more_than_one_seed(monkeypatch, capsys, seeds, spread):
    monkeypatch.setattr("sys.argv", ["evaluate", "--seeds", seeds, "--ways", "pixels", "--per-class", "2", "3"])
    evaluate.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:4] for line in lines] == [["2", "a", "class", "pixels"], ["3", "a", "class", "pixels"]]
    assert all(("±" in line) == spread for line in lines)
    assert "nan" not in "".join(lines)
