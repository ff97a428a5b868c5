import math
from types import SimpleNamespace

import numpy as np
import pytest

from labkit import next_word
from labkit.next_word import END, START, Corpus
from labkit.sequences import PAD, UNKNOWN

TEXT = SimpleNamespace(
    x_train=["Compute the mean.", "Compute the sum of the mean", "the sum"],
    x_validation=["Compute the variance"],
    x_test=["the mean"],
)


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
    read, following = next_word.pairs(corpus.train)
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
