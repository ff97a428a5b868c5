"""Invented things to learn from: pictures of objects of many kinds, drawn from a seed, with their attributes.

A kind is a shape and a colour in one of several conditions of its surface (texture, patches, specks). What changes
from picture to picture is chance: pose, light, background, clutter, occlusion, blur and noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pretraining.backbone import surfaces
from pretraining.backbone.chance import Draw, Floats

BATCH = 25  # pictures painted at once: their arrays stay in the processor's cache
BASES, CONDITIONS = 60, 5
KINDS = BASES * CONDITIONS
SHAPES = ("ellipse", "box", "triangle", "pentagon", "star", "blob", "ring")
BACKGROUNDS = ("plain", "gradient", "cloud", "stripes", "checks", "photograph")
CHOICES = {"kind": KINDS, "shape": len(SHAPES), "texture": len(surfaces.TEXTURES), "patches": 4, "background": 6}
AMOUNTS = (
    *("colour x", "colour y", "colour value", "background x", "background y", "background value"),
    *("patch share", "patch contrast", "patch x", "patch y", "patch depth", "specks", "texture strength"),
    *("aspect", "bend", "taper", "waviness", "size", "blur", "noise", "gloss", "tint red", "tint blue", "brightness"),
)


@dataclass(frozen=True)
class Things:
    """Pictures, uint8 (n, size, size, 3) RGB; choices (n, 5); amounts (n, 24), NaN where there is none."""

    images: NDArray[np.uint8]
    choices: NDArray[np.int32]
    amounts: Floats


def kinds(seed: int = 0) -> dict[str, Floats]:
    """What makes each kind: (KINDS, 1, 1) for every property; the conditions of one base share its shape and colour."""
    rng = np.random.default_rng([seed, 1])
    base, each = Draw(BASES, rng), Draw(KINDS, rng)
    shared = {
        "shape": (np.arange(BASES) % len(SHAPES)).reshape(-1, 1, 1).astype("float32"),
        "aspect": np.exp(base.uniform(0, 1.2) * base.happens(0.6)),
        "bend": base.uniform(0.2, 1.0) * base.happens(0.35),
        "taper": base.uniform(0.1, 0.6) * base.happens(0.35),
        "waves": np.floor(base.uniform(3, 12)),
        "waviness": base.uniform(0.02, 0.12) * base.happens(0.35),
        "hue": (rng.permutation(BASES).reshape(-1, 1, 1) + base.uniform(0, 1)) / BASES,
        "saturation": np.sqrt(base.uniform(0.01, 1)),
        "value": base.uniform(0.3, 1),
        "gloss": base.uniform(0, 0.6) * base.happens(0.6),
    }
    properties = {name: np.repeat(values, CONDITIONS, axis=0) for name, values in shared.items()}
    condition = (np.arange(KINDS) % CONDITIONS).reshape(-1, 1, 1)
    plain = condition == 0  # the first condition of each base has a surface without patches or specks
    properties |= {
        "texture": np.where(
            plain, np.floor(base.uniform(0, 2)).repeat(CONDITIONS, axis=0), np.floor(each.uniform(0, 8))
        ),
        "strength": each.uniform(0.3, 1),
        "fine": each.uniform(0, 1),
        "patches": np.where(plain, 0, np.floor(each.uniform(0, 4))),
        "patch radius": each.uniform(0.14, 0.42),
        "patch value": np.where(each.happens(0.65) > 0, each.uniform(0.2, 0.65), each.uniform(1.3, 2)),
        "patch hue": each.normal(0.12),
        "patch saturation": each.uniform(0.3, 1.2),
        "patch depth": each.uniform(0, 1) * each.happens(0.4),
        "rim": each.uniform(-0.6, 0.3) * each.happens(0.4),
        "core": each.uniform(0.3, 0.6) * each.happens(0.35),
        "core hue": each.uniform(0, 1),
        "core value": each.uniform(0.1, 1),
        "roughness": each.uniform(0.02, 0.06) * each.happens(0.5),
        "specks": np.where(plain, 0, each.uniform(0.2, 1) * each.happens(0.3)),
        "second hue": each.uniform(0, 1),
        "second value": each.uniform(0.1, 1),
    }
    return {name: values.astype("float32") for name, values in properties.items()}


def draw(n: int, size: int = 64, seed: int = 0, part: int = 0, kinds_seed: int = 0) -> Things:
    """n pictures; another part of the same seed gives others of the same kinds."""
    rng = np.random.default_rng([seed, 2, part])
    kind = rng.integers(KINDS, size=n)
    known = kinds(kinds_seed)
    batches = [
        _paint(kind[start : start + BATCH], known, size, np.random.default_rng([seed, 3, part, start]))
        for start in range(0, n, BATCH)
    ]
    images, choices, amounts = (np.concatenate(column) for column in zip(*batches, strict=True))
    return Things(images, choices, amounts)


def _paint(
    kind: NDArray[np.int64], known: dict[str, Floats], size: int, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.int32], Floats]:
    """One batch: the background, clutter on it, the thing with its shadow, now and then something before it."""
    d = Draw(len(kind), rng)
    k = {name: values[kind] for name, values in known.items()}
    y, x = np.meshgrid(*[np.linspace(-1, 1, size, dtype="float32")] * 2, indexing="ij")
    back, back_type, back_colour = surfaces.background(d, x, y)
    for _ in range(2):
        back = _clutter(d, back, x, y, d.happens(0.35), reach=0.9)

    body = surfaces.body(d, k, x, y)
    cover, height = body.cover, body.height
    colour = surfaces.colour(k["hue"] + d.normal(0.015), k["saturation"] + d.normal(0.05), k["value"] + d.normal(0.04))
    albedo, bumps, marks = surfaces.surface(d, k, body, colour)
    albedo = _clutter(d, albedo, x, y, d.happens(0.3), reach=0.35, scale=0.2)  # a label, which is no patch
    light = surfaces.shading(d, height + bumps, body.radius, k["gloss"])
    thing = albedo * light.diffuse[..., None] + light.highlight[..., None]

    shadow = surfaces.blurred(
        np.roll(cover, tuple(rng.integers(1, size // 10, 2)), (1, 2)), d.uniform(1, 4) * size / 64
    )
    picture: Floats = back * (1 - d.uniform(0, 0.6) * shadow)[..., None]
    picture += cover[..., None] * (thing - picture)
    picture = _clutter(d, picture, x, y, d.happens(0.25), reach=1.1, away=0.5)

    tint = np.exp(d.rng.normal(0, 0.13, (d.n, 1, 1, 3))).astype("float32")
    brightness = d.uniform(0.65, 1.15)
    blur, noise = d.uniform(0, 1.1) * d.happens(0.7), d.uniform(0, 0.05) * d.happens(0.6)
    picture = np.clip(picture, 0, 1.2) * tint * brightness[..., None]
    picture = np.stack([surfaces.blurred(picture[..., c], (0.25 + blur) * size / 64) for c in range(3)], axis=-1)
    picture += noise[..., None] * d.rng.standard_normal(picture.shape, dtype="float32")
    images = (255 * np.clip(picture, 0, 1)).astype("uint8")

    choices = np.stack([kind, k["shape"].ravel(), k["texture"].ravel(), k["patches"].ravel(), back_type], axis=1)
    amounts = [
        *surfaces.wheel(colour),
        *surfaces.wheel(back_colour),
        *marks,
        *(np.log(k["aspect"]), k["bend"], k["taper"], k["waviness"], np.log(body.radius), blur, noise, k["gloss"]),
        *(tint[..., 0] - tint[..., 1], tint[..., 2] - tint[..., 1], brightness),
    ]
    return images, choices.astype("int32"), np.stack([a.reshape(d.n) for a in amounts], axis=1).astype("float32")


def _clutter(
    d: Draw, picture: Floats, x: Floats, y: Floats, there: Floats, reach: float, away: float = 0.0, scale: float = 1.0
) -> Floats:
    """The picture with a box, a bar or a disc of any colour somewhere, at least `away` from the middle."""
    angle, turn, power = d.uniform(0, 6.283), d.uniform(0, 3.142), d.uniform(1, 3.5)
    distance = away + (reach - away) * np.sqrt(d.uniform(0, 1))
    dx, dy = x - distance * np.cos(angle), y - distance * np.sin(angle)
    u, v = np.cos(turn) * dx + np.sin(turn) * dy, np.cos(turn) * dy - np.sin(turn) * dx
    u, v = np.abs(u) / scale / d.uniform(0.1, 0.8), np.abs(v) / scale / d.uniform(0.06, 0.35)
    outside = np.where(power > 2, np.maximum(u, v), u * u + v * v)
    cover = there * np.clip((1 - outside) * 4, 0, 1)
    colour = surfaces.colour(d.uniform(0, 1), d.uniform(0, 0.9), d.uniform(0.05, 1))
    shade = colour * (1 + 0.3 * d.normal(1) * (u - v) / (u + v + 1))[..., None]
    return picture + cover[..., None] * (shade - picture)
