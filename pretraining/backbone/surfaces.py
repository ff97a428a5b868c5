"""The parts of a picture of a thing: body, surface, light, background. Arrays hold a batch: (n, size, size)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pretraining.backbone.chance import Draw, Floats

TEXTURES = ("smooth", "grain", "mottled", "stripes", "rings", "dots", "bumps", "cracks")


class Body(NamedTuple):
    """Where a thing is: how much of each pixel it covers, its height, its own coordinates, its radius."""

    cover: Floats
    height: Floats
    u: Floats
    v: Floats
    radius: Floats


class Light(NamedTuple):
    """What light does to a surface: a factor, and what it adds."""

    diffuse: Floats
    highlight: Floats


def colour(hue: Floats, saturation: Floats, value: Floats) -> Floats:
    """RGB (n, 1, 1, 3) of a hue from 0 to 1 round the colour circle, a saturation and a value."""
    saturation, value = np.clip(saturation, 0, 1)[..., None], np.clip(value, 0.03, 1)[..., None]
    ramp = np.abs((hue[..., None] * 6 + np.array([0, 4, 2], "float32")) % 6 - 3) - 1
    return (value * (1 - saturation * (1 - np.clip(ramp, 0, 1)))).astype("float32")


def wheel(rgb: Floats) -> tuple[Floats, Floats, Floats]:
    """A colour's place on the plane of hues, and its value: what a network is asked for."""
    red, green, blue = np.moveaxis(rgb, -1, 0)
    return red - (green + blue) / 2, 0.866 * (green - blue), rgb.max(-1)


def blurred(images: Floats, sigma: Floats) -> Floats:
    """Images (n, size, size), each blurred by its own Gaussian of sigma pixels (n, 1, 1)."""
    steps = np.arange(images.shape[1], dtype="float32")
    weights = np.exp(-((steps[:, None] - steps) ** 2) / (2 * sigma**2))
    weights /= weights.sum(axis=2, keepdims=True)
    return weights @ images @ weights.transpose(0, 2, 1)


def body(d: Draw, k: dict[str, Floats], x: Floats, y: Floats) -> Body:
    """A thing of each kind in a random pose."""
    aspect = k["aspect"] * np.exp(d.normal(0.06))
    radius = d.uniform(0.45, 0.9) * np.minimum(aspect**0.35, 1.3)
    turn = d.uniform(0, 6.283)
    dx, dy = x - d.uniform(-0.3, 0.3), y - d.uniform(-0.3, 0.3)
    u = (np.cos(turn) * dx + np.sin(turn) * dy) / radius
    v = (np.cos(turn) * dy - np.sin(turn) * dx) / radius * d.uniform(1, 1.25)  # seen a little aslant
    v = (v - (k["bend"] + d.normal(0.05)) * (u * u - 0.35)) * aspect / np.clip(1 - k["taper"] * u, 0.3, None)
    outside = _outline(d, k, u, v)
    edge = radius * x.shape[0] / 2 / np.sqrt(aspect)
    cover = np.clip(0.5 + (1 - outside) * edge, 0, 1)
    height = np.sqrt(np.clip(1 - outside**2, 0, 1)) / aspect
    return Body(cover, height, u, v, radius)


def _outline(d: Draw, k: dict[str, Floats], u: Floats, v: Floats) -> Floats:
    """How far out a place is: 1 on the thing's edge, 0 in its middle."""
    angle, rho = np.arctan2(v, u), np.hypot(u, v)
    shape = k["shape"].ravel().astype(int)
    outside = rho / (1 + k["waviness"] * np.cos(k["waves"] * angle + d.uniform(0, 6.283)))
    for number, corners in ((1, 4), (2, 3), (3, 5)):
        rows = shape == number
        sector = 2 * np.pi / corners
        outside[rows] *= np.cos(angle[rows] % sector - sector / 2) / np.cos(sector / 2) * 0.85
    phases = [d.uniform(0, 6.283) for _ in range(3)]
    star, blob, ring = shape == 4, shape == 5, shape == 6
    outside[star] /= 0.85 + 0.3 * np.cos((4 + k["waves"][star] % 3) * angle[star])
    lobes = sum(0.16 * np.cos((2 + i) * angle[blob] + phase[blob]) for i, phase in enumerate(phases))
    outside[blob] /= 1 + lobes
    outside[ring] = np.abs(outside[ring] - 0.68) / 0.32
    return outside


