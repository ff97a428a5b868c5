from labkit.machine import speed_charts
from labkit.machine.roofline import Machine, Product
from labkit.machine.timing import Timing

SLOW = Machine("cpu:0", {"float32": 1e9}, 1e9)


def test_the_figure_by_size_says_what_was_measured():
    timings = {Product(n, n, n): Timing((1e-3, 2e-3, 9e-3)) for n in (64, 128)}
    alt = speed_charts.by_size(SLOW, timings, python_speed=1e6).alt
    assert "262 MFLOP/s at 64, 2.1 GFLOP/s at 128." in alt
    assert "The counted limit is 1 GFLOP/s at 64" in alt
    assert "Plain Python: 1 MFLOP/s." in alt


def test_the_figure_by_batch_says_what_was_measured():
    timings = {Product(m, 100, 100): Timing((1e-3, 2e-3, 9e-3)) for m in (1, 100)}
    alt = speed_charts.by_batch(SLOW, timings).alt
    assert "2 ms at 1, 20 µs at 100." in alt
    assert "The counted limit falls from 40.8 µs to 20 µs." in alt
