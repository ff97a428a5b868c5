"""The model that the first assessment's reference hands in: tuned from the course's backbone on 80 images a class."""

from pathlib import Path

import numpy as np
import pytest

from labkit import data
from labkit.machine import backend

pytestmark = pytest.mark.slow  # needs Keras

MODEL = Path(__file__).resolve().parents[2] / "solutions/handed_in/assessment_1_fresh_or_rotten/fresh_or_rotten.keras"


def test_a_tuned_backbone_has_95_percent_of_new_images_right_and_slights_no_class():
    backend.start()
    import keras

    from labkit import models

    labels = np.repeat(np.arange(6), 100)
    images = data.paint_fruits(labels, 64, np.random.default_rng([95, 600]))
    model = keras.models.load_model(MODEL, custom_objects={"Preprocess": models.Preprocess}, compile=False)
    right = model.predict(images, verbose=0).argmax(axis=-1) == labels

    assert right.mean() >= 0.95
    assert right.reshape(6, 100).mean(axis=1).min() >= 0.70