def surface(d: Draw, k: dict[str, Floats], place: Body, base: Floats) -> tuple[Floats, Floats, list[Floats]]:
    """The surface's own colours (n, size, size, 3), its bumps, and what a network is asked of patches and texture."""
    strength = np.clip(k["strength"] + d.normal(0.08), 0.2, 1.1)
    tone, bumps = _texture(d, k, place, strength)
    second = colour(k["second hue"], 0.7 * k["saturation"], k["second value"])
    albedo = base + (tone * strength)[..., None] * (second - base) * 0.7
    depth = _patches(d, k, place)  # 1 at a patch's edge, more within
    patch, core = (np.clip(0.5 + (depth - inner) * d.uniform(1.5, 6), 0, 1) for inner in (1, 1.45))
    rim = np.clip(1 - np.abs(depth - 1.15) * 6, 0, 1)
    value = base.max(-1) * k["patch value"]
    patch_colour = colour(k["hue"] + k["patch hue"] + d.normal(0.02), k["saturation"] * k["patch saturation"], value)
    inner_colour = colour(k["core hue"], 0.4 * k["saturation"], k["core value"])
    painted = patch_colour * (1 + k["rim"] * rim)[..., None]
    painted = painted + (2 * k["core"] * core)[..., None].clip(0, 1) * (inner_colour - painted)
    albedo = albedo + patch[..., None] * d.uniform(0.7, 1)[..., None] * (painted - albedo)
    bumps = bumps + k["roughness"] * patch * d.field(24, tone.shape[1])
    specks = (d.field(40, tone.shape[1]) > 2.6 - 1.2 * k["specks"]) * (k["specks"] > 0)
    albedo = albedo * (1 - 0.6 * specks)[..., None]
    share = (patch * place.cover).sum((1, 2), keepdims=True) / (place.cover.sum((1, 2), keepdims=True) + 1)
    seen = np.where(share > 0.01, 1, np.nan)
    patch_x, patch_y, _ = wheel(patch_colour)
    contrast = (patch_colour - base).mean(-1)
    textured = np.where(k["texture"] > 0, strength, 0)
    marks = [np.sqrt(share), contrast * seen, patch_x * seen, patch_y * seen, k["patch depth"] * seen]
    return albedo, bumps - 0.12 * k["patch depth"] * patch, [*marks, k["specks"], textured]


def _texture(d: Draw, k: dict[str, Floats], place: Body, strength: Floats) -> tuple[Floats, Floats]:
    """How far each place is from the first colour to the second (0 to 1), and the bumps."""
    u, v, size = place.u, place.v, place.u.shape[1]
    kind = k["texture"].ravel().astype(int)
    pitch = (9 + 12 * k["fine"]) * place.radius  # fewer lines on a small thing: they would be finer than a pixel
    slow, fast, turn = d.field(5, size), d.field(24, size), d.uniform(0, 6.283)
    along = np.cos(turn) * u + np.sin(turn) * v
    across = np.cos(turn) * v - np.sin(turn) * u
    wave = np.sin(pitch * along + 0.8 * slow)
    tone = np.zeros_like(u)
    for number, values in (
        (1, 0.5 + 0.35 * d.field(44, size)),
        (2, 0.5 + 0.5 * (d.field(10, size) + 0.4 * fast)),
        (3, 0.5 + 0.8 * wave),
        (4, 0.5 + 0.6 * np.sin(pitch * np.hypot(along - 1.3, across * 0.5) * 1.2 + 1.2 * slow)),
        (5, 3 * (wave * np.sin(pitch * across + 0.8 * slow) - 0.45)),
        (7, 1.1 - 4 * np.abs(d.field(8, size) + 0.3 * fast)),
    ):
        rows = kind == number
        tone[rows] = values[rows]
    bumps = np.where(k["texture"] == 6, 0.05 * strength * fast, 0)
    return np.clip(tone, 0, 1), bumps


