import numpy as np
import pytest

from labkit.language import transformers
from labkit.language.course_reader import LENGTH, Reader
from labkit.language.course_reader import reader as course_reader
from pretraining import reader


@pytest.mark.slow
def test_in_numpy_it_expects_what_it_expects_in_keras():

    model = transformers.language_model("Transformer", reader.SHAPE)
    for variable in model.weights:
        variable.assign(np.random.default_rng(variable.shape[-1]).normal(0, 0.2, variable.shape))
    arrays = reader.parameters_of(model)
    outside = {name: array for name, array in arrays.items() if "/" not in name}
    blocks = tuple(
        {name.split("/")[1]: array for name, array in arrays.items() if name.startswith(f"block{block}/")}
        for block in range(2)
    )
    words = course_reader().words
    rows = np.zeros((1, LENGTH), "int32")
    rows[0, :3] = 2, words.index("the"), words.index("mean")
    logits = model.predict(rows, verbose=0)[0, 2]
    expected = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    np.testing.assert_allclose(Reader(words, outside, blocks).read("the mean").guesses[-1], expected, atol=1e-5)
