import numpy as np
import pytest
import sklearn.metrics

from labkit.generalising import metrics

RNG = np.random.default_rng(0)
TRUE, PREDICTED = RNG.integers(0, 5, 80), RNG.integers(0, 5, 80)
POSITIVE = RNG.integers(0, 2, 80)
SCORES = np.round(POSITIVE + RNG.normal(size=80), 1)  # rounded, so that some are equal


def test_the_confusion_matrix_is_scikit_learns():
    theirs = sklearn.metrics.confusion_matrix(TRUE, PREDICTED, labels=range(5))
    np.testing.assert_array_equal(metrics.confusion_matrix(TRUE, PREDICTED, 5), theirs)


def test_a_class_that_never_occurs_has_its_row_and_column():
    np.testing.assert_array_equal(metrics.confusion_matrix([0, 0], [0, 2], 3), [[1, 0, 1], [0, 0, 0], [0, 0, 0]])


@pytest.mark.parametrize("threshold", [-1.0, 0.5, 1.5])
def test_precision_recall_and_f1_are_scikit_learns(threshold):
    alarms = (threshold < SCORES).astype(int)
    theirs = sklearn.metrics.precision_recall_fscore_support(POSITIVE, alarms, average="binary")[:3]
    assert metrics.precision_recall_f1(POSITIVE, alarms) == pytest.approx(theirs)


def test_a_share_of_nothing_is_0():
    assert metrics.precision_recall_f1([0, 1], [0, 0]) == (0.0, 0.0, 0.0)
    assert metrics.precision_recall_f1([0, 0], [0, 1]) == (0.0, 0.0, 0.0)


def test_r_squared_is_scikit_learns():
    predicted = SCORES + RNG.normal(size=80)
    assert metrics.r_squared(SCORES, predicted) == pytest.approx(sklearn.metrics.r2_score(SCORES, predicted))


def test_the_roc_curve_is_scikit_learns_where_scores_are_equal_too():
    theirs = sklearn.metrics.roc_curve(POSITIVE, SCORES, drop_intermediate=False)[:2]
    np.testing.assert_allclose(metrics.roc(POSITIVE, SCORES), theirs)
    assert len(np.unique(SCORES)) < len(SCORES)


def test_the_area_is_scikit_learns_and_the_share_of_pairs_in_order():
    area = metrics.auc(*metrics.roc(POSITIVE, SCORES))
    apart = SCORES[POSITIVE == 1][:, None] - SCORES[POSITIVE == 0]
    assert area == pytest.approx(sklearn.metrics.roc_auc_score(POSITIVE, SCORES))
    assert area == pytest.approx(np.mean((np.sign(apart) + 1) / 2))  # a tie counts half
