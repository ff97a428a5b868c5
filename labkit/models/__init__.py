"""Image networks: VGG16 at any width, the course's pretrained backbone, and the preprocessing both expect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labkit.models.backbone import backbone
from labkit.models.vgg import vgg16

if TYPE_CHECKING:
    from labkit.models.preprocessing import Preprocess, preprocess

__all__ = ["Preprocess", "backbone", "preprocess", "vgg16"]


def __getattr__(name: str) -> Any:
    """`Preprocess` and `preprocess` when they are first asked for: a layer's class cannot be made without Keras."""
    if name not in ("Preprocess", "preprocess"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from labkit.models import preprocessing

    return getattr(preprocessing, name)
