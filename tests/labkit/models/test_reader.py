import numpy as np
import pytest

from labkit.models import teach_reader
from labkit.models.reader import LENGTH, WEIGHTS, Reader, reader


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


@pytest.mark.slow
def test_in_numpy_it_expects_what_it_expects_in_keras():
    from labkit import transformers

    model = transformers.language_model("Transformer", teach_reader.SHAPE)
    for variable in model.weights:
        variable.assign(np.random.default_rng(variable.shape[-1]).normal(0, 0.2, variable.shape))
    arrays = teach_reader.parameters_of(model)
    outside = {name: array for name, array in arrays.items() if "/" not in name}
    blocks = tuple(
        {name.split("/")[1]: array for name, array in arrays.items() if name.startswith(f"block{block}/")}
        for block in range(2)
    )
    words = reader().words
    rows = np.zeros((1, LENGTH), "int32")
    rows[0, :3] = 2, words.index("the"), words.index("mean")
    logits = model.predict(rows, verbose=0)[0, 2]
    expected = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    np.testing.assert_allclose(Reader(words, outside, blocks).read("the mean").guesses[-1], expected, atol=1e-5)
