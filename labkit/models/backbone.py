"""Pretrained VGG16s: the course's own, whose weights ship with it, and Keras's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from labkit.models.vgg import build

if TYPE_CHECKING:
    import keras

WIDTH = 1 / 8  # the course's backbone, as a share of VGG16's filters
WEIGHTS = Path(__file__).with_name("course_vgg16.npz")  # made by pretraining.backbone


def backbone(name: str = "course", input_shape: tuple[int | None, int | None, int] = (64, 64, 3)) -> keras.Model:
    """A pretrained VGG16 without its top: preprocessed images in, feature maps (n, h/32, w/32, channels) out.

    "course" has an eighth of the filters (64 channels), learned from generated pictures; its weights ship with the
    course. "imagenet" is Keras's own (512 channels, 59 MB, loaded from the internet the first time).
    """
    if name == "course":
        return _course(input_shape)
    if name == "imagenet":
        return _imagenet(input_shape)
    raise ValueError(f'there is no backbone {name!r}: choose "course" or "imagenet"')


def _course(input_shape: tuple[int | None, int | None, int]) -> keras.Model:
    import keras

    model = build(WIDTH, input_shape, "zeros")  # to draw random kernels that are not used takes JAX ten seconds
    with np.load(WEIGHTS, allow_pickle=False) as file:
        model.set_weights([file[weight.path].astype("float32") for weight in model.weights])
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):  # so that a clone begins at random
            layer.kernel_initializer = keras.initializers.HeNormal()
    return model


def _imagenet(input_shape: tuple[int | None, int | None, int]) -> keras.Model:
    import keras

    try:
        return keras.applications.VGG16(include_top=False, weights="imagenet", input_shape=input_shape)
    except Exception as error:
        if "URL fetch failure" not in str(error):
            raise
    raise ConnectionError(
        "The ImageNet weights are not on this machine and could not be loaded from the internet: "
        'connect once and try again (Keras keeps them), or take backbone("course"), which needs no internet.'
    )
