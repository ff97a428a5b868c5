"""What lies behind and before a fruit: tables, cloths, walls, things; leaves, twigs and paper in front."""

from __future__ import annotations

import numpy as np

from labkit.data.painting.canvas import Array, Canvas, colour, jitter, mix, segment, step

PALETTE = (
    *(colour(0.86, 0.84, 0.80), colour(0.55, 0.56, 0.58), colour(0.22, 0.23, 0.26), colour(0.70, 0.52, 0.33)),
    *(colour(0.42, 0.27, 0.16), colour(0.30, 0.42, 0.55), colour(0.62, 0.74, 0.80), colour(0.35, 0.50, 0.33)),
    *(colour(0.74, 0.30, 0.24), colour(0.88, 0.68, 0.30), colour(0.80, 0.72, 0.58), colour(0.52, 0.38, 0.50)),
)
THINGS = (
    *(colour(0.78, 0.14, 0.12), colour(0.92, 0.78, 0.20), colour(0.94, 0.54, 0.10), colour(0.45, 0.60, 0.20)),
    *(colour(0.36, 0.24, 0.14), colour(0.16, 0.30, 0.50), colour(0.90, 0.90, 0.88), colour(0.12, 0.12, 0.13)),
)
LEAVES = (colour(0.24, 0.42, 0.14), colour(0.36, 0.52, 0.20), colour(0.18, 0.33, 0.16), colour(0.60, 0.50, 0.18))


def backdrop(canvas: Canvas, rng: np.random.Generator) -> Array:
    """A ground for the fruit, (3, points)."""
    kind = (plain, wood, cloth, stone, garden)[rng.integers(5)]
    return kind(canvas, rng)


def shade(rng: np.random.Generator) -> Array:
    """A colour for a ground."""
    return jitter(PALETTE[rng.integers(len(PALETTE))] * rng.uniform(0.7, 1.1), rng, 0.03)


def plain(canvas: Canvas, rng: np.random.Generator) -> Array:
    """A wall or a sheet: one colour runs into another."""
    x, _ = turned(canvas, rng)
    return mix(shade(rng), shade(rng), step(-1.3, 1.3, x + 0.2 * canvas.noise(rng, 5)))


def wood(canvas: Canvas, rng: np.random.Generator) -> Array:
    """Planks with grain and gaps."""
    x, y = turned(canvas, rng)
    base = jitter(PALETTE[(3, 4, 10)[rng.integers(3)]] * rng.uniform(0.8, 1.15), rng, 0.03)
    planks = rng.uniform(1.2, 2.4)
    place = (y + 2) * planks
    tone = rng.uniform(0.85, 1.12, 12)[place.astype(int)]
    grain = np.sin((y + 0.10 * canvas.noise(rng, 4) + 0.03 * x) * rng.uniform(28, 55) + 2.5 * canvas.noise(rng, 3))
    gap = step(0.06, 0.0, np.abs(place - np.rint(place)))
    return base * tone * (1 + 0.09 * grain + 0.06 * canvas.noise(rng, 30)) * (1 - 0.6 * gap)


def cloth(canvas: Canvas, rng: np.random.Generator) -> Array:
    """Checks or stripes, woven, in soft folds."""
    x, y = turned(canvas, rng)
    first, second, width = shade(rng), shade(rng), rng.uniform(0.18, 0.5)
    bands = step(-0.15, 0.15, np.sin(np.pi * x / width))
    if rng.random() < 0.6:
        bands = 0.5 * bands + 0.5 * step(-0.15, 0.15, np.sin(np.pi * y / width))
    weave = 0.04 * np.sin(60 * x) * np.sin(60 * y)
    return mix(first, second, 0.8 * bands) * (1 + weave + 0.12 * canvas.noise(rng, 5))


def stone(canvas: Canvas, rng: np.random.Generator) -> Array:
    """A worktop with grains of two colours."""
    base, small = shade(rng), canvas.noise(rng, 46)
    ground = base * (1 + 0.07 * canvas.noise(rng, 9))
    ground = mix(ground, shade(rng), 0.7 * step(0.7, 0.9, small))
    return mix(ground, base * 0.55, 0.7 * step(0.7, 0.9, -small))


def garden(canvas: Canvas, rng: np.random.Generator) -> Array:
    """Something far behind, out of focus: discs of light over soft patches."""
    ground = mix(shade(rng), LEAVES[rng.integers(3)], step(-0.5, 0.5, canvas.noise(rng, 4)))
    for _ in range(rng.integers(4, 10)):
        x, y, radius = rng.uniform(-1, 1), rng.uniform(-1, 1), rng.uniform(0.10, 0.30)
        away = np.sqrt((canvas.x - x) ** 2 + (canvas.y - y) ** 2)
        disc = rng.uniform(0.15, 0.5) * step(radius * 1.15, radius * 0.9, away)
        ground = mix(ground, jitter(PALETTE[rng.integers(len(PALETTE))], rng), disc)
    return ground


