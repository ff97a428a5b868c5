import json
import re
import time

import numpy as np
import pytest

from labkit import data
from labkit.data import documentation
from labkit.data.docstrings import Line


@pytest.fixture
def library(monkeypatch):
    """One made-up library in place of the five; gives the list of the times that its sources were read."""
    names = [first + second for first in "abcdefg" for second in "abcdefghij"]
    lines = [Line("numpy", f"module_{name[0]}.py", f"{name} {name}x {name}y {name}z") for name in names]
    reads = []

    def first_lines(package):
        reads.append(package)
        return iter(lines if package == "numpy" else [])

    monkeypatch.setattr(documentation, "first_lines", first_lines)
    return reads


def folders(monkeypatch, *paths):
    monkeypatch.setattr(documentation, "_folders", lambda: list(paths))


def read():
    return documentation._lines.__wrapped__()


def words(text):
    return set(re.findall("[a-z]+", text.lower()))


def test_there_are_some_4800_real_sentences_of_five_libraries_in_three_parts():
    found = data.sentences()
    sizes = [len(found.x_train), len(found.x_validation), len(found.x_test)]
    assert 4300 < sum(sizes) < 5300
    np.testing.assert_allclose(np.array(sizes) / sum(sizes), [0.6, 0.2, 0.2], atol=0.01)
    assert found.classes == ("NumPy", "SciPy", "scikit-learn", "Keras", "matplotlib")


def test_each_part_has_the_same_share_of_each_library():
    found = data.sentences()
    shares = [np.bincount(y) / len(y) for y in (found.y_train, found.y_validation, found.y_test)]
    np.testing.assert_allclose(shares[1:], [shares[0]] * 2, atol=0.01)


def test_no_test_sentence_has_a_near_twin_in_the_training_part():
    found = data.sentences()
    train = [words(text) for text in found.x_train]
    for text in found.x_test[::10]:
        mine = words(text)
        assert max(len(mine & other) / len(mine | other) for other in train) < 0.6


def test_no_module_stands_in_two_parts():
    parts = documentation._dealt(documentation._lines(), seed=3)
    modules = [{line[:2] for line in part} for part in parts]
    assert not modules[0] & modules[1] and not modules[0] & modules[2] and not modules[1] & modules[2]


def test_another_seed_deals_other_validation_sentences_and_leaves_the_test_part_closed():
    one, other = data.sentences(), data.sentences(seed=1)
    assert set(one.x_validation) != set(other.x_validation)
    assert set(one.x_test) == set(other.x_test)


def test_showing_them_states_sources_with_versions_licences_and_split():
    text = repr(data.sentences())
    for fact in ("NumPy 2.", "Keras 3.", "BSD 3-Clause", "Apache 2.0", "a module stands in one part"):
        assert fact in text


def test_sources_are_read_once_and_then_come_from_the_cache(library, tmp_path, monkeypatch):
    folders(monkeypatch, tmp_path)
    first = read()
    assert read() == first
    assert library.count("numpy") == 1
    assert len(first) == 70


@pytest.mark.timed
def test_the_cache_answers_within_half_a_second(tmp_path, monkeypatch):
    folders(monkeypatch, tmp_path)
    documentation._keep(tmp_path, documentation._key(), documentation._lines())
    started = time.process_time()
    assert read() == documentation._lines()
    assert time.process_time() - started < 0.5


def test_where_the_first_folder_takes_no_file_the_second_does_and_without_any_all_goes_on(
    library, tmp_path, monkeypatch
):
    closed = tmp_path / "a file, not a folder"
    closed.write_text("")
    folders(monkeypatch, closed, tmp_path / "second")
    read()
    assert len(list((tmp_path / "second").glob("*.json"))) == 1
    folders(monkeypatch, closed)
    assert len(read()) == 70


@pytest.mark.parametrize("content", ["", "no JSON", "[[1, 2]]", "{}x", "[3]"])
def test_a_damaged_cache_is_read_anew_and_mended(library, tmp_path, monkeypatch, content):
    folders(monkeypatch, tmp_path)
    file = tmp_path / f"sentences-{documentation._key()}.json"
    file.write_text(content)
    assert len(read()) == 70
    assert len(json.loads(file.read_text())) == 70


def test_another_version_of_a_library_has_another_cache(monkeypatch):
    before = documentation._key()
    monkeypatch.setattr(documentation, "version", lambda name: "0.0")
    assert documentation._key() != before


def test_a_full_disk_leaves_no_half_written_file(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(documentation.json, "dump", full)
    with pytest.raises(OSError, match="No space"):
        documentation._keep(tmp_path, "key", [])
    assert list(tmp_path.iterdir()) == []


def test_of_twins_the_first_is_kept():
    texts = ["set the width of the line", "Set the width of a line", "draw the text at a place"]
    kept = documentation.without_twins(Line("numpy", "a.py", text) for text in texts)
    assert [line.text for line in kept] == [texts[0], texts[2]]
