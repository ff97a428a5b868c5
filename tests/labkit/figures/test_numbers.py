import pytest

from labkit.figures import numbers


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
    assert numbers.seconds(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e15, "1 PFLOP"), (67e12, "67 TFLOP"), (999.9e9, "1 TFLOP"), (1234.0, "1.23 kFLOP"), (0.5, "0.5 FLOP")],
)
def test_an_amount_has_the_prefix_that_suits_it(value, text):
    assert numbers.amount(value, "FLOP") == text


@pytest.mark.parametrize(
    ("share", "text"), [(2.0, "200%"), (0.786, "79%"), (0.1, "10%"), (0.0312, "3.1%"), (0.000423, "0.042%")]
)
def test_a_share_keeps_two_digits_however_small(share, text):
    assert numbers.percent(share) == text


def test_a_share_below_the_least_is_said_to_be_less():
    assert numbers.percent(1e-9, least=1e-4) == "<0.01%"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.468, "0.468"),
        (0.0625, "0.062"),
        (-4.0, "−4"),
        (5.1e-7, "5.1e−7"),
        (999.6, "1,000"),
        (12345.0, "12,345"),
    ],
)
def test_a_number_is_short(value, text):
    assert numbers.short(value) == text
