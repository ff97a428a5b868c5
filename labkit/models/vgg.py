"""VGG16 without its top, at any width."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

# Convolutions and filters of each block at full width: configuration D of Simonyan and Zisserman (2014).
BLOCKS = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))
SMALLEST = 2 ** len(BLOCKS)  # each block halves the image


def vgg16(width: float = 1.0, input_shape: tuple[int | None, int | None, int] = (64, 64, 3)) -> keras.Model:
    """VGG16's thirteen convolutions and five poolings with random weights, each layer with `width` times its filters.

    Layers have Keras's names, block1_conv1 to block5_pool; with `width=1` they have its shapes, too. Takes
    preprocessed images (n, height, width, 3) and gives feature maps (n, height/32, width/32, 512 * width).
    """
    return build(width, input_shape, "he_normal")


def build(width: float, input_shape: tuple[int | None, int | None, int], initializer: str) -> keras.Model:
    """`vgg16`, its kernels begun as Keras's `initializer` says."""
    import keras

    if width <= 0:
        raise ValueError(f"width must be above 0 (1 is VGG16 itself, 1/8 the course's); it is {width}")
    if any(side is not None and side < SMALLEST for side in input_shape[:2]):
        raise ValueError(f"five poolings need images of at least {SMALLEST} x {SMALLEST}; input_shape is {input_shape}")
    x = inputs = keras.Input(input_shape)
    for block, (convolutions, filters) in enumerate(BLOCKS, start=1):
        for number in range(1, convolutions + 1):
            conv = keras.layers.Conv2D(
                max(1, round(filters * width)),
                3,
                padding="same",
                activation="relu",
                kernel_initializer=initializer,
                name=f"block{block}_conv{number}",
            )
            x = conv(x)
        x = keras.layers.MaxPooling2D(name=f"block{block}_pool")(x)
    return keras.Model(inputs, x, name="vgg16")
