import numpy as np

from labkit import data


def test_there_are_eighty_different_sentences_in_three_parts():
    found = data.chinese()
    assert [len(found.x_train), len(found.x_validation), len(found.x_test)] == [48, 16, 16]
    assert len({*found.x_train, *found.x_validation, *found.x_test}) == 80


def test_each_part_has_as_many_of_each_subject():
    found = data.chinese(seed=2)
    for labels in (found.y_train, found.y_validation, found.y_test):
        assert len(set(np.bincount(labels))) == 1
    assert "CC BY 4.0" in repr(found)


def test_they_are_written_in_chinese_with_its_own_punctuation():
    found = data.chinese()
    assert all(text[-1] in "。？" and " " not in text and "," not in text for text in found.x_train)
