import numpy as np

from labkit import sequences


def test_english_is_cut_at_everything_but_letters_and_digits():
    assert sequences.tokenise("Fit a 2D model, then predict_proba.") == [
        "fit", "a", "2d", "model", "then", "predict", "proba",
    ]  # fmt: skip


def test_chinese_is_cut_into_words_and_loses_its_punctuation():
    assert sequences.tokenise("用Keras训练模型。") == ["用", "keras", "训练", "模型"]


def test_a_vocabulary_numbers_the_most_frequent_tokens_from_2():
    assert sequences.vocabulary(["the axes of the plot", "The mean"], 5) == {"the": 2, "axes": 3, "of": 4}


def test_a_word_that_only_the_test_set_has_is_unknown():
    words = sequences.vocabulary(["a b", "b"], 100)
    assert sequences.encode(["b", "gaffer"], words, 3).tolist() == [words["b"], 1, 0]


def test_texts_become_rows_of_one_length():
    words = {"a": 2, "b": 3}
    rows = sequences.encoded(["a b a b", "b", ""], words, 3)
    np.testing.assert_array_equal(rows, [[2, 3, 2], [3, 0, 0], [0, 0, 0]])


def test_each_word_is_paired_with_the_next_and_padding_does_not_count():
    x, y, weights = sequences.next_word_pairs(np.array([[2, 5, 3, 0]]))
    assert [x.tolist(), y.tolist(), weights.tolist()] == [[[2, 5, 3]], [[5, 3, 0]], [[1, 1, 0]]]


def test_samples_have_the_shares_of_the_softmax_at_that_temperature():
    rng = np.random.default_rng(0)
    drawn = [sequences.sample(np.array([0.0, 1.0]), 0.5, rng) for _ in range(20_000)]
    assert abs(np.mean(drawn) - 1 / (1 + np.exp(-2))) < 0.01
