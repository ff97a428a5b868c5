import numpy as np
import pytest

from labkit import data


def test_digits_are_split_into_three_parts_of_the_stated_sizes():
    digits = data.digits()
    assert [len(part) for part in (digits.x_train, digits.x_validation, digits.x_test)] == [1078, 359, 360]
    assert digits.x_train.shape[1:] == (64,)
    assert digits.x_train.min() == 0.0
    assert digits.x_train.max() == 1.0


def test_the_parts_together_are_the_whole_set_and_share_no_row():
    digits = data.digits()
    everything = np.concatenate([digits.x_train, digits.x_validation, digits.x_test])
    assert len(np.unique(everything, axis=0)) == len(everything) == 1797


def test_each_part_has_the_same_share_of_each_class():
    digits = data.digits()
    shares = [np.bincount(y) / len(y) for y in (digits.y_train, digits.y_validation, digits.y_test)]
    np.testing.assert_allclose(shares[1:], [shares[0]] * 2, atol=0.005)


def test_the_split_is_the_same_at_each_call_and_another_for_another_seed():
    np.testing.assert_array_equal(data.digits().y_test, data.digits().y_test)
    assert (data.digits(seed=1).y_test != data.digits().y_test).any()


def test_showing_a_data_set_states_source_licence_and_split():
    text = repr(data.digits())
    for fact in ("UCI", "CC BY 4.0", "1078 train, 359 validation, 360 test"):
        assert fact in text


@pytest.mark.parametrize(
    ("load", "rows", "columns"),
    [(data.breast_cancer, [341, 114, 114], 30), (data.diabetes, [265, 88, 89], 10)],
)
def test_tables_are_split_into_three_parts_that_share_no_row(load, rows, columns):
    table = load()
    parts = [table.x_train, table.x_validation, table.x_test]
    assert [len(part) for part in parts] == rows
    assert [len(answers) for answers in (table.y_train, table.y_validation, table.y_test)] == rows
    everything = np.concatenate(parts)
    assert everything.shape == (sum(rows), columns)
    assert len(np.unique(everything, axis=0)) == sum(rows)


def test_1_is_the_malignant_class_and_its_share_is_the_same_in_each_part():
    cancer = data.breast_cancer()
    shares = [y.mean() for y in (cancer.y_train, cancer.y_validation, cancer.y_test)]
    np.testing.assert_allclose(shares, 212 / 569, atol=0.01)
    assert cancer.classes == ("benign", "malignant")


def test_a_quantity_has_no_classes_and_shows_its_range():
    text = repr(data.diabetes())
    assert "answers  a quantity, 25 to 3" in text
    assert "classes" not in text
    for fact in ("Efron", "BSD 3-Clause", "265 train, 88 validation, 89 test"):
        assert fact in text


def test_reshuffling_deals_training_and_validation_rows_anew_and_leaves_the_test_part_closed():
    before, after = data.diabetes(), data.reshuffled(data.diabetes(), seed=1)
    np.testing.assert_array_equal(after.x_test, before.x_test)
    assert len(after.x_train) == len(before.x_train)
    assert (after.x_train != before.x_train).any()

    def rows(table):
        x, y = (
            np.concatenate([table.x_train, table.x_validation]),
            np.concatenate([table.y_train, table.y_validation]),
        )
        return {tuple(row) for row in np.column_stack([x, y])}

    assert rows(after) == rows(before)