def _patches(d: Draw, k: dict[str, Floats], place: Body) -> Floats:
    """How deep in a spot a place lies: none, one, two or three, or many small spots, each with a frayed edge."""
    size = place.u.shape[1]
    kind = k["patches"]
    count = np.where(kind == 3, np.floor(d.uniform(5, 9)), np.where(kind == 2, np.floor(d.uniform(2, 4)), kind))
    wanted = k["patch radius"] * np.where(kind == 3, 0.5, np.where(kind == 1, 1.35, 1))
    nearest = np.full_like(place.u, 9)
    for i in range(8):
        angle, distance = d.uniform(0, 6.283), 0.85 * np.sqrt(d.uniform(0, 1))
        radius = wanted * d.uniform(0.6, 1.3)
        du, dv = place.u - distance * np.cos(angle), place.v - distance * np.sin(angle)
        nearest = np.where(count > i, np.minimum(nearest, np.sqrt(du * du + dv * dv) / radius), nearest)
    return 2 - nearest - 0.25 * d.uniform(0, 1) * d.field(9, size)


def shading(d: Draw, height: Floats, radius: Floats, gloss: Floats) -> Light:
    """A lamp somewhere above on one side."""
    slope_y, slope_x = np.gradient(height * radius * height.shape[1] / 2, axis=(1, 2))
    norm = 1 / np.sqrt(slope_x**2 + slope_y**2 + 1)
    turn, lean = d.uniform(0, 6.283), d.uniform(0.2, 0.9)
    lamp = (-slope_x * np.cos(turn) * lean - slope_y * np.sin(turn) * lean + 1) * norm / np.sqrt(1 + lean**2)
    ambient = d.uniform(0.35, 0.8)
    bright = np.clip(lamp, 0, 1)
    return Light(ambient + (1.1 - ambient) * bright, gloss * bright ** np.round(d.uniform(14, 50)))


def background(d: Draw, x: Floats, y: Floats) -> tuple[Floats, NDArray[np.int64], Floats]:
    """What lies behind, its type (n,), and its mean colour (n, 1, 1, 3)."""
    size = x.shape[0]
    kind = d.rng.integers(6, size=d.n)
    turn, pitch = d.uniform(0, 3.142), d.uniform(4, 16)
    along, across = np.cos(turn) * x + np.sin(turn) * y, np.cos(turn) * y - np.sin(turn) * x
    tone = np.zeros((d.n, size, size), "float32")
    wave = np.sin(pitch * along + 0.4 * d.field(4, size))
    for number, values in (
        (1, 0.5 + 0.5 * along),
        (2, 0.5 + 0.3 * d.field(4, size) + 0.2 * d.field(11, size)),
        (3, 0.5 + 0.7 * wave),
        (4, 0.5 + 2 * wave * np.sin(pitch * across)),
    ):
        tone[kind == number] = values[kind == number]
    first = colour(d.uniform(0, 1), d.uniform(0, 1) ** 2, d.uniform(0.1, 1))
    second = colour(d.uniform(0, 1), d.uniform(0, 1) ** 2, d.uniform(0.1, 1))
    picture = first + np.clip(tone, 0, 1)[..., None] * (second - first) * d.uniform(0.3, 1)[..., None]
    photographed = np.flatnonzero(kind == 5)
    picture[photographed] = _crops(d.rng, len(photographed), size)
    return picture, kind, picture.mean((1, 2), keepdims=True)


@cache
def _photographs() -> tuple[Floats, ...]:
    """scikit-learn's two photographs, a temple and a flower, 0 to 1; at full, half and a quarter of their size."""
    from sklearn.datasets import load_sample_images

    full = [image.astype("float32") / 255 for image in load_sample_images().images]
    half = [_halved(image) for image in full]
    return (*full, *half, *[_halved(image) for image in half])


def _halved(image: Floats) -> Floats:
    rows, columns = (side // 2 * 2 for side in image.shape[:2])
    return image[:rows, :columns].reshape(rows // 2, 2, columns // 2, 2, 3).mean((1, 3))


def _crops(rng: np.random.Generator, n: int, size: int) -> Floats:
    """Random squares of the photographs, turned, with their colours exchanged."""
    crops = np.empty((n, size, size, 3), "float32")
    for i in range(n):
        image = _photographs()[rng.integers(6)]
        top, left = (rng.integers(side - size) for side in image.shape[:2])
        crop = np.rot90(image[top : top + size, left : left + size], int(rng.integers(4)))
        crops[i] = crop[..., rng.permutation(3)]
    return crops
