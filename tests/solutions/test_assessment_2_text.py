"""The sentences that only the grader has, and what the second assessment's reference hands in for them."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from grader.judging.judges import accuracy, perplexity
from grader.units.source import load_unit
from labkit import data
from labkit.language import encoding, next_word

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "solutions" / "assessment_2_text.py"
KEPT = ROOT / "solutions" / "kept_aside" / "assessment_2_text.json"
WORDS, LENGTH = 1000, 20


@pytest.fixture(scope="module")
def unit():
    return load_unit(SOURCE)


@pytest.fixture(scope="module")
def kept():
    return [text for _, text in json.loads(KEPT.read_text(encoding="utf-8"))["sentences"]]


def held_out(unit, task, seed=0):
    (probe,) = [probe for probe in unit.tasks[task].probes.values() if probe.hidden]
    return probe.inputs["ids"].draw(np.random.default_rng(seed))


def words(text):
    return set(re.findall("[a-z]+", text.lower()))


def test_there_are_some_1200_and_none_names_a_library(kept):
    assert 1100 < len(kept) == len(set(kept))
    assert not [text for text in kept if re.search("numpy|scipy|sklearn|keras|matplotlib", text, re.IGNORECASE)]


def test_none_is_a_near_twin_of_a_sentence_that_learners_have(kept):
    found = data.sentences()
    theirs = [words(text) for part in (found.x_train, found.x_validation, found.x_test) for text in part]
    for text in kept[::10]:
        mine = words(text)
        assert max(len(mine & other) / len(mine | other) for other in theirs) < 0.6


def test_no_submission_can_open_them():
    from grader.sandbox.client import Sandbox

    readable = Sandbox()._readable
    assert not [folder for folder in readable if KEPT.is_relative_to(folder)]


def test_300_sentences_are_drawn_anew_for_each_seed_with_every_library_in_its_share(unit):
    ids, labels = held_out(unit, "reader_file")
    others, _ = held_out(unit, "reader_file", seed=1)
    assert (ids.shape, np.bincount(labels).tolist()) == ((300, LENGTH), [30, 70, 60, 70, 70])
    assert len({tuple(row) for row in ids} & {tuple(row) for row in others}) < 270


def test_the_writers_words_are_the_same_for_each_seed_in_another_order(unit):
    asked = [held_out(unit, "writer_file", seed) for seed in (0, 1)]
    rows = [[(*row, word) for row, word in zip(ids, following, strict=True)] for ids, following in asked]
    assert sorted(rows[0]) == sorted(rows[1])
    assert np.mean(asked[0][1] == asked[1][1]) < 0.1


def test_no_row_tells_what_follows_another(unit):
    """The writer's beginnings are of one place a sentence, and no sentence is the reader's."""
    beginnings, following = held_out(unit, "writer_file")
    read = {tuple(row[row > 0]) for seed in range(20) for row in held_out(unit, "reader_file", seed)[0]}
    asked = [(*row[row > 0], word) for row, word in zip(beginnings, following, strict=True)]
    # Short beginnings, such as "return a", are any sentence's: of the longer ones hardly one may stand in another row.
    long = [row for row in asked if len(row) > 6]
    rows = [tuple(row[row > 0]) for row in beginnings]
    told = [row for row in long if any(other[: len(row)] == row for other in [*rows, *read])]
    assert len(long) > 200
    assert len(told) <= 0.02 * len(long)


def test_the_vocabulary_and_the_rows_are_those_of_labkit(unit):
    found = data.sentences()
    namespace = {"np": np, "encoding": encoding, "sentences": found, "WORDS": WORDS}
    for task in ("words", "encode"):
        exec(unit.solution(task), namespace)
    corpus = next_word.Corpus.of(found, WORDS, LENGTH)
    assert namespace["words"] == {word: number for word, number in corpus.numbers.items() if number > 3}
    rows = namespace["encode"](found.x_validation, namespace["words"], LENGTH)
    np.testing.assert_array_equal(rows, corpus.validation[:, :LENGTH])


def test_the_examples_of_the_text_hold(unit):
    namespace = {"np": np, "encoding": encoding, "WORDS": 9}
    texts = ["the mean of the axes", "a mean"]
    namespace["sentences"] = type("Sentences", (), {"x_train": texts})
    for task in ("words", "encode", "perplexity"):
        exec(unit.solution(task), namespace)
    assert namespace["words"] == {"mean": 4, "the": 5, "a": 6, "axes": 7, "of": 8}
    encode = namespace["encode"]
    assert encode(["Sort, then count"], {"sort": 4, "count": 5}, 7).tolist() == [[2, 4, 1, 5, 3, 0, 0]]
    assert encode(["Sort, then count"], {"sort": 4, "count": 5}, 3).tolist() == [[2, 4, 1]]
    assert namespace["perplexity"](np.zeros((1, 4, 10)), np.array([[2, 5, 3, 0]])) == pytest.approx(10)


@pytest.mark.slow  # needs Keras
def test_the_reference_lies_beyond_both_marks_and_its_writer_below_the_bigrams(unit):
    import keras

    models = [
        keras.models.load_model(unit.reference_file(file), compile=False) for file in ("reader.keras", "writer.keras")
    ]
    ids, labels = held_out(unit, "reader_file", seed=[95, 300])
    assert accuracy(labels, at_least=1).measure(models[0].predict(ids, verbose=0)) >= 0.58
    ids, labels = held_out(unit, "writer_file")
    last = (ids > 0).sum(axis=1) - 1
    reached = perplexity(labels, at_most=1).measure(models[1].predict(ids, verbose=0)[np.arange(len(ids)), last])
    corpus = next_word.Corpus.of(data.sentences(), WORDS, LENGTH)
    pairs = next_word.bigrams(corpus.train[:, :-1], corpus.train[:, 1:], WORDS)
    read = ids[np.arange(len(ids)), last]
    assert reached <= 62 < pairs.perplexity(read[:, None], labels[:, None])
