import numpy as np

from labkit.language import encoding


def test_english_is_cut_at_everything_but_letters_and_digits():
    assert encoding.tokenise("Fit a 2D model, then predict_proba.") == [
        "fit", "a", "2d", "model", "then", "predict", "proba",
    ]  # fmt: skip


def test_chinese_is_cut_into_words_and_loses_its_punctuation():
    assert encoding.tokenise("用Keras训练模型。") == ["用", "keras", "训练", "模型"]


def test_a_vocabulary_numbers_the_most_frequent_tokens_from_2():
    assert encoding.vocabulary(["the axes of the plot", "The mean"], 5) == {"the": 2, "axes": 3, "of": 4}


def test_a_word_that_only_the_test_set_has_is_unknown():
    words = encoding.vocabulary(["a b", "b"], 100)
    assert encoding.encode(["b", "gaffer"], words, 3).tolist() == [words["b"], 1, 0]


def test_texts_become_rows_of_one_length():
    words = {"a": 2, "b": 3}
    rows = encoding.encoded(["a b a b", "b", ""], words, 3)
    np.testing.assert_array_equal(rows, [[2, 3, 2], [3, 0, 0], [0, 0, 0]])
