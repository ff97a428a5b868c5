"""Texts by name; IMDB from a small copy in a Keras cache of the test's own."""

import hashlib
import importlib
import json

import numpy as np
import pytest

from labkit import data

WORDS = {"the": 1, "film": 2, "good": 3, "bad": 4, "gaffer": 30_000}


def expect(monkeypatch, *files):
    """Let Keras's loader expect these files' checksums, which are written into its code."""
    module = importlib.import_module("keras.src.datasets.imdb")
    get_file = module.get_file
    hashes = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}

    def patched(*arguments, **settings):
        name = settings["fname"] if "fname" in settings else arguments[0]
        return get_file(*arguments, **{**settings, "file_hash": hashes[name]})

    monkeypatch.setattr(module, "get_file", patched)


@pytest.mark.slow
def test_imdb_comes_from_the_cache_as_texts(cache, monkeypatch):
    rows = np.empty(20, dtype=object)
    rows[:] = [[1, 2, 3 + i % 2] + [30_000] * (i == 0) for i in range(20)]
    labels = np.arange(20) % 2
    np.savez(cache / "imdb.npz", x_train=rows, y_train=labels, x_test=rows[:6], y_test=labels[:6])
    (cache / "imdb_word_index.json").write_text(json.dumps(WORDS))
    expect(monkeypatch, cache / "imdb.npz", cache / "imdb_word_index.json")
    found = data.texts("imdb")
    assert [len(found.x_train), len(found.x_validation), len(found.x_test)] == [16, 4, 6]
    for text, label in zip(found.x_train, found.y_train, strict=True):
        assert text.startswith("the film " + ("bad" if label else "good"))
    assert sum(text.endswith("[unknown]") for text in (*found.x_train, *found.x_validation)) == 1
    assert "Maas" in repr(found)


@pytest.mark.slow
def test_if_imdb_cannot_be_loaded_an_error_says_what_to_do(cache):
    with pytest.raises(ConnectionError, match=r"IMDB.*could not be loaded \(offline\).*connect.*First lines") as error:
        data.texts("imdb")
    assert 'data.texts("imdb", fallback=True)' in str(error.value)


@pytest.mark.slow
def test_sentences_stand_in_for_imdb_if_they_are_asked_for_with_a_warning_and_a_title_that_says_so(cache):
    with pytest.warns(UserWarning, match=r"could not be loaded \(offline\). Taken in its place: First lines") as told:
        found = data.texts("imdb", fallback=True)
    assert [warning.filename for warning in told] == [__file__]
    assert found.name == f"{data.sentences().name}, in place of IMDB, reviews of films"
    assert found.x_train == data.sentences().x_train


@pytest.mark.parametrize("name", ["sentences", "chinese"])
def test_a_folder_with_the_name_of_a_set_is_not_passed_over_in_silence(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).mkdir()
    with pytest.warns(UserWarning, match=f'for the folder write "./{name}"'):
        data.texts(name)
    with pytest.raises(ValueError, match="two classes or more"):
        data.texts(f"./{name}")


def test_sentences_and_chinese_have_names():
    assert data.texts("sentences", seed=1).x_train == data.sentences(1).x_train
    assert data.texts("chinese").x_train == data.chinese().x_train


def test_a_file_is_a_class_with_a_text_in_each_line(tmp_path):
    for name in ("good", "bad"):
        lines = [f"a {name} line {i}" for i in range(10)]
        (tmp_path / f"{name}.txt").write_text("\n".join([*lines, "", lines[0]]) + "\n")
    found = data.texts(tmp_path)
    assert found.classes == ("bad", "good")
    assert [len(found.x_train), len(found.x_validation), len(found.x_test)] == [12, 4, 4]
    for text, label in zip(found.x_train, found.y_train, strict=True):
        assert found.classes[label] in text
    assert len({*found.x_train, *found.x_validation, *found.x_test}) == 20


def test_a_sub_folder_is_a_class_with_a_text_in_each_file(tmp_path):
    for name in ("hot", "cold"):
        (tmp_path / name).mkdir()
        for i in range(5):
            (tmp_path / name / f"{i}.txt").write_text(f"it is {name}\nfor the {i} time")
    found = data.texts(str(tmp_path))
    assert "it is hot for the 0 time" in {*found.x_train, *found.x_validation, *found.x_test}


def test_chinese_files_may_be_in_utf_8_with_a_mark_or_in_gb_18030(tmp_path):
    (tmp_path / "rain.txt").write_bytes("今天下雨\n明天下雨\n后天下雨".encode("utf-8-sig"))
    (tmp_path / "sun.txt").write_bytes("今天晴\n明天晴\n后天晴".encode("gb18030"))
    found = data.texts(tmp_path)
    assert {*found.x_train, *found.x_validation, *found.x_test} >= {"今天下雨", "今天晴"}


def test_too_few_classes_or_texts_are_told_with_what_was_found(tmp_path):
    (tmp_path / "only.txt").write_text("one\ntwo\nthree")
    with pytest.raises(ValueError, match="two classes or more.*found only: 3"):
        data.texts(tmp_path)
    (tmp_path / "second.txt").write_text("one\ntwo")
    with pytest.raises(ValueError, match="second: 2"):
        data.texts(tmp_path)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(FileNotFoundError, match="'novels'.*sentences, chinese, imdb"):
        data.texts("novels")
