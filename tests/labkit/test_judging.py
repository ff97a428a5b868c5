"""What task cells share: models that are answered or made, files that open or do not, what a model's outputs tell."""

import numpy as np
import pytest

from labkit import judging


class Sums:
    """A model as Keras's are used: its rows' sums, and how often it was asked."""

    def __init__(self):
        self.batches = []

    def predict(self, rows, batch_size, verbose):
        self.batches.append(batch_size)
        return rows.sum(axis=-1, keepdims=True)


def test_a_model_is_itself_and_a_function_makes_one_once():
    model = Sums()
    assert judging.model_from(model) is model

    def variant():
        return Sums()

    assert judging.model_from(variant) is judging.model_from(variant)
    with pytest.raises(TypeError, match="'NoneType' object is not callable"):
        judging.model_from(None)


def test_a_value_is_itself_and_a_function_makes_one():
    assert judging.value_from({"a": 1}) == judging.value_from(lambda: {"a": 1}) == {"a": 1}


def test_outputs_are_those_of_a_model_or_of_a_function_batch_by_batch():
    rows, model, seen = np.arange(10.0).reshape(5, 2), Sums(), []

    def function(batch):
        seen.append(len(batch))
        return batch.sum(axis=-1, keepdims=True)

    assert judging.outputs(model, rows).tolist() == judging.outputs(function, rows, batch=2).tolist()
    assert (model.batches, seen) == ([128], [2, 2, 1])


def test_a_file_that_is_none_of_keras_does_not_open(tmp_path):
    file = judging.new_file()
    file.write_text("epoch 1: 97 %")
    assert judging.why_it_does_not_open(str(file)) == "it is no file that Keras saved"
    with pytest.raises(ValueError, match="the file does not open; the first finding says why"):
        judging.model_in(str(file))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("Lambda layers hold code", "it holds a Lambda layer"),
        ("Could not locate class 'Halved'", "it holds a class that Keras does not know"),
        ("no such file", "it is no file that Keras saved"),
    ],
)
def test_why_a_file_does_not_open_is_read_from_the_error(error, said):
    def variant():
        raise TypeError(error)

    assert judging.why_it_does_not_open(variant) == said
    assert judging.why_it_does_not_open(Sums) == "it opens"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_model_comes_back_from_its_file():
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    x = np.ones((4, 3), "float32")
    np.testing.assert_allclose(judging.saved(model).predict(x, verbose=0), model.predict(x, verbose=0))


RNG = np.random.default_rng(1)


def what(model):
    order = judging.twice_each(np.random.default_rng(0))
    rows = np.arange(18.0).reshape(6, 3)
    return judging.what_outputs_depend_on(judging.alone_and_together(model, rows, order), order, "row")


def test_outputs_depend_on_the_row_alone():
    assert what(lambda rows: rows * 2) == {
        "finite": True, "the same twice": True, "the same alone and among others": True,
        "another row, other scores": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("model", "broken"),
    [
        (lambda rows: rows * np.nan, {"finite"}),
        (lambda rows: rows - rows.mean(axis=0), {"the same alone and among others"}),
        (lambda rows: np.ones((len(rows), 2)), {"another row, other scores"}),
        (lambda rows: RNG.normal(size=rows.shape), {"the same twice"}),
    ],
)
def test_what_is_wrong_with_outputs_is_found(model, broken):
    assert broken <= {fact for fact, holds in what(model).items() if not holds}


def test_outputs_of_another_form_are_an_error():
    with pytest.raises(ValueError, match="the same number of scores is due"):
        what(lambda rows: rows[:1])
