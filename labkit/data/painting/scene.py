"""A picture of one fruit: its ground, its pose, its light, what hides a part of it, and the camera."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit.data.painting import apple, backdrop, banana, harmless, orange, rot
from labkit.data.painting.ball import Pose
from labkit.data.painting.canvas import Array, Canvas, blurred, canvas, centres, gaussian, step
from labkit.data.painting.surface import Light, Surface

FRUITS = ("fresh apple", "fresh banana", "fresh orange", "rotten apple", "rotten banana", "rotten orange")
APPLE, BANANA, ORANGE = range(3)
FINER = 2  # points for each pixel, along each side


def paint_fruits(labels: Any, size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """One RGB image for each label (0 to 5, as in `FRUITS`), uint8 of shape (n, size, size, 3).

    The first images do not depend on how many follow; a larger `size` shows the same scenes in more detail.
    """
    from threadpoolctl import threadpool_limits

    labels = np.asarray(labels)
    if size < 16:
        raise ValueError(f"Fruit smaller than 16 pixels cannot be told apart; size is {size}.")
    seeds = rng.integers(2**63, size=len(labels))
    images = np.empty((len(labels), size, size, 3), "uint8")
    with threadpool_limits(1, user_api="blas"):  # on products this small, threads wait for each other
        for image, label, seed in zip(images, labels, seeds, strict=True):
            image[:] = _picture(int(label), size, np.random.default_rng(seed))
    return images


def _picture(label: int, size: int, rng: np.random.Generator) -> NDArray[Any]:
    board, kind, rotten = canvas(size), label % 3, label >= 3
    image = backdrop.backdrop(board, rng)
    backdrop.clutter(board, rng, image)
    light = _light(rng)
    image *= light.ambient * 0.9 + light.tint * 0.35
    x, y = rng.uniform(-0.24, 0.24, 2)
    place = _banana if kind == BANANA else _apple if kind == APPLE else _orange
    reach = place(board, rng, image, light, x, y, rotten)
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


def _apple(
    board: Canvas, rng: np.random.Generator, image: Array, light: Light, x: float, y: float, rotten: bool
) -> float:
    pose = _pose(rng, x, y)
    fruit = apple.apple(_around(board, pose), rng, pose, _lumps(rng, rotten))
    harmless.marks(rng, fruit)
    if rotten:
        rot.rot_apple(rng, fruit)
    _lay(board, image, fruit, light, 4, pose.scale)
    if rng.random() < 0.95:
        apple.stem(board, rng, fruit, image)
    _leaf(board, rng, image, pose)
    return pose.scale


def _orange(
    board: Canvas, rng: np.random.Generator, image: Array, light: Light, x: float, y: float, rotten: bool
) -> float:
    pose = _pose(rng, x, y)
    fruit = orange.orange(_around(board, pose), rng, pose, _lumps(rng, rotten))
    harmless.marks(rng, fruit)
    if rotten:
        rot.rot_orange(rng, fruit)
    _lay(board, image, fruit, light, 3, pose.scale)
    _leaf(board, rng, image, pose)
    return pose.scale


def _banana(
    board: Canvas, rng: np.random.Generator, image: Array, light: Light, x: float, y: float, rotten: bool
) -> float:
    """One banana, or two that lean apart."""
    turn, mirrored = rng.uniform(0, 2 * np.pi), bool(rng.random() < 0.5)
    radius, width = rng.uniform(0.75, 1.15), rng.uniform(0.24, 0.30)
    angle, narrow = rng.uniform(0.66, 0.80) / radius, rng.uniform(0.85, 1.0)
    kind, green = banana.KINDS[rng.integers(len(banana.KINDS))], max(0.0, rng.normal(0.1, 0.25))
    pair, apart = rng.random() < 0.3, rng.uniform(0.25, 0.5)
    for lean in (turn + apart, turn) if pair else (turn,):
        centre = x + np.sin(lean) * radius, y - np.cos(lean) * radius
        bow = banana.Bow(*centre, radius, angle, width, lean, narrow, mirrored)
        window = board.window(*banana.frame(bow), FINER)
        fruit = banana.banana(window, rng, bow, kind, green, 0.03 if rotten else 0.01)
        harmless.marks(rng, fruit)
        if rotten:
            rot.rot_banana(rng, fruit)
        _lay(board, image, fruit, light, 3, 0.4)
    return 0.35


def _pose(rng: np.random.Generator, x: float, y: float) -> Pose:
    """A round fruit's place: its axis mostly upright, tipped towards the viewer or away."""
    scale, tip, turn = rng.uniform(0.58, 0.80), rng.uniform(0.3, 2.0), rng.normal(-np.pi / 2, 1.1)
    return Pose(x, y, scale, np.array([np.sin(tip) * np.cos(turn), np.sin(tip) * np.sin(turn), np.cos(tip)]))


