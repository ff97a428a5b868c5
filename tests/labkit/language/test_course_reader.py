import numpy as np

from labkit.language.course_reader import LENGTH, WEIGHTS, reader


def test_the_weights_that_ship_are_small():
    assert WEIGHTS.stat().st_size < 200_000


def test_each_row_of_weights_sums_to_1_and_looks_at_nothing_ahead():
    found = reader().read("compute the mean of an array")
    assert found.words == ("start", "compute", "the", "mean", "of", "an", "array")
    assert found.weights.shape == (2, 4, 7, 7)
    np.testing.assert_allclose(found.weights.sum(axis=-1), 1.0)
    assert (found.weights[..., ~np.tri(7, dtype=bool)] == 0).all()


def test_words_that_it_never_read_are_unknown():
    found = reader().read("compute the walrus")
    assert found.unknown == (False, False, False, True)


def test_a_long_sentence_is_cut():
    assert len(reader().read("the mean " * 30).words) == LENGTH


def test_no_words_leave_the_start():
    assert reader().read("?!").words == ("start",)


def test_it_expects_of_after_the_sum():
    guesses = reader().read("compute the sum").guesses[-1]
    assert reader().words[int(guesses.argmax())] == "of"


def test_a_smaller_divisor_sharpens_and_a_larger_one_flattens():
    sharp, usual, flat = (reader().read("compute the mean of an array", by).weights for by in (1.0, None, 8.0))
    assert sharp.max(axis=-1).mean() > usual.max(axis=-1).mean() > flat.max(axis=-1).mean()
