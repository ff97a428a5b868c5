"""Bananas: a bent, ridged body along an arc, with a stem at one end and a dark tip at the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labkit.data.painting.canvas import Array, Canvas, colour, jitter, mix, step
from labkit.data.painting.surface import Surface

KINDS = (colour(0.95, 0.80, 0.18), colour(0.94, 0.84, 0.38), colour(0.90, 0.82, 0.25), colour(0.80, 0.79, 0.24))
GREEN, TIP = colour(0.52, 0.66, 0.20), colour(0.20, 0.15, 0.10)
# Half the width along the body, from the tip (-1.06) over the middle (0) to the cut of the stem (1.42).
ALONG = np.array([-1.06, -1.03, -0.97, -0.88, -0.7, -0.4, 0.0, 0.4, 0.7, 0.9, 1.02, 1.14, 1.3, 1.38, 1.42])
WIDTH = np.array([0.00, 0.16, 0.22, 0.42, 0.76, 0.96, 1.0, 0.97, 0.82, 0.58, 0.36, 0.25, 0.23, 0.26, 0.24])


@dataclass
class Bow:
    """Where a banana lies: the arc's centre, its radius, half its angle, half its width, turn, foreshortening."""

    x: float
    y: float
    radius: float
    angle: float
    width: float
    turn: float
    narrow: float
    mirrored: bool


@dataclass
class Banana(Surface):
    """A banana. `along` is -1 at the tip and 1 where the stem begins; `across` is -1 inside the bend, 1 outside."""

    bow: Bow
    along: Array  # (m,)
    across: Array  # (m,)

    def at(self, a: float, b: float) -> tuple[Array, Array]:
        """A spot on the body, not on the stem nor on the tip."""
        along, across = 0.85 * a, 0.65 * b
        plane = _plane(self.bow, np.array([along]), np.array([across]))
        return _point(self.bow, np.array([along]), np.array([across])), plane


def banana(canvas: Canvas, rng: np.random.Generator, bow: Bow, kind: Array, green: float, lumps: float) -> Banana:
    """A banana in a sound skin of a colour, greener towards its ends by as much as `green`."""
    coarse, mid, fine = canvas.noise(rng, 9), canvas.noise(rng, 24), canvas.noise(rng, 56)
    u, v = _unturned(bow, canvas.x - bow.x, canvas.y - bow.y)
    along = np.arctan2(u, v) / bow.angle
    near = np.flatnonzero((along > -1.06) & (along < 1.42))
    u, v, along = u[near], v[near], along[near]
    from_centre = np.sqrt(u * u + v * v)
    half = np.interp(along, ALONG, WIDTH) * bow.width * (1 + lumps * coarse[near])
    across = (from_centre - bow.radius) / np.maximum(half, 1e-6)
    seen = np.abs(across) < 1
    near, along, across, half = near[seen], along[seen], across[seen], half[seen]
    out = np.stack([u[seen], v[seen]]) / from_centre[seen]
    normal = _normal(bow, along, across, out)
    place = _plane(bow, along, across), _point(bow, along, across)
    fruit = Banana(canvas, near, *place, normal, coarse[near], mid[near], fine[near], bow, along, across)
    _skin(fruit, rng, kind, green)
    return fruit


def frame(bow: Bow) -> tuple[float, float, float, float]:
    """The box (left, right, top, bottom) in which a banana lies."""
    along, across = np.linspace(ALONG[0], ALONG[-1], 12), np.full(12, 1.1)
    x, y = np.concatenate([_plane(bow, along, across), _plane(bow, along, -across)], axis=1) * 2.2 * bow.width
    return bow.x + x.min(), bow.x + x.max(), bow.y + y.min(), bow.y + y.max()


def _unturned(bow: Bow, x: Array, y: Array) -> tuple[Array, Array]:
    """Into the frame in which the middle of the arc lies on the positive second axis."""
    c, s = np.cos(bow.turn), np.sin(bow.turn)
    u, v = (c * x + s * y) / bow.narrow, -s * x + c * y
    return (-u if bow.mirrored else u), v


def _turned(bow: Bow, u: Array, v: Array) -> Array:
    """Back into the viewer's frame: (2, m)."""
    u = (-u if bow.mirrored else u) * bow.narrow
    c, s = np.cos(bow.turn), np.sin(bow.turn)
    return np.stack([c * u - s * v, s * u + c * v])


def _plane(bow: Bow, along: Array, across: Array) -> Array:
    angle = along * bow.angle
    from_centre = bow.radius + across * np.interp(along, ALONG, WIDTH) * bow.width
    return _turned(bow, from_centre * np.sin(angle), from_centre * np.cos(angle)) / (2.2 * bow.width)


def _point(bow: Bow, along: Array, across: Array) -> Array:
    """The place on the skin, (3, m): along the arc, around the body."""
    height = np.sqrt(np.maximum(1 - across**2, 0))
    half = np.interp(along, ALONG, WIDTH)
    return np.stack([along * bow.angle * bow.radius / (1.6 * bow.width), half * across * 0.62, half * height * 0.62])


def _normal(bow: Bow, along: Array, across: Array, out: Array) -> Array:
    """Flat faces between soft ridges, bent towards the ends where the body tapers: (3, m)."""
    faced = across - 0.75 * np.sin(3 * np.pi * across) / (3 * np.pi)
    height = np.sqrt(np.maximum(1 - faced**2, 0.02))
    taper = np.interp(along, (ALONG[1:] + ALONG[:-1]) / 2, np.diff(WIDTH) / np.diff(ALONG))
    taper = taper * bow.width / (bow.angle * bow.radius)
    forward = np.stack([out[1], -out[0]])
    flat = faced * out - np.clip(taper, -1, 1) * forward
    return np.concatenate([_turned(bow, flat[0], flat[1]), height[None]])


def _skin(fruit: Banana, rng: np.random.Generator, kind: Array, green: float) -> None:
    along, across = fruit.along, fruit.across
    fruit.tint(np.ones(len(along)), jitter(kind, rng, 0.02))
    ends = step(0.45, 1.1, np.abs(along + 0.12 * fruit.coarse))
    fruit.tint(np.clip(green * 1.2 + (0.35 + green) * ends - 0.3, 0, 0.9), GREEN)
    fruit.albedo *= 1 + 0.05 * fruit.mid
    ridge = step(0.09, 0.0, np.abs(np.abs(across) - 0.36)) * step(1.0, 0.6, np.abs(along))
    fruit.tint(0.22 * ridge, fruit.albedo * 0.55 + 0.06)
    fruit.gloss[:] = rng.uniform(0.12, 0.28)
    fruit.tint(step(-0.93, -0.99, along + 0.02 * fruit.mid), jitter(TIP, rng, 0.03), gloss=0.02)
    fruit.tint(step(1.33, 1.39, along), mix(TIP, colour(0.45, 0.36, 0.2), rng.random()), gloss=0.02)
