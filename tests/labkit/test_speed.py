import numpy as np
import pytest

from labkit import speed
from labkit.roofline import Machine, Product

SLOW = Machine("cpu:0", {"float32": 1e9}, 1e9)


def test_an_operation_is_repeated_until_a_run_is_long_enough_and_the_first_call_is_left_out(monkeypatch):
    clock, counts = [0.0], []
    monkeypatch.setattr(speed.time, "perf_counter", lambda: clock[0])

    def work(count):
        clock[0] += 0.003 * count if counts else 60.0  # the first call compiles
        counts.append(count)

    timing = speed.measure(work, runs=3, shortest=0.02)
    assert counts == [1, 1, 7, 7, 7, 7]
    np.testing.assert_allclose(timing.runs, [0.003] * 3)


def test_a_timing_shows_its_median_and_its_spread():
    timing = speed.Timing((0.002, 0.001, 0.5))
    assert str(timing) == "2 ms, from 1 ms to 500 ms"
    np.testing.assert_allclose(timing.rates(2.0), [1000, 2000, 4])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, "2 s"),
        (0.0123, "12.3 ms"),
        (2e-5, "20 µs"),
        (9.999e-4, "1 ms"),
        (2e-11, "0.02 ns"),
        (999.9, "1,000 s"),
        (4321.0, "4,321 s"),
    ],
)
def test_a_time_has_the_unit_that_suits_it(value, text):
    assert speed.seconds(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e15, "1 PFLOP"), (67e12, "67 TFLOP"), (999.9e9, "1 TFLOP"), (1234.0, "1.23 kFLOP"), (0.5, "0.5 FLOP")],
)
def test_an_amount_has_the_prefix_that_suits_it(value, text):
    assert speed.amount(value, "FLOP") == text


@pytest.mark.parametrize(("share", "text"), [(0.786, "79%"), (0.1, "10%"), (0.0312, "3.1%"), (0.000423, "0.042%")])
def test_a_share_keeps_two_digits_however_small(share, text):
    assert speed.percent(share) == text


def test_products_with_a_rotation_stay_as_large_however_many_are_chained():
    rotation = speed.rotation(32)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(32), atol=1e-6)
    assert (rotation != 0).all()
    chained = np.ones((4, 32), "float32")
    for _ in range(1000):
        chained = chained @ rotation
    assert np.linalg.norm(chained) == pytest.approx(np.linalg.norm(np.ones((4, 32))), rel=1e-3)


def test_the_processors_copy_copies_every_number(monkeypatch):
    monkeypatch.setattr(speed, "COPIED", 2**16)
    assert 1e6 < speed.bandwidth("cpu:0") < 1e15


@pytest.mark.slow
def test_a_copy_by_keras_is_timed_too(monkeypatch):
    monkeypatch.setattr(speed, "COPIED", 2**16)
    assert speed.measure(speed._copy_by_keras("cpu:0"), runs=1).fastest > 0


def test_the_peak_of_a_machine_is_its_fastest_run(monkeypatch):
    monkeypatch.setattr(speed, "bandwidth", lambda device: 5.0)
    timings = {Product(1, 1, 1): speed.Timing((1.0, 2.0)), Product(10, 10, 10): speed.Timing((4.0, 8.0))}
    assert speed.machine("cpu:0", timings) == Machine("cpu:0", {"float32": 500.0}, 5.0)


def test_the_figure_by_size_says_what_was_measured():
    timings = {Product(n, n, n): speed.Timing((1e-3, 2e-3, 9e-3)) for n in (64, 128)}
    alt = speed.by_size(SLOW, timings, python_speed=1e6).alt
    assert "262 MFLOP/s at 64, 2.1 GFLOP/s at 128." in alt
    assert "The counted limit is 1 GFLOP/s at 64" in alt
    assert "Plain Python: 1 MFLOP/s." in alt


def test_the_figure_by_batch_says_what_was_measured():
    timings = {Product(m, 100, 100): speed.Timing((1e-3, 2e-3, 9e-3)) for m in (1, 100)}
    alt = speed.by_batch(SLOW, timings).alt
    assert "2 ms at 1, 20 µs at 100." in alt
    assert "The counted limit falls from 40.8 µs to 20 µs." in alt