def _around(board: Canvas, pose: Pose) -> Canvas:
    """The window in which a round fruit lies, lumps and all."""
    reach = 1.12 * pose.scale
    return board.window(pose.x - reach, pose.x + reach, pose.y - reach, pose.y + reach, FINER)


def _lumps(rng: np.random.Generator, rotten: bool) -> float:
    return rng.uniform(0.02, 0.05) if rotten else 0.008


def _lay(board: Canvas, image: Array, fruit: Surface, light: Light, shine: int, scale: float) -> None:
    """Put a lit fruit upon the picture, and the shadow that it throws beneath it."""
    *colours, covered = fruit.layer(fruit.lit(light, shine), board)
    shift = (-0.45 * scale * light.direction[0], -0.45 * scale * light.direction[1])
    image *= 1 - 0.55 * blurred(covered.reshape(board.shape), 0.13 * scale, shift).ravel()
    image += colours - covered * image


def _leaf(board: Canvas, rng: np.random.Generator, image: Array, pose: Pose) -> None:
    """Now and then a leaf at the stem, where the stem is on the viewer's side."""
    chance, turn, length = rng.random(), rng.normal(0, 0.8), rng.uniform(0.35, 0.55)
    if chance < 0.25 and pose.axis[2] > -0.2:
        root = (pose.x + 0.75 * pose.scale * pose.axis[0], pose.y + 0.75 * pose.scale * pose.axis[1])
        backdrop.leaf(board, rng, image, root, np.arctan2(pose.axis[1], pose.axis[0]) + turn, length)


def _leaf_shadow(board: Canvas, rng: np.random.Generator, image: Array) -> None:
    """Leaves between the sun and the whole picture: dappled light, on fruit and ground alike."""
    leaves = board.noise(rng, 7) + 0.3 * board.noise(rng, 15)
    image *= 1 - rng.uniform(0.15, 0.32) * step(0.1, 0.45, leaves)


def _camera(image: Array, size: int, rng: np.random.Generator) -> NDArray[Any]:
    """Focus, exposure, grain; and down to pixels."""
    sharp = (0.35 * 2 / size) ** 2
    soft = rng.uniform(0.0, 0.024, 2) ** 2
    down, across = (gaussian(size, size, float(np.sqrt(sharp + s))) for s in soft)
    pixels = down @ image.reshape(3, size, size) @ across.T
    dark = 1 - rng.uniform(0, 0.25) * (centres(size)[:, None] ** 2 + centres(size) ** 2) / 2
    pixels = np.clip(pixels * dark * rng.uniform(1.0, 1.25), 0, 1)
    grain = rng.uniform(0.005, 0.03) * canvas(size).noise(rng, 90).reshape(size, size)
    pixels += grain * np.array([0.9, 0.8, 1.3])[:, None, None]  # a camera's blue is its noisiest
    return np.rint(np.clip(pixels, 0, 1).transpose(1, 2, 0) * 255)
