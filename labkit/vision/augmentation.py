"""Changes of an image by a given amount, and two ways to change images together with their labels.

Images are uint8, RGB, (height, width, 3); each function returns a new one of the same shape. What a move uncovers is
filled with the nearest pixel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


def flip_left_right(image: Image, amount: float = 1.0) -> Image:
    """Mirrored where the amount is 1, as it was where it is 0."""
    return image[:, ::-1].copy() if amount else image.copy()


def flip_upside_down(image: Image, amount: float = 1.0) -> Image:
    """Upside down where the amount is 1, as it was where it is 0."""
    return image[::-1].copy() if amount else image.copy()


def turn(image: Image, degrees: float) -> Image:
    """Turned around its centre, anticlockwise."""
    from scipy import ndimage

    return np.asarray(ndimage.rotate(image, degrees, reshape=False, order=1, mode="nearest"))


def shift(image: Image, share: float) -> Image:
    """Moved to the right by a share of its width; to the left where the share is negative."""
    from scipy import ndimage

    return np.asarray(ndimage.shift(image, (0, share * image.shape[1], 0), order=1, mode="nearest"))


def brighten(image: Image, share: float) -> Image:
    """Every channel raised by a share of the whole range, 255, and cut at its ends; a negative share darkens."""
    return np.clip(image + 255.0 * share, 0, 255).astype("uint8")


def turn_hue(image: Image, share: float) -> Image:
    """Every hue moved along the circle of hues, by a share of it; greys stay as they are."""
    from PIL import Image as Pillow

    hsv = np.array(Pillow.fromarray(image).convert("HSV"))
    hsv[..., 0] += np.uint8(round(share * 256) % 256)  # wraps around, as the circle does
    return np.asarray(Pillow.fromarray(hsv, "HSV").convert("RGB"))


CHANGES: dict[str, Callable[[Image, float], Image]] = {
    "flip left-right": flip_left_right,
    "flip upside down": flip_upside_down,
    "turn": turn,
    "shift": shift,
    "brightness": brighten,
    "hue": turn_hue,
}
MOST = {"turn": 180.0, "shift": 1.0, "brightness": 1.0, "hue": 0.5}  # amounts at full strength, either way


def amounts(change: str, strength: float, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Random amounts of a change, (draws,): a flip happens with probability `strength`, other amounts are uniform
    between minus and plus `strength` times the most there is."""
    if change not in MOST:
        return (rng.random(draws) < strength).astype(float)
    return rng.uniform(-1, 1, draws) * strength * MOST[change]


def cutout(image: Image, row: int, column: int, side: int) -> Image:
    """With a grey square of `side` pixels whose upper left corner is at row, column (DeVries and Taylor, 2017)."""
    covered = image.copy()
    covered[row : row + side, column : column + side] = 128
    return covered


def mixup(
    images: NDArray[Any], one_hot: NDArray[Any], partners: NDArray[np.intp], shares: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each image and its one-hot row mixed with a partner's: `share` of itself, the rest of the partner.

    Shapes (n, height, width, 3), (n, classes), (n,), (n,); a pair of the first two. Zhang et al. (2018) draw the
    shares from a Beta distribution.
    """
    own = shares[:, None, None, None]
    mixed = own * images + (1 - own) * images[partners]
    return mixed, shares[:, None] * one_hot + (1 - shares[:, None]) * one_hot[partners]
