"""What VGG16 expects of an image: blue, green, red, each less its mean over ImageNet."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

MEANS = (103.939, 116.779, 123.68)  # of blue, green and red over ImageNet (Simonyan and Zisserman, 2014)


@keras.saving.register_keras_serializable("labkit")
class Preprocess(keras.layers.Rescaling):
    """`preprocess` as a layer, so that a saved model takes raw images. It has no weights, and works in tf.data."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(scale=1.0, offset=[-mean for mean in MEANS], **kwargs)

    def call(self, inputs: Any) -> Any:
        """Raw RGB images (…, height, width, 3), 0 to 255, as VGG16 takes them."""
        return super().call(inputs[..., ::-1])

    def get_config(self) -> dict[str, Any]:
        """The layer's own settings: what is subtracted is fixed."""
        config = super().get_config()
        return {name: value for name, value in config.items() if name not in ("scale", "offset")}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Preprocess:
        """The layer of a saved model. Rescaling's own would look for a scale."""
        return cls(**config)


def preprocess(images: Any) -> Any:
    """RGB images (…, height, width, 3), 0 to 255, as VGG16 takes them: float32, BGR, less the channels' means.

    An array gives a new array, a tensor a tensor. The same as `keras.applications.vgg16.preprocess_input`, which
    changes a float array in place.
    """
    if isinstance(images, np.ndarray):
        return images[..., ::-1].astype("float32") - np.array(MEANS, "float32")
    return Preprocess()(images)
