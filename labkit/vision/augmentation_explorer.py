"""Augmentation: pictures changed at random, a warning on each whose label no longer holds, and how often that is."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from labkit import data, figures
from labkit.figures import gallery
from labkit.figures.controls import Choice, Slider
from labkit.figures.kept import Canvas
from labkit.figures.stage import Explorer, View
from labkit.vision import augmentation
from labkit.vision.augmentation import CHANGES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIDE = 64  # pixels
SHOWN, COLUMNS = 12, 6  # draws in the picture, two of each original
DRAWS = 500  # for the share of labels destroyed
STRENGTHS = np.linspace(0, 1, 21)
LOST = "?"  # what a picture reads as that is nothing any more

DIRECTIONS = ("up", "left", "down", "right")  # anticlockwise
TURNED_SIGN, TURNED_DIGIT = 45.0, 60.0  # degrees up to which people read the same
OUT_OF_SIGHT = 0.5  # of the width: half of the object has left the picture
TOO_BRIGHT, TOO_BRIGHT_FOR_COLOURS = 0.85, 0.5  # of the range: lines fade late, brown spots on white early
NATURAL = {  # moves of the hue, in shares of the circle, after which the fruit shown still has a colour of its kind
    "apple": (-3 / 16, 1 / 16),  # green may turn to yellow and red
    "banana": (-1 / 32, 1 / 16),  # yellow to green
    "orange": (-1 / 32, 1 / 32),
}


@dataclass(frozen=True)
class Subject:
    """Pictures with labels, and what a label has become after a change by an amount."""

    originals: Callable[[], tuple[NDArray[np.uint8], tuple[str, ...]]]  # (COLUMNS, SIDE, SIDE, 3) and their labels
    read: Callable[[str, str, float], str]  # label, change, amount


def augmentations() -> Explorer:
    """Choose pictures, a change and its strength; see which labels no longer hold."""
    return Explorer(
        draw,
        {
            "subject": Choice("Pictures", tuple(SUBJECTS), "sixes and nines"),
            "change": Choice("Change", tuple(CHANGES), "turn"),
            "strength": Slider("Strength", 0.0, 1.0, 0.05, 0.2),
        },
    )


def _read_arrow(label: str, change: str, amount: float) -> str:
    if change == "turn":
        quarters = round(amount / 90)
        return DIRECTIONS[(DIRECTIONS.index(label) + quarters) % 4]
    sides = {"flip left-right": ("left", "right"), "flip upside down": ("up", "down")}.get(change, ())
    if amount and label in sides:
        return sides[1 - sides.index(label)]
    return _unless_lost(label, change, amount, TOO_BRIGHT)


def _read_digit(label: str, change: str, amount: float) -> str:
    if change == "turn" and abs(amount) > TURNED_DIGIT:
        return {"6": "9", "9": "6"}[label] if abs(amount) > 180 - TURNED_DIGIT else LOST
    if change.startswith("flip") and amount:
        return LOST
    return _unless_lost(label, change, amount, TOO_BRIGHT)


def _read_fruit(label: str, change: str, amount: float) -> str:
    low, high = NATURAL[label.split()[-1]]
    if change == "hue" and not low <= amount <= high:
        return LOST
    return _unless_lost(label, change, amount, TOO_BRIGHT_FOR_COLOURS)


def _unless_lost(label: str, change: str, amount: float, too_bright: float) -> str:
    most = {"shift": OUT_OF_SIGHT, "brightness": too_bright}.get(change, np.inf)
    return LOST if abs(amount) > most else label


def _arrows() -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    labels = ("up", "left", "down", "right", "up", "left")
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    shaft = (np.abs(x) < 4) & (y > -8) & (y < 22)
    head = (np.abs(x) < y + 24) & (y < -6)
    upwards = np.where((shaft | head)[..., None], np.uint8(40), np.uint8(225)).repeat(3, axis=-1)
    return np.stack([np.rot90(upwards, DIRECTIONS.index(label)) for label in labels]), labels


def _digits() -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    from PIL import Image as Pillow

    digits = data.digits()
    rows = [_clearest(digits, digit)[place] for place in range(COLUMNS // 2) for digit in (6, 9)]
    pixels = (255 - 255 * digits.x_train[rows].reshape(-1, 8, 8)).astype("uint8")
    framed = np.pad(pixels, ((0, 0), (2, 2), (2, 2)), constant_values=255)
    large = [np.asarray(Pillow.fromarray(image).resize((SIDE, SIDE), Pillow.Resampling.BICUBIC)) for image in framed]
    return np.stack(large)[..., None].repeat(3, axis=-1), ("6", "9") * 3


def _clearest(digits: data.DataSet, digit: int) -> NDArray[np.intp]:
    """The rows of a digit, those nearest to its mean image first."""
    rows = np.flatnonzero(digits.y_train == digit)
    images = digits.x_train[rows]
    return np.asarray(rows[np.argsort(np.linalg.norm(images - images.mean(axis=0), axis=1))])


def _fruits() -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    return data.paint_fruits(range(COLUMNS), SIDE, np.random.default_rng(1)), data.FRUITS


SUBJECTS = {
    "sixes and nines": Subject(functools.cache(_digits), _read_digit),
    "arrows": Subject(functools.cache(_arrows), _read_arrow),
    "fruit": Subject(functools.cache(_fruits), _read_fruit),
}


@functools.lru_cache(maxsize=512)
def lost(subject: str, change: str, strength: float) -> float:
    """Share of random draws that leave a picture with a label which no longer holds."""
    _, labels = SUBJECTS[subject].originals()
    draws = augmentation.amounts(change, strength, DRAWS, np.random.default_rng(0))
    names = np.resize(labels, DRAWS)
    read = SUBJECTS[subject].read
    return float(np.mean([read(name, change, draw) != name for name, draw in zip(names, draws, strict=True)]))


def harmless_up_to(subject: str, change: str) -> float:
    """The largest strength at which every draw keeps its label; 0 where none does."""
    safe = [strength for strength in STRENGTHS if lost(subject, change, float(strength)) == 0]
    return float(max(safe))


CANVAS = Canvas(columns=2, width=9.2, height=3.9)


@figures.styled
def draw(subject: str, change: str, strength: float) -> View:
    """One state of the explorer."""
    originals, labels = SUBJECTS[subject].originals()
    draws = augmentation.amounts(change, strength, SHOWN, np.random.default_rng(3))
    names = [*labels, *labels]
    read = [SUBJECTS[subject].read(name, change, amount) for name, amount in zip(names, draws, strict=True)]
    changed = [CHANGES[change](image, amount) for image, amount in zip([*originals, *originals], draws, strict=True)]
    wrong = sum(new != name for new, name in zip(read, names, strict=True))
    share, verdict = lost(subject, change, strength), _verdict(subject, change)

    left, right = CANVAS.axes()
    left.set_position((0.005, 0.01, 0.62, 0.94))
    gallery.show(left, [*originals, *changed], [*labels, *map(_mark, names, read)], COLUMNS)
    _chart(right, subject, change, strength)
    numbers = {
        "labels destroyed in the picture": f"{wrong} of {SHOWN}",
        f"of {DRAWS:,} draws": f"{share:.0%}",
        f"{change}, {subject}": verdict,
    }
    alt = (
        f"Left: {COLUMNS} pictures of {subject} ({', '.join(labels)}) and two random draws of each, changed by "
        f"{change} at strength {strength:g}; {wrong} of {SHOWN} are marked as no longer what their label says. Right: "
        f"the share of labels destroyed by strength, {share:.0%} at {strength:g} and "
        f"{lost(subject, change, 1.0):.0%} at 1; {verdict}."
    )
    return View(CANVAS.picture(alt), numbers)


def _verdict(subject: str, change: str) -> str:
    limit = harmless_up_to(subject, change)
    if limit == 1:
        return "every label holds"
    return f"labels are destroyed above strength {limit:g}" if limit else "labels are destroyed at every strength"


def _mark(name: str, read: str) -> str:
    if read == name:
        return f"{gallery.RIGHT} {name}"
    return f"{gallery.WRONG} {read if read != LOST else 'no ' + name.split()[-1]}"


def _chart(axis: Axes, subject: str, change: str, strength: float) -> None:
    axis.set_position((0.715, 0.14, 0.27, 0.74))
    shares = [lost(subject, change, float(s)) for s in STRENGTHS]
    axis.plot(STRENGTHS, shares, color=figures.RED)
    axis.plot([strength], [lost(subject, change, strength)], "o", color=figures.RED, markersize=9, clip_on=False)
    axis.set(xlim=(0, 1), ylim=(0, 1), xlabel="strength", ylabel="share of labels destroyed")
    axis.set_title(f"At {strength:g}, {lost(subject, change, strength):.0%} of labels die")
