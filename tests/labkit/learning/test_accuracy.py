import numpy as np
import pytest
import sklearn.metrics

from labkit.learning.accuracy import share_right


def test_the_share_right_is_scikit_learns_accuracy():
    rng = np.random.default_rng(0)
    labels, scores = rng.integers(0, 5, 80), rng.normal(size=(80, 5))
    theirs = sklearn.metrics.accuracy_score(labels, scores.argmax(axis=1))
    assert share_right(scores, labels) == pytest.approx(theirs)
    assert share_right(scores.tolist(), labels.tolist()) == pytest.approx(theirs)


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_a_row_with_one_score_that_is_no_number_is_never_right(broken):
    assert share_right([[0.9, 0.1], [0.9, broken], [broken, 0.1], [broken, broken]], [0, 0, 0, 0]) == 0.25
