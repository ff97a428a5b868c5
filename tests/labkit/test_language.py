import numpy as np
import pytest

from labkit import language

X = np.array([[2, 4, 5, 4], [2, 4, 6, 0]])
Y = np.array([[4, 5, 4, 3], [4, 6, 3, 0]])


def test_equal_probabilities_of_all_words_have_a_perplexity_of_their_number():
    log_probabilities = np.full((2, 4, 7), -np.log(7))
    assert language.perplexity(log_probabilities, Y) == pytest.approx(7)


def test_padding_does_not_count():
    log_probabilities = np.full((2, 4, 7), -np.log(7))
    log_probabilities[1, 3] = -100
    assert language.perplexity(log_probabilities, Y) == pytest.approx(7)


def test_every_row_of_the_bigrams_is_a_distribution_without_padding():
    pairs = language.bigrams(X, Y, 8)
    np.testing.assert_allclose(pairs.probabilities.sum(axis=1), 1)
    assert (pairs.probabilities[:, 0] < 1e-200).all()
    assert (pairs.probabilities[:, 1:] > 0).all()


def test_a_pair_that_was_seen_is_likelier_than_one_that_was_not():
    p = language.bigrams(X, Y, 8).probabilities
    assert p[2, 4] > p[2, 5]
    assert p[4, 5] > p[4, 7]


def test_of_unseen_pairs_the_word_that_follows_more_kinds_is_likelier():
    p = language.bigrams(X, Y, 8).probabilities
    assert p[5, 3] > p[5, 6]  # 3 was seen after two words, 6 after one; neither after 5


def test_both_perplexities_of_bigrams_agree():
    pairs = language.bigrams(X, Y, 8)
    assert pairs.perplexity(X, Y) == pytest.approx(language.perplexity(pairs.log_probabilities(X), Y))


def test_log_softmax_stands_large_logits():
    found = language.log_softmax(np.array([1000.0, 1000.0]))
    np.testing.assert_allclose(found, np.log([0.5, 0.5]))
