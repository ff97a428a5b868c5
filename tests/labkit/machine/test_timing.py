import numpy as np
import pytest

from labkit.machine import timing
from labkit.machine.roofline import Machine, Product


def test_an_operation_is_repeated_until_a_run_is_long_enough_and_the_first_call_is_left_out(monkeypatch):
    clock, counts = [0.0], []
    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock[0])

    def work(count):
        clock[0] += 0.003 * count if counts else 60.0  # the first call compiles
        counts.append(count)

    measured = timing.measure(work, runs=3, shortest=0.02)
    assert counts == [1, 1, 7, 7, 7, 7]
    np.testing.assert_allclose(measured.runs, [0.003] * 3)


def test_a_timing_shows_its_median_and_its_spread():
    three = timing.Timing((0.002, 0.001, 0.5))
    assert str(three) == "2 ms, from 1 ms to 500 ms"
    np.testing.assert_allclose(three.rates(2.0), [1000, 2000, 4])


def test_products_with_a_rotation_stay_as_large_however_many_are_chained():
    rotation = timing.rotation(32)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(32), atol=1e-6)
    assert (rotation != 0).all()
    chained = np.ones((4, 32), "float32")
    for _ in range(1000):
        chained = chained @ rotation
    assert np.linalg.norm(chained) == pytest.approx(np.linalg.norm(np.ones((4, 32))), rel=1e-3)


def test_the_processors_copy_copies_every_number(monkeypatch):
    monkeypatch.setattr(timing, "COPIED", 2**16)
    assert 1e6 < timing.bandwidth("cpu:0") < 1e15


@pytest.mark.slow
def test_a_copy_by_keras_is_timed_too(monkeypatch):
    monkeypatch.setattr(timing, "COPIED", 2**16)
    assert timing.measure(timing._copy_by_keras("cpu:0"), runs=1).fastest > 0


def test_the_peak_of_a_machine_is_its_fastest_run(monkeypatch):
    monkeypatch.setattr(timing, "bandwidth", lambda device: 5.0)
    timings = {Product(1, 1, 1): timing.Timing((1.0, 2.0)), Product(10, 10, 10): timing.Timing((4.0, 8.0))}
    assert timing.machine("cpu:0", timings) == Machine("cpu:0", {"float32": 500.0}, 5.0)
