"""The seal of a certificate: a rosette of one line, another for each digest. An ornament: the signature proves."""

import math


def seal_path(digest: str) -> str:
    """The path of a rosette in a square from -100 to 100, as SVG writes it."""
    number = int(digest[:8] or "0", 16)
    waves, turns, depth = 9 + number % 8, 5 + number // 8 % 4, 0.16 + number // 32 % 8 / 50
    if math.gcd(waves, turns) > 1:
        waves += 1  # so that the line closes only after all its turns
    steps = 180 * turns
    points = (_point(2 * math.pi * turns * step / steps, waves / turns, depth) for step in range(steps))
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"


def _point(angle: float, frequency: float, depth: float) -> tuple[float, float]:
    radius = 98 * (1 - depth * (1 + math.cos(frequency * angle)))
    return radius * math.cos(angle), radius * math.sin(angle)
