"""Numbers as people read them: short, and with the unit or the prefix that suits their size."""

from __future__ import annotations

UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
LARGE = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
ROUNDED = 1.0005  # what has three digits of 1000 is 1 of the next unit


def seconds(value: float) -> str:
    """A time with three digits and the unit that suits it: 20 µs."""
    size, unit = unit_of(value)
    return f"{value / size:.3g} {unit}" if value / size * ROUNDED < 1000 else f"{value / size:,.0f} {unit}"


def amount(value: float, unit: str) -> str:
    """A number of FLOP or bytes with three digits and the prefix that suits it: 67 TFLOP/s."""
    size, prefix = next((p for p in LARGE if value * ROUNDED >= p[0]), (1.0, ""))
    return f"{value / size:.3g} {prefix}{unit}"


def short(value: float, digits: int = 3) -> str:
    """A number with so many digits: 0.123, 12.3, 1,234, −1.2e−8."""
    if value == 0:
        return "0"
    if abs(value) < 0.01:
        shown, power = f"{value:.{digits - 2}e}".split("e")
        text = f"{shown}e{int(power)}"
    elif abs(value) < 10**digits - 0.5:
        text = f"{round(float(f'{value:.{digits}g}'), 3):g}"
    else:
        text = f"{value:,.0f}"
    return text.replace("-", "−")


def percent(share: float, least: float = 0.0) -> str:
    """A share with two digits, 79% or 0.042%, if it is not below `least`: then <0.01%."""
    if share < least:
        return f"<{percent(least)}"
    return f"{share:.0%}" if share > 0.0995 else f"{100 * share:.2g}%"


def unit_of(value: float) -> tuple[float, str]:
    """The largest unit of time that is not longer than so many seconds, in seconds, and its sign."""
    return next((unit for unit in UNITS if value * ROUNDED >= unit[0]), UNITS[-1])
