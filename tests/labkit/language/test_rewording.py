import numpy as np
import pytest

from labkit.language import rewording

WORDS = ["compute", "the", "mean", "of", "every", "column"]


@pytest.mark.parametrize("kind", rewording.KINDS)
def test_a_rate_of_0_changes_nothing_and_the_words_given_never_change(kind):
    given = list(WORDS)
    assert rewording.KINDS[kind](given, 0.0, np.random.default_rng(0)) == WORDS
    rewording.KINDS[kind](given, 0.9, np.random.default_rng(0))
    assert given == WORDS


def test_dropping_leaves_some_words_in_their_order_and_never_none():
    for seed in range(30):
        kept = rewording.drop(WORDS, 0.9, np.random.default_rng(seed))
        assert kept == [word for word in WORDS if word in kept]
        assert kept


def test_swapping_keeps_all_words():
    assert sorted(rewording.swap(WORDS, 0.5, np.random.default_rng(0))) == sorted(WORDS)


def test_only_words_with_a_synonym_are_replaced():
    found = rewording.replace(WORDS, 1.0, np.random.default_rng(0))
    assert found[0] in rewording.SYNONYMS["compute"]
    assert found[1:] == WORDS[1:]


def test_the_judge_goes_by_words_and_by_how_common_a_class_is():
    judge = rewording.judge(["draw a line", "draw an axis", "fit a model"], [0, 0, 1])
    assert judge.probabilities(["draw"])[0] > 0.6
    assert judge.probabilities(["model"])[1] > judge.probabilities(["draw"])[1]
    np.testing.assert_allclose(judge.probabilities(["never", "seen"]), [2 / 3, 1 / 3])


def test_the_judge_of_the_course_knows_more_than_half_of_the_validation_sentences():
    from labkit import data

    judge, classes = rewording.judge_of_sentences()
    found = data.sentences()
    told = [judge.probabilities(rewording.tokens_of(text)).argmax() for text in found.x_validation]
    assert np.mean(np.array(told) == found.y_validation) > 0.5
    assert classes == found.classes
