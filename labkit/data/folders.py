"""A learner's own images: a folder with one sub-folder for each class."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit.data.dataset import DataSet
from labkit.data.splits import dealt

PARTS = {"train", "training", "val", "valid", "validation", "test", "testing"}
NAMED_AT_MOST = 5  # files, in one warning


def folder(path: str | os.PathLike[str], *, size: int = 64, seed: int = 0) -> DataSet:
    """Images from a folder with one sub-folder for each class, as uint8 (n, size, size, 3), RGB 0 to 255.

    Each is turned as its camera says, cut to the square in its middle and scaled to `size` pixels. Of each class a
    fifth goes to validation and a fifth to the test, dealt by `seed`. A file that cannot be read is named in a warning
    and left out; so is an image that is there twice, lest it stand in two parts. Raises ValueError, with what to do,
    where there are no images, one class only, or fewer than three images of a class.
    """
    root = Path(path).expanduser()
    classes = _classes(root)
    images, labels = _read(root, classes, size)
    _enough(root, classes, labels)
    rows = dealt(labels, np.random.default_rng(seed))
    return DataSet(
        f"Images in {root.name or root}",
        str(root),
        "whatever holds for your images",
        classes,
        *(array for part in rows for array in (images[part], labels[part])),
    )


def _classes(root: Path) -> tuple[str, ...]:
    if not root.is_dir():
        raise ValueError(f"There is no folder {str(root)!r}.")
    names = sorted(entry.name for entry in root.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    names = [name for name in names if any(_files(root / name))]
    if not names:
        raise ValueError(f"There are no images in {str(root)!r}. Expected one sub-folder for each class, images in it.")
    if {name.lower() for name in names} <= PARTS:
        raise ValueError(
            f"{str(root)!r} holds parts ({', '.join(names)}), not classes. Give a folder whose sub-folders are the "
            "classes: the parts are made here."
        )
    return tuple(names)


def _files(branch: Path) -> Iterator[Path]:
    """The files below a folder in a fixed order, but for hidden ones such as .DS_Store and .ipynb_checkpoints."""
    for file in sorted(branch.rglob("*")):
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(branch).parts):
            yield file


def _read(root: Path, classes: tuple[str, ...], size: int) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    images, labels, broken, twice = [], [], [], []
    seen: set[bytes] = set()
    for label, name in enumerate(classes):
        for file in _files(root / name):
            image = _image(file, size)
            if image is None:
                broken.append(str(file.relative_to(root)))
            elif image.tobytes() in seen:
                twice.append(str(file.relative_to(root)))
            else:
                seen.add(image.tobytes())
                images.append(image)
                labels.append(label)
    _tell(broken, "could not be read as images")
    _tell(twice, "show an image that is there already")
    return np.array(images, "uint8").reshape(-1, size, size, 3), np.array(labels, "int64")


def _image(file: Path, size: int) -> NDArray[np.uint8] | None:
    """One file's square middle; nothing where it is no image."""
    from PIL import Image, ImageOps

    try:
        with Image.open(file) as opened:
            opened.draft("RGB", (2 * size, 2 * size))  # a JPEG of 12 megapixels is decoded at the size that is needed
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    paper = Image.new("RGBA", upright.size, "white")
    return np.asarray(ImageOps.fit(Image.alpha_composite(paper, upright).convert("RGB"), (size, size)))


def _tell(files: list[str], what: str) -> None:
    if not files:
        return
    more = f" and {len(files) - NAMED_AT_MOST} more" if len(files) > NAMED_AT_MOST else ""
    warnings.warn(f"Left out, because they {what}: {', '.join(files[:NAMED_AT_MOST])}{more}.", stacklevel=4)


def _enough(root: Path, classes: tuple[str, ...], labels: NDArray[Any]) -> None:
    counts = np.bincount(labels, minlength=len(classes))
    if not counts.any():
        raise ValueError(f"There are no images in {str(root)!r} that can be read.")
    if len(classes) < 2:
        raise ValueError(f"{str(root)!r} has one class only, {classes[0]!r}: there is nothing to tell apart.")
    for name, count in zip(classes, counts, strict=True):
        if count < 3:
            raise ValueError(f"Class {name!r} has {count} images that can be read; it needs 3, one for each part.")
