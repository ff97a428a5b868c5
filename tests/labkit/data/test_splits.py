import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from labkit.data.splits import dealt

COUNTS = st.lists(st.integers(3, 40), min_size=1, max_size=5)  # rows of each class


@given(COUNTS, st.integers(0, 99))
def test_each_row_is_in_one_part_and_each_class_in_every_part(counts, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    parts = dealt(labels, np.random.default_rng(seed))
    assert sorted(np.concatenate(parts)) == list(range(len(labels)))
    assert all(set(labels[part]) == set(labels) for part in parts)


def test_a_fifth_of_each_class_validates_and_a_fifth_tests():
    labels = np.repeat([0, 1], [50, 10])
    train, validation, test = dealt(labels, np.random.default_rng(0))
    assert [np.bincount(labels[part]).tolist() for part in (train, validation, test)] == [[30, 6], [10, 2], [10, 2]]


def test_the_same_seed_deals_the_same_rows_in_an_order_by_chance():
    labels = np.repeat([0, 1], 20)
    one, again, other = (dealt(labels, np.random.default_rng(seed))[0].tolist() for seed in (0, 0, 1))
    assert one == again != other
    assert one != sorted(one)
