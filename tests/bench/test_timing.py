"""The arithmetic on what was measured."""

import pytest

from tests.bench.timing import Timing, between, chosen, growth, paces, pooled, pooled_own, ratio, spread, tenths


def test_a_class_takes_the_sum_of_its_submissions_with_their_shares_of_the_start():
    timing = Timing("ours", "arrays", 1, 10.0, [1.0, 2.0, 3.0])

    assert timing.beside == 4.0
    assert sum(timing.each) == pytest.approx(10.0)
    assert timing.each[1] - timing.each[0] == pytest.approx(1.0)


def test_runs_are_pooled_by_submission():
    runs = [Timing("ours", "arrays", 1, 4.0, [1.0, 1.0]), Timing("ours", "arrays", 1, 8.0, [3.0, 3.0])]

    assert pooled(runs) == [2.0, 2.0, 4.0, 4.0]
    assert pooled_own(runs) == [1.0, 1.0, 3.0, 3.0]


def test_runs_are_chosen_by_grader_lab_and_workers():
    one, two = Timing("ours", "arrays", 1, 4.0, [1.0]), Timing("ours", "arrays", 2, 4.0, [1.0])

    assert chosen([one, two], "ours", "arrays", 2) == [two]
    assert chosen([one, two], "otter", "arrays") == []


def test_times_between_marks():
    assert between([1.0, 3.0, 6.0]) == [2.0, 3.0]


def test_a_pace_is_taken_over_as_many_submissions_as_there_are_workers():
    assert paces([1.0, 1.1, 3.0, 3.1, 5.0, 5.1], 2) == pytest.approx([1.0] * 6)
    assert paces([1.0, 2.0, 4.0], 1) == pytest.approx([1.5, 1.0, 2.0])


def test_a_ratio_is_one_of_means_and_its_spread_holds_it():
    slow, fast = [9.0, 10.0, 11.0] * 7, [0.9, 1.0, 1.1] * 7
    low, high = spread(slow, fast)

    assert ratio(slow, fast) == pytest.approx(10.0)
    assert 9.0 < low < 10.0 < high < 11.0
    assert spread(slow, fast) == (low, high)


def test_equal_times_have_no_spread():
    assert spread([6.0] * 20, [2.0] * 20) == (3.0, 3.0)


def test_a_steady_run_has_the_same_rate_in_each_tenth():
    steady = [0.5 * number for number in range(1, 1_001)]
    slowing = [number**1.5 for number in range(1, 1_001)]

    assert tenths(steady) == pytest.approx([2.0] * 10)
    assert tenths(slowing)[-1] < tenths(slowing)[0] / 2


def test_growth_counts_from_a_tenth_of_the_run():
    assert growth([50_000_000] + [100_000_000] * 98 + [101_000_000]) == pytest.approx(1.0)