def clutter(canvas: Canvas, rng: np.random.Generator, image: Array) -> None:
    """Up to three flat things behind the fruit, in the colours of fruit as in others."""
    for _ in range(rng.integers(0, 4)):
        x0, y0 = rng.uniform(-1.1, 1.1, 2)
        turn, long, wide = rng.uniform(0, np.pi), rng.uniform(0.15, 0.5), rng.uniform(0.08, 0.3)
        x = np.cos(turn) * (canvas.x - x0) + np.sin(turn) * (canvas.y - y0)
        y = -np.sin(turn) * (canvas.x - x0) + np.cos(turn) * (canvas.y - y0)
        box, thing = rng.random() < 0.6, jitter(THINGS[rng.integers(len(THINGS))] * rng.uniform(0.7, 1.05), rng)
        inside = np.maximum(np.abs(x) / long, np.abs(y) / wide) if box else np.sqrt(x * x + y * y) / max(wide, 0.12)
        near = np.flatnonzero(inside < 1.35)
        inside, lit = inside[near], thing * (1 - 0.18 * x[near] / long)
        ground = image[:, near] * (1 - 0.35 * step(1.35, 0.9, inside))
        image[:, near] = mix(ground, lit, step(1.06, 0.96, inside))


def in_front(canvas: Canvas, rng: np.random.Generator, image: Array, x: float, y: float, reach: float) -> None:
    """Something that hides a part of the rim of a fruit at x, y: a leaf, a twig, or the edge of a sheet."""
    angle, kind = rng.uniform(0, 2 * np.pi), rng.integers(3)
    px, py = x + np.cos(angle) * reach, y + np.sin(angle) * reach
    if kind == 0:
        leaf(canvas, rng, image, (px, py), angle + np.pi / 2 + rng.normal(0, 0.5), rng.uniform(0.5, 0.9))
    elif kind == 1:
        across = (-np.sin(angle) * 2, np.cos(angle) * 2)
        lean = rng.uniform(-0.5, 0.5, 2)
        away, _ = segment(
            *(canvas.x, canvas.y),
            (px - across[0] + lean[0], py - across[1] + lean[1]),
            (px + across[0] - lean[0], py + across[1] - lean[1]),
        )
        thick = rng.uniform(0.03, 0.07)
        lit = jitter(THINGS[4], rng) * (0.7 + 0.6 * step(thick, 0, away))
        soft = 1.2 / canvas.pixels
        image += step(thick + soft, thick - soft, away) * (lit - image)
    else:
        beyond = (canvas.x - px) * np.cos(angle) + (canvas.y - py) * np.sin(angle) + 0.04 * canvas.noise(rng, 5)
        image *= 1 - 0.3 * step(-0.12, 0.0, beyond)
        sheet = shade(rng) * (1 + 0.05 * canvas.noise(rng, 12))
        image += step(-0.01, 0.02, beyond) * (sheet - image)


def leaf(
    canvas: Canvas,
    rng: np.random.Generator,
    image: Array,
    start: tuple[float, float],
    turn: float,
    length: float,
) -> None:
    """A leaf from its stalk on: two lit halves, a pale rib, veins."""
    dx, dy = canvas.x - start[0], canvas.y - start[1]
    along = (np.cos(turn) * dx + np.sin(turn) * dy) / length
    bend = rng.uniform(-0.3, 0.3)
    across = (-np.sin(turn) * dx + np.cos(turn) * dy) / length - bend * along * (1 - along)
    half = 0.95 * rng.uniform(0.28, 0.42) * np.sqrt(np.clip(along * (1 - along), 0, None)) * 1.6
    mask = step(0.02, -0.02, np.abs(across) - half) * (half > 0)
    green = jitter(LEAVES[rng.integers(len(LEAVES))], rng, 0.03)
    veins = 0.10 * np.cos(26 * (along - 0.8 * np.abs(across)))
    lit = green * (1.0 + 0.18 * np.sign(across) + veins + 0.5 * step(0.03, 0.0, np.abs(across)))
    image += mask * (lit - image)


def turned(canvas: Canvas, rng: np.random.Generator) -> tuple[Array, Array]:
    """The canvas's places in a frame turned by chance."""
    turn = rng.uniform(0, 2 * np.pi)
    return np.cos(turn) * canvas.x + np.sin(turn) * canvas.y, -np.sin(turn) * canvas.x + np.cos(turn) * canvas.y
