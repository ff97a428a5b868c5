import math
from types import SimpleNamespace

import numpy as np
import pytest

from labkit.language import next_word
from labkit.language.encoding import PAD, UNKNOWN
from labkit.language.next_word import END, START, Corpus

TEXT = SimpleNamespace(
    x_train=["Compute the mean.", "Compute the sum of the mean", "the sum"],
    x_validation=["Compute the variance"],
    x_test=["the mean"],
)
X = np.array([[2, 4, 5, 4], [2, 4, 6, 0]])
Y = np.array([[4, 5, 4, 3], [4, 6, 3, 0]])


@pytest.fixture
def corpus() -> Corpus:
    return Corpus.of(TEXT, size=8, length=5)


def test_the_most_frequent_words_of_the_training_sentences_get_numbers(corpus):
    assert corpus.words == ("", "<unknown>", "<start>", "<end>", "the", "compute", "mean", "sum")


def test_a_row_is_a_start_the_words_an_end_and_pads(corpus):
    the, compute, mean, total = range(4, 8)
    np.testing.assert_array_equal(corpus.train[0], [START, compute, the, mean, END, PAD])
    np.testing.assert_array_equal(corpus.train[1], [START, compute, the, total, UNKNOWN, the])
    np.testing.assert_array_equal(corpus.validation[0], [START, compute, the, UNKNOWN, END, PAD])


def test_a_row_is_decoded_to_its_words(corpus):
    assert corpus.decode(corpus.train[1]) == "compute the sum <unknown> the"


def test_the_target_is_the_next_word(corpus):
    read, following, _ = next_word.next_word_pairs(corpus.train)
    np.testing.assert_array_equal(read[:, 1:], following[:, :-1])


def test_no_idea_has_the_perplexity_of_the_vocabulary_whatever_the_pads():
    assert next_word.perplexity(np.zeros((1, 3, 10)), np.array([[4, 5, PAD]])) == pytest.approx(10.0)
    assert next_word.perplexity(np.zeros((1, 1, 10)), np.array([[4]])) == pytest.approx(10.0)


def test_perplexity_is_the_inverse_of_the_geometric_mean_of_the_probabilities():
    logits = np.log([[[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]]])
    assert next_word.perplexity(logits, np.array([[1, 2]])) == pytest.approx(1 / math.sqrt(0.25 * 0.1))


def test_a_sample_goes_on_from_its_beginning_until_the_end(corpus):
    chain = {5: 4, 4: 6, 6: END}  # compute the mean

    def model(rows):
        logits = np.full((*rows.shape, 8), -50.0)
        for place, word in np.ndenumerate(rows):
            logits[(*place, chain.get(int(word), 5))] = 50.0
        return logits

    assert next_word.sample(model, corpus, "", 1.0, np.random.default_rng(0)) == "compute the mean"
    assert next_word.sample(model, corpus, "the", 1.0, np.random.default_rng(0)) == "the mean"


def test_no_mark_but_the_end_is_ever_drawn(corpus):
    rng = np.random.default_rng(0)
    drawn = [next_word.sample(lambda rows: np.zeros((*rows.shape, 8)), corpus, "", 1.0, rng) for _ in range(50)]
    assert not any("<" in sentence for sentence in drawn)
    assert max(len(sentence.split()) for sentence in drawn) <= 5


def test_a_low_temperature_takes_the_likeliest_word(corpus):
    logits = np.log([1e-9, 1e-9, 1e-9, 0.5, 0.3, 0.1, 0.1, 1e-9])

    def model(rows):
        return np.tile(logits, (*rows.shape, 1))

    rng = np.random.default_rng(0)
    assert {next_word.sample(model, corpus, "mean", 0.01, rng) for _ in range(20)} == {"mean"}
    assert len({next_word.sample(model, corpus, "mean", 1.0, rng) for _ in range(20)}) > 1


def test_equal_probabilities_of_all_words_have_a_perplexity_of_their_number():
    log_probabilities = np.full((2, 4, 7), -np.log(7))
    assert next_word.perplexity(log_probabilities, Y) == pytest.approx(7)


def test_padding_does_not_count():
    log_probabilities = np.full((2, 4, 7), -np.log(7))
    log_probabilities[1, 3] = -100
    assert next_word.perplexity(log_probabilities, Y) == pytest.approx(7)


def test_every_row_of_the_bigrams_is_a_distribution_without_padding():
    pairs = next_word.bigrams(X, Y, 8)
    np.testing.assert_allclose(pairs.probabilities.sum(axis=1), 1)
    assert (pairs.probabilities[:, 0] < 1e-200).all()
    assert (pairs.probabilities[:, 1:] > 0).all()


def test_a_pair_that_was_seen_is_likelier_than_one_that_was_not():
    p = next_word.bigrams(X, Y, 8).probabilities
    assert p[2, 4] > p[2, 5]
    assert p[4, 5] > p[4, 7]


def test_of_unseen_pairs_the_word_that_follows_more_kinds_is_likelier():
    p = next_word.bigrams(X, Y, 8).probabilities
    assert p[5, 3] > p[5, 6]  # 3 was seen after two words, 6 after one; neither after 5


def test_both_perplexities_of_bigrams_agree():
    pairs = next_word.bigrams(X, Y, 8)
    assert pairs.perplexity(X, Y) == pytest.approx(next_word.perplexity(pairs.log_probabilities(X), Y))


def test_log_softmax_stands_large_logits():
    found = next_word.log_softmax(np.array([1000.0, 1000.0]))
    np.testing.assert_allclose(found, np.log([0.5, 0.5]))


def test_each_word_is_paired_with_the_next_and_padding_does_not_count():
    x, y, weights = next_word.next_word_pairs(np.array([[2, 5, 3, 0]]))
    assert [x.tolist(), y.tolist(), weights.tolist()] == [[[2, 5, 3]], [[5, 3, 0]], [[1, 1, 0]]]


def test_samples_have_the_shares_of_the_softmax_at_that_temperature():
    rng = np.random.default_rng(0)
    drawn = [next_word.draw(np.array([0.0, 1.0]), 0.5, rng) for _ in range(20_000)]
    assert abs(np.mean(drawn) - 1 / (1 + np.exp(-2))) < 0.01
