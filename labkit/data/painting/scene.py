"""A picture of one fruit: its ground, its pose, its light, what hides a part of it, and the camera."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit.data.painting import apple, backdrop, banana, harmless, orange, rot
from labkit.data.painting.ball import Pose
from labkit.data.painting.canvas import Array, Canvas, canvas, centres, gaussian, step
from labkit.data.painting.surface import Light, Surface

FRUITS = ("fresh apple", "fresh banana", "fresh orange", "rotten apple", "rotten banana", "rotten orange")
APPLE, BANANA, ORANGE = range(3)
FINER = 2  # points for each pixel, along each side


def paint_fruits(labels: Any, size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """One RGB image for each label (0 to 5, as in `FRUITS`), uint8 of shape (n, size, size, 3).

    The first images do not depend on how many follow; a larger `size` shows the same scenes in more detail.
    """
    labels = np.asarray(labels)
    if size < 16:
        raise ValueError(f"Fruit smaller than 16 pixels cannot be told apart; size is {size}.")
    seeds = rng.integers(2**63, size=len(labels))
    images = np.empty((len(labels), size, size, 3), "uint8")
    for image, label, seed in zip(images, labels, seeds, strict=True):
        image[:] = _picture(int(label), size, np.random.default_rng(seed))
    return images


def _picture(label: int, size: int, rng: np.random.Generator) -> NDArray[Any]:
    kind, rotten = label % 3, label >= 3
    board = canvas(size * FINER)
    image = backdrop.backdrop(board, rng)
    backdrop.clutter(board, rng, image)
    light = _light(rng)
    image *= light.ambient * 0.9 + light.tint * 0.35
    x, y = rng.uniform(-0.24, 0.24, 2)
    reach = (
        _banana(board, rng, image, light, x, y, rotten)
        if kind == BANANA
        else _ball(board, rng, image, light, x, y, rotten, kind)
    )
    if rng.random() < 0.3:
        backdrop.in_front(board, rng, image, x, y, reach)
    if rng.random() < 0.35:
        _leaf_shadow(board, rng, image)
    return _camera(image, size, rng)


def _light(rng: np.random.Generator) -> Light:
    """From above in most pictures; warm as a lamp, or cool as the sky."""
    angle, height = rng.normal(-np.pi / 2, 0.9), rng.uniform(0.45, 0.85)
    flat = np.sqrt(1 - height * height)
    direction = np.array([flat * np.cos(angle), flat * np.sin(angle), height])
    warm = rng.normal(0, 0.06)
    tint = np.array([[1 + warm], [1.0 + rng.normal(0, 0.015)], [1 - 1.3 * warm]])
    strength, fill = rng.uniform(0.70, 0.95), rng.uniform(0.42, 0.62)
    return Light(direction, tint * strength, np.array([[1 - 0.5 * warm], [1.0], [1 + 0.6 * warm]]) * fill)


def _ball(
    board: Canvas, rng: np.random.Generator, image: Array, light: Light, x: float, y: float, rotten: bool, kind: int
) -> float:
    scale, tip, turn = rng.uniform(0.56, 0.78), rng.uniform(0.25, 2.4), rng.normal(-np.pi / 2, 1.1)
    axis = np.array([np.sin(tip) * np.cos(turn), np.sin(tip) * np.sin(turn), np.cos(tip)])
    pose, lumps = Pose(x, y, scale, axis), rng.uniform(0.02, 0.05) if rotten else 0.008
    fruit = apple.apple(board, rng, pose, lumps) if kind == APPLE else orange.orange(board, rng, pose, lumps)
    harmless.marks(board, rng, fruit)
    if rotten:
        (rot.rot_apple if kind == APPLE else rot.rot_orange)(board, rng, fruit)
    _cast(board, image, [fruit], light, scale)
    image[:, fruit.where] = fruit.lit(light, 4 if kind == APPLE else 3)
    if kind == APPLE and rng.random() < 0.85:
        apple.stem(board, rng, fruit, image)
    if rng.random() < 0.2 and tip < 1.8:
        root = (x + 0.75 * scale * axis[0], y + 0.75 * scale * axis[1])
        backdrop.leaf(board, rng, image, root, turn + rng.normal(0, 0.8), rng.uniform(0.35, 0.55))
    return scale


def _banana(
    board: Canvas, rng: np.random.Generator, image: Array, light: Light, x: float, y: float, rotten: bool
) -> float:
    turn, mirrored = rng.uniform(0, 2 * np.pi), bool(rng.random() < 0.5)
    radius, angle, width = rng.uniform(0.75, 1.15), 0.0, rng.uniform(0.21, 0.27)
    angle = rng.uniform(0.58, 0.72) / radius
    narrow, lumps = rng.uniform(0.85, 1.0), 0.03 if rotten else 0.01
    kind, green = banana.KINDS[rng.integers(4)], max(0.0, rng.normal(0.1, 0.25))
    fruits: list[Surface] = []
    for k in range(2 if rng.random() < 0.3 else 1):
        lean = turn + k * rng.uniform(0.25, 0.5)
        bow = banana.Bow(
            x + np.sin(lean) * radius, y - np.cos(lean) * radius, radius, angle, width, lean, narrow, mirrored
        )
        fruit = banana.banana(board, rng, bow, kind, green, lumps)
        harmless.marks(board, rng, fruit)
        if rotten:
            rot.rot_banana(board, rng, fruit)
        fruits.append(fruit)
    for fruit in reversed(fruits):
        _cast(board, image, [fruit], light, 0.4)
        image[:, fruit.where] = fruit.lit(light, 3)
    return 0.35


def _cast(board: Canvas, image: Array, fruits: list[Surface], light: Light, scale: float) -> None:
    """The shadow that a fruit throws upon what lies behind it."""
    mask = np.zeros(len(board.x))
    for fruit in fruits:
        mask[fruit.where] = 1
    shift = (-0.45 * scale * light.direction[0], -0.45 * scale * light.direction[1])
    image *= 1 - 0.55 * board.blurred(mask, 0.13 * scale, shift)


def _leaf_shadow(board: Canvas, rng: np.random.Generator, image: Array) -> None:
    """Leaves between the sun and the whole picture: dappled light, on fruit and ground alike."""
    leaves = board.noise(rng, 6) + 0.25 * board.noise(rng, 14)
    image *= 1 - rng.uniform(0.15, 0.35) * step(0.15, 0.35, leaves)


def _camera(image: Array, size: int, rng: np.random.Generator) -> NDArray[Any]:
    """Focus, exposure, grain; and down to pixels."""
    fine = size * FINER
    sharp = (0.45 * 2 / size) ** 2
    soft = rng.uniform(0.0, 0.024, 2) ** 2
    down, across = (gaussian(size, fine, float(np.sqrt(sharp + s))) for s in soft)
    pixels = down @ image.reshape(3, fine, fine) @ across.T
    dark = 1 - rng.uniform(0, 0.25) * (centres(size)[:, None] ** 2 + centres(size) ** 2) / 2
    pixels = np.clip(pixels * dark * rng.uniform(0.9, 1.15), 0, 1)
    grain, strength = canvas(size), rng.uniform(0.005, 0.03)
    for channel in pixels:
        channel += strength * grain.noise(rng, 90).reshape(size, size)
    return np.rint(np.clip(pixels, 0, 1).transpose(1, 2, 0) * 255)
