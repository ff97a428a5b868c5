from typing import Any

import numpy as np
import pytest

from labkit.language import transformers
from labkit.language.transformers import Course, Shape

pytestmark = pytest.mark.slow

SHAPE = Shape(words=12, length=6, width=8, blocks=2, dropout=0.1)
RNG = np.random.default_rng(0)
ROWS = RNG.integers(4, 12, (64, 7)).astype("int32")


def outputs(model: Any, rows: np.ndarray) -> np.ndarray:
    return model.predict(rows, verbose=0)


@pytest.mark.parametrize("kind", transformers.KINDS)
def test_a_language_model_gives_logits_for_each_place_and_looks_at_no_later_word(kind):
    model = transformers.language_model(kind, SHAPE)
    read, other = ROWS[:5, :6], ROWS[:5, :6].copy()
    other[:, 4:] = 4 + (other[:, 4:] - 3) % 8
    assert outputs(model, read).shape == (5, 6, 12)
    np.testing.assert_allclose(outputs(model, read)[:, :4], outputs(model, other)[:, :4], atol=1e-5)
    assert np.abs(outputs(model, read) - outputs(model, other))[:, 4:].max() > 1e-4


@pytest.mark.parametrize("kind", transformers.KINDS)
def test_pads_do_not_move_a_classifiers_answer(kind):
    shape = Shape(words=12, length=8, width=8, blocks=2, dropout=0.1)
    short, long = (transformers.classifier(kind, s, 3) for s in (SHAPE, shape))
    long.set_weights(short.get_weights())
    rows = ROWS[:5, :6].copy()
    rows[:, 4:] = 0
    np.testing.assert_allclose(outputs(long, np.pad(rows, ((0, 0), (0, 2)))), outputs(short, rows), atol=1e-5)


def test_both_language_models_have_nearly_as_many_parameters():
    shape = Shape(words=1000, length=16, width=64, blocks=2, dropout=0.2)
    transformer, lstm = (transformers.language_model(kind, shape).count_params() for kind in transformers.KINDS)
    assert transformer == pytest.approx(lstm, rel=0.01)


def test_a_course_begins_anew_from_its_seed():
    model = transformers.language_model("Transformer", SHAPE)
    first, again, other = (transformers.course(model, ROWS, ROWS[:8], 0.01, 2, seed) for seed in (1, 1, 2))
    np.testing.assert_allclose(first.perplexity, again.perplexity, rtol=1e-4)
    assert not np.allclose(first.perplexity, other.perplexity, rtol=1e-3)


@pytest.mark.parametrize("kind", transformers.KINDS)
def test_a_course_is_the_one_of_its_seed_where_another_seed_ran_before(kind):
    alone, later = (transformers.language_model(kind, SHAPE) for _ in range(2))
    transformers.course(later, ROWS, ROWS[:8], 0.01, 1, seed=1)
    expected = transformers.course(alone, ROWS, ROWS[:8], 0.01, 2, seed=2).perplexity
    found = transformers.course(later, ROWS, ROWS[:8], 0.01, 2, seed=2).perplexity
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize("kind", transformers.KINDS)
def test_a_classifier_learns_from_a_seed_what_it_learns_where_another_seed_ran_before(kind):
    x, y = ROWS[:, :6], np.arange(64) % 2
    alone, later = (transformers.classifier(kind, SHAPE, 2) for _ in range(2))
    transformers.accuracy_of(later, (x, y, x, y), 0.01, 1, seed=1)
    for model in (alone, later):
        transformers.accuracy_of(model, (x, y, x, y), 0.01, 2, seed=2)
    np.testing.assert_allclose(outputs(later, x), outputs(alone, x), atol=1e-4)


def test_a_classifiers_outputs_of_nan_are_never_right(monkeypatch):
    model = transformers.classifier("LSTM", SHAPE, 2)
    monkeypatch.setattr(model, "predict", lambda *_, **__: np.full((64, 2), np.nan))
    x, y = ROWS[:, :6], np.zeros(64, int)
    assert transformers.accuracy_of(model, (x, y, x, y), 0.01, 1, seed=0)[0] == 0.0


@pytest.mark.parametrize("kind", transformers.KINDS)
def test_a_model_learns_what_always_follows(kind):
    rows = np.tile(np.array([2, 5, 6, 7, 8, 3, 0], dtype="int32"), (128, 1))
    model = transformers.language_model(kind, SHAPE)
    assert transformers.course(model, rows, rows, 0.02, 30, seed=0).perplexity[-1] < 1.5


@pytest.mark.parametrize("kind", transformers.KINDS)
def test_a_classifier_learns_which_word_is_in_a_sentence(kind):
    x = ROWS[:, :6].copy()
    y = np.arange(64) % 2
    x[np.arange(64), np.arange(64) % 5] = np.where(y, 1, 2)
    model = transformers.classifier(kind, SHAPE, 2)
    accuracy, seconds = transformers.accuracy_of(model, (x, y, x, y), 0.02, 30, seed=0)
    assert accuracy > 0.95
    assert seconds > 0


def test_by_a_time_the_best_perplexity_so_far_counts():
    course = Course(np.array([1.0, 2.0, 3.0]), np.array([90.0, 50.0, 60.0]))
    assert [course.by(seconds) for seconds in (0.5, 1.5, 2.5, 9.0)] == [90.0, 90.0, 50.0, 50.0]
