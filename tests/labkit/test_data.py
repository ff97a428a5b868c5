import numpy as np

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
